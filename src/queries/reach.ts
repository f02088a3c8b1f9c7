import { VcError } from '../core/errors.ts'
import * as read from '../store/index.ts'
import type { Query, QueryContext } from './define.ts'
import { type FleetRows, readMachines, when } from './fleet-rows.ts'
import { momentOf, namesIn } from './params.ts'
import { assemblePicture, pictureStaleness, pictureWarnings } from './picture.ts'

/** How far an answer about machines reaches: how old its sources are, and which machines it tells nothing new of. */
export interface Reach {
  readonly staleness: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
}

const NOTHING: Reach = { staleness: {}, warnings: [] }

const onlyOf = (ages: Record<string, number>, sources: readonly string[]): Record<string, number> =>
  sources.length === 0 ? ages : Object.fromEntries(Object.entries(ages).filter(([source]) => sources.includes(source)))

const rowsOf = async (ctx: QueryContext, at: Date | null): Promise<FleetRows> => {
  if (at === null && ctx.ready !== undefined) return ctx.ready()
  const [machines, scrapes] = await Promise.all([readMachines(ctx, at), read.latestScrapes(ctx.db, when(at))])
  return { machines, scrapes, sys: [], filesystems: [], agents: [], alerts: [], repos: [] }
}

/** The reach of an answer that rests on these sources; `only`: of these machines. */
export const readReach = async (
  ctx: QueryContext,
  at: Date | null,
  sources: readonly string[],
  only?: readonly string[],
): Promise<Reach> => {
  const rows = await rowsOf(ctx, at).catch((error: unknown) => {
    // How it stood then is not remembered: whoever tells the rest of that time says so.
    if (error instanceof VcError && error.code === 'no_history') return null
    throw error
  })
  if (rows === null) return NOTHING
  const named = only === undefined ? null : new Set(only)
  // Of one that is disabled and named, its past is told: whoever answers says so.
  const mine = named === null ? rows.machines : rows.machines.filter((row) => row.enabled && named.has(row.machine_id))
  if (mine.length === 0) return NOTHING
  const picture = assemblePicture({ ...rows, machines: mine }, ctx.plan, at ?? ctx.now)
  return {
    staleness: onlyOf(pictureStaleness(picture), sources),
    warnings: pictureWarnings({ ...picture, notYetKnown: [] }, sources),
  }
}

/** The reach of a query's answer, as the query says what it rests on; nothing where it rests on no machine. */
export const reachOf = async (query: Query, params: unknown, ctx: QueryContext): Promise<Reach> => {
  if (query.sources === undefined) return NOTHING
  const { at, machine } = params as { readonly at?: string; readonly machine?: string }
  return readReach(ctx, momentOf({ at }, ctx.now), query.sources, machine === undefined ? undefined : namesIn(machine))
}
