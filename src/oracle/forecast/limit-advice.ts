import type { LimitForecast } from './rate-limit.ts'

/** What to do about one account, most urgent reading of all its windows. Minutes and percent per hour as they stand. */
export type LimitAdvice =
  | { readonly action: 'continue' }
  | { readonly action: 'slow_down'; readonly targetPctPerHour: number }
  | { readonly action: 'prepare_swap'; readonly inMinutes: number }
  | { readonly action: 'swap_now'; readonly to: string }
  | { readonly action: 'pause' }
  | { readonly action: 'wait_for_reset'; readonly at: Date }

/** An account one could go on with. */
export interface Alternative {
  readonly accountKey: string
  /** What people call it, where that is known. */
  readonly label?: string
  /** Percent that are free in its tightest window. */
  readonly headRoomPct: number
  /** Tokens of cached context that a swap throws away, in microdollars; null: not known. */
  readonly cacheLossMicrousd: number | null
}

/** Nobody is sent away from an account unless this is about certain: a swap costs its caches. */
const SURE = 0.97
const LIKELY = 0.6
const NOW_MIN = 6
const SOON_MIN = 45
/** A reset that is this near is waited for. */
const NEAR_RESET_MIN = 15
const MIN_HEAD_ROOM_PCT = 20

/** Most head-room first; a swap that throws much cache away counts as less room. */
export const rankAlternatives = (alternatives: readonly Alternative[]): readonly Alternative[] =>
  alternatives
    .filter(({ headRoomPct }) => headRoomPct >= MIN_HEAD_ROOM_PCT)
    .toSorted((a, b) => worth(b) - worth(a) || a.accountKey.localeCompare(b.accountKey))

const worth = ({ headRoomPct, cacheLossMicrousd }: Alternative): number =>
  headRoomPct - (cacheLossMicrousd ?? 0) / 1_000_000

const usedUp = (forecast: LimitForecast, best: Alternative | undefined): LimitAdvice => {
  const near = forecast.minutesToReset !== null && forecast.minutesToReset <= NEAR_RESET_MIN
  if (near || best === undefined)
    return forecast.resetsAt === null ? { action: 'pause' } : { action: 'wait_for_reset', at: forecast.resetsAt }
  return { action: 'swap_now', to: best.accountKey }
}

/** Advice for one window. Where the forecast says that the reset comes first it is never to swap. */
export function adviseOn(forecast: LimitForecast, alternatives: readonly Alternative[] = []): LimitAdvice {
  const best = rankAlternatives(alternatives)[0]
  if (forecast.outlook === 'hit') return usedUp(forecast, best)
  const { minutesToLimit, minutesToReset, probability, interval } = forecast
  if (minutesToLimit === null || probability === null || minutesToReset === null || interval === null)
    return { action: 'continue' }
  if (probability < LIKELY || minutesToLimit >= minutesToReset) return { action: 'continue' }
  const sure = probability >= SURE && interval.high < minutesToReset
  if (sure && minutesToLimit <= NOW_MIN && best !== undefined) return { action: 'swap_now', to: best.accountKey }
  if (sure && minutesToLimit <= SOON_MIN)
    return { action: 'prepare_swap', inMinutes: Math.max(0, minutesToLimit - NOW_MIN) }
  return { action: 'slow_down', targetPctPerHour: forecast.sustainablePctPerHour ?? 0 }
}

const URGENCY: Readonly<Record<LimitAdvice['action'], number>> = {
  swap_now: 5, pause: 4, wait_for_reset: 4, prepare_swap: 3, slow_down: 2, continue: 0,
} // biome-ignore format: one scale

/** The window that binds: one that is used up, else the one whose limit comes first before its reset. */
export const mostUrgent = (advices: readonly LimitAdvice[]): LimitAdvice =>
  advices.toSorted((a, b) => URGENCY[b.action] - URGENCY[a.action])[0] ?? { action: 'continue' }
