import { limitSeries, predictLimit, storedLimit } from '../oracle/predictions-limit.ts'
import type { Foretold } from '../oracle/triage-forecasts.ts'
import type { RedSource, RetentionWarning } from '../oracle/triage-sources.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { readLimitFacts } from './limit-facts.ts'
import type { FleetPicture } from './picture.ts'

/** A daemon tells its forecasts again every five minutes; older ones are of one that no longer runs. */
const FORECAST_LIVES_MS = 15 * 60_000
/** Why nothing can be foretold it tells again every hour. */
const SILENCE_LIVES_MS = 65 * 60_000

const object = (json: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(json)
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

const foretold = (row: read.PredictionRow): Foretold => ({
  kind: row.kind,
  machineId: row.machine_id,
  subject: row.subject,
  outlook: row.outlook,
  valueMinutes: row.value_minutes,
  probability: row.probability,
  action: row.action,
  confidence: row.confidence,
  basis: object(row.basis_json),
  advice: object(row.advice_json),
})

// A window that was used up stays so until its reset, however long ago that was told.
const stands = (row: read.PredictionRow, atMs: number): boolean => {
  if (row.outlook === 'forecast') return atMs - Date.parse(row.made_at) <= FORECAST_LIVES_MS
  const { resets_at: resets } = object(row.basis_json)
  return row.outlook === 'hit' && typeof resets === 'string' && Date.parse(resets) > atMs
}

/** Whether a daemon was there to foretell limits: computing them anew costs as much as a tick of its own. */
const toldLately = (rows: readonly read.PredictionRow[], atMs: number): boolean => {
  const limits = rows.filter(({ kind }) => kind === 'limit')
  const ageOf = (row: read.PredictionRow): number => atMs - Date.parse(row.made_at)
  return (
    limits.some((row) => ageOf(row) <= SILENCE_LIVES_MS) &&
    limits.every((row) => row.outlook !== 'forecast' || ageOf(row) <= FORECAST_LIVES_MS)
  )
}

/** What was foretold and still stands; limits are computed here where no daemon has lately. */
export const readForetold = async (ctx: QueryContext, at: Date | null): Promise<readonly Foretold[]> => {
  const moment = at ?? ctx.now
  const rows = await read.predictions(ctx.db, at === null ? {} : { at })
  const standing = rows.filter((row) => stands(row, moment.getTime())).map(foretold)
  if (toldLately(rows, moment.getTime())) return standing
  const { observations, swap } = await readLimitFacts(ctx, at)
  const now = limitSeries(observations).map((series) => storedLimit(predictLimit(series, swap, moment)))
  return [...standing.filter(({ kind }) => kind !== 'limit'), ...now]
}

/** Sources that answered badly on machines that can be reached; that a machine as a whole hangs is an alert of its own. */
export const redSources = (fleet: FleetPicture): readonly RedSource[] =>
  fleet.machines.flatMap(({ view }) =>
    view.redSources.flatMap(({ source, why, late }) => {
      const failures = view.sources.find((one) => one.source === source)?.consecutiveFailures ?? 0
      return late || view.hangs ? [] : [{ machineId: view.machineId, source, why, consecutiveFailures: failures }]
    }),
  )

/** Machines whose way is broken: what hangs on them is told by that alone. */
export const goneMachines = (fleet: FleetPicture): ReadonlySet<string> =>
  new Set(
    fleet.machines.flatMap(({ view }) => (view.transportFailures >= 2 || view.ageS === null ? [view.machineId] : [])),
  )

export const retentionOf = (fleet: FleetPicture): readonly RetentionWarning[] => {
  const looked = new Set(fleet.machines.map(({ view }) => view.machineId))
  return fleet.rows.scrapes
    .filter((row) => row.source === 'retention' && row.warnings_json !== null && looked.has(row.machine_id))
    .flatMap((row) => {
      const list: unknown = JSON.parse(row.warnings_json ?? '[]')
      if (!Array.isArray(list)) return []
      return (
        list as readonly { readonly code?: unknown; readonly message?: unknown; readonly fix?: unknown }[]
      ).flatMap(({ code, message, fix }) =>
        code === 'retention' && typeof message === 'string' && typeof fix === 'string'
          ? [{ machineId: row.machine_id, message, fix }]
          : [],
      )
    })
}

/** Seconds since anything was asked of any machine, however it ended, and how often its quickest source is asked. */
export const lastLook = (fleet: FleetPicture): { readonly ageS: number | null; readonly paceS: number } => {
  const sources = fleet.machines.flatMap(({ view }) => view.sources)
  const newest = fleet.rows.scrapes
    .map((row) => row.collected_at)
    .sort()
    .at(-1)
  return {
    ageS: newest === undefined ? null : Math.floor((fleet.at.getTime() - Date.parse(newest)) / 1000),
    paceS: Math.min(...sources.map(({ intervalS }) => intervalS)),
  }
}

/** What fires and still asks for somebody: a way that holds again is nothing to look at, though its alert waits to be sure. */
export const firingNow = (fleet: FleetPicture): FleetPicture['rows']['alerts'] => {
  const answers = new Set(
    fleet.machines
      .filter(({ view }) => view.transportFailures === 0 && view.ageS !== null)
      .map((m) => m.view.machineId),
  )
  return fleet.rows.alerts.filter(
    ({ status, rule, machine_id: id }) =>
      status === 'firing' && !(rule === 'machine_unreachable' && id !== null && answers.has(id)),
  )
}
