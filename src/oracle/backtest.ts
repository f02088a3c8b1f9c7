import type { UsageObservation } from './forecast/observation.ts'
import { forecastLimit } from './forecast/rate-limit.ts'
import { type Score, scoreOf, whatCameOfLimit } from './predictions-score.ts'

const MINUTE_MS = 60_000
/** As much as the live forecaster is given. */
const GIVEN_MS = 7 * 60 * MINUTE_MS
/** Around the reset, so that what came after it is seen. */
const AFTER_MS = 60 * MINUTE_MS

export interface Replayed {
  readonly instants: number
  readonly scores: readonly Score[]
}

/** Moments in [since, until], `everyMin` apart. */
export const instantsBetween = (since: Date, until: Date, everyMin: number): readonly Date[] => {
  const instants: Date[] = []
  for (let ms = since.getTime(); ms <= until.getTime(); ms += everyMin * MINUTE_MS) instants.push(new Date(ms))
  return instants
}

const between = (seen: readonly UsageObservation[], fromMs: number, toMs: number): readonly UsageObservation[] =>
  seen.filter(({ observed_at: at }) => at.getTime() >= fromMs && at.getTime() <= toMs)

/**
 * What the live forecaster would have said at `at` about one series, and what came: null where it would have said nothing.
 * Nothing from after `at` reaches the forecast.
 */
export const replayLimit = (seen: readonly UsageObservation[], at: Date): Score | null => {
  const atMs = at.getTime()
  const said = forecastLimit(between(seen, atMs - GIVEN_MS, atMs), at)
  if (said.outlook !== 'forecast' || said.resetsAt === null) return null
  const horizonAt = said.resetsAt
  const came = whatCameOfLimit(
    { madeAt: at, horizonAt },
    between(seen, atMs - AFTER_MS, horizonAt.getTime() + AFTER_MS),
  )
  return scoreOf(
    {
      kind: 'limit',
      machineId: '',
      subject: '',
      madeAt: at,
      horizonAt,
      valueMinutes: said.minutesToLimit,
      low: said.interval?.low ?? null,
      high: said.interval?.high ?? null,
      probability: said.probability,
    },
    came,
  )
}
