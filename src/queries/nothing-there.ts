import { VcError } from '../core/errors.ts'
import { sourceStanding } from '../core/faults.ts'
import { nameList } from '../core/nearest.ts'
import { type QueryContext, warning } from './define.ts'
import { readScrapes, type ScrapeRow } from './fleet-rows.ts'

/** Something of which an answer counts none. */
export interface NothingThere {
  /** What it is, in the plural. */
  readonly what: string
  /** Who would tell of it. */
  readonly sources: readonly string[]
  /** The warning where these were asked and there is none. */
  readonly none: readonly [code: string, sentence: string, whatToDo: string]
}

type Plan = QueryContext['plan']

/** Sources that are looked at, on this machine or on any. */
const plannedIn = ({ machines }: Plan, machine: string | undefined): ReadonlySet<string> =>
  new Set(
    machines
      .filter(({ enabled, machineId }) => enabled && (machine === undefined || machineId === machine))
      .flatMap(({ sources }) => sources.map(({ source }) => source)),
  )

/**
 * Why there is none of something, by the newest runs of who would tell: nobody asked yet, nobody can tell, or there is none.
 * No word where nothing at all is looked at.
 */
export const whyNothing = (
  scrapes: readonly ScrapeRow[],
  plan: Plan,
  machine: string | undefined,
  { what, sources, none }: NothingThere,
): string[] => {
  const planned = plannedIn(plan, machine)
  if (planned.size === 0) return []
  const untold = (why: string, fix: string): string[] => [
    warning('not_collected', `${what} are not collected yet, so there are none here: ${why}`, fix),
  ]
  const asked = sources.filter((source) => planned.has(source))
  if (asked.length === 0)
    return untold(
      `nobody asks for them (${nameList(sources)})`,
      'vc config explain collectors; vc robot collectors --json',
    )
  const rows = scrapes.filter(({ source }) => asked.includes(source))
  if (rows.some(({ last_ok_at }) => last_ok_at !== null)) return [warning(...none)]
  if (rows.length === 0)
    return untold('no look for them has ended', 'ask again in some seconds; without a daemon: vc collect')
  const failing = [...new Set(rows.filter((row) => sourceStanding(row) === 'down').map(({ source }) => source))]
  const [first] = failing
  return first === undefined
    ? untold(`what tells of them is on no machine (${nameList(asked)})`, 'vc doctor')
    : untold(`no machine has answered for ${nameList(failing)}`, `vc robot scrapes --source ${first} --json`)
}

/** The same for an answer that has nothing; no word where the past is not remembered. */
export const nothingWarnings = async (
  ctx: QueryContext,
  at: Date | null,
  machine: string | undefined,
  nothing: NothingThere,
): Promise<string[]> => {
  const scrapes = await readScrapes(ctx, at, machine).catch((error: unknown) => {
    if (error instanceof VcError && error.code === 'no_history') return null
    throw error
  })
  return scrapes === null ? [] : whyNothing(scrapes, ctx.plan, machine, nothing)
}
