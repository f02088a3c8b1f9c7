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

/** What is looked at on this machine, or on any. */
const plannedIn = ({ machines }: Plan, machine: string | undefined): Plan['machines'] =>
  machines.filter(({ enabled, machineId }) => enabled && (machine === undefined || machineId === machine))

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
  const machines = plannedIn(plan, machine)
  if (machines.length === 0) return []
  const untold = (why: string, fix: string): string[] => [
    warning('not_collected', `${what} are not collected yet, so there are none here: ${why}`, fix),
  ]
  const planned = new Set(machines.flatMap((one) => one.sources.map(({ source }) => `${one.machineId} ${source}`)))
  const asked = sources.filter((source) => machines.some((one) => planned.has(`${one.machineId} ${source}`)))
  if (asked.length === 0)
    return untold(
      `nobody asks for them (${nameList(sources)})`,
      'vc config explain collectors; vc robot collectors --json',
    )
  const rows = scrapes.filter((row) => asked.includes(row.source) && planned.has(`${row.machine_id} ${row.source}`))
  if (rows.some(({ last_ok_at }) => last_ok_at !== null)) return [warning(...none)]
  if (rows.length === 0)
    return untold('no look for them has ended', 'ask again in some seconds; without a daemon: vc collect')
  const failing = [...new Set(rows.filter((row) => sourceStanding(row) === 'down').map(({ source }) => source))]
  const [first] = failing
  return first === undefined
    ? untold(`what tells of them is on no machine (${nameList(asked)})`, 'vc doctor')
    : untold(`no machine has answered for ${nameList(failing)}`, `vc robot scrapes --source ${first} --json`)
}

// By the rows that also say beside the answer how far it reaches: those two must not contradict each other.
const runsOf = async (ctx: QueryContext, at: Date | null): Promise<readonly ScrapeRow[] | null> => {
  if (at === null && ctx.ready !== undefined) return (await ctx.ready()).scrapes
  return readScrapes(ctx, at).catch((error: unknown) => {
    if (error instanceof VcError && error.code === 'no_history') return null
    throw error
  })
}

/** The same for an answer that has nothing; no word where the past is not remembered. */
export const nothingWarnings = async (
  ctx: QueryContext,
  at: Date | null,
  machine: string | undefined,
  nothing: NothingThere,
): Promise<string[]> => {
  const scrapes = await runsOf(ctx, at)
  return scrapes === null ? [] : whyNothing(scrapes, ctx.plan, machine, nothing)
}
