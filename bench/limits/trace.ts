import type { UsageObservation } from '../../src/oracle/forecast/observation.ts'
import { createRandom, type Random } from '../corpus/random.ts'

export const TRACE_KINDS = [
  'steady',
  'accelerating',
  'bursty',
  'pauses',
  'reset_inside',
  'early_reset',
  'two_windows',
  'two_machines',
  'stale_source',
] as const
export type TraceKind = (typeof TRACE_KINDS)[number]

/** One instant at which a forecast is asked for, with what really happened afterwards. */
export interface Instant {
  readonly kind: TraceKind
  readonly accountKey: string
  readonly window: string
  readonly at: Date
  /** Minutes until the usage would reach 100 %, whether a reset comes first or not. */
  readonly trueMinutes: number
  readonly resetMinutes: number
}

export interface Trace {
  readonly observations: readonly UsageObservation[]
  readonly instants: readonly Instant[]
}

const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 9, 1)

const uniform = (random: Random, low: number, high: number): number =>
  low + (random.int(0, 1_000_000) / 1_000_000) * (high - low)

/** Percent per minute, minute by minute, before it is scaled so that the limit falls where it should. */
type Rate = (minute: number) => number

const noisy = (random: Random, spread: number): (() => number) => {
  return () => Math.exp(spread * (uniform(random, -1, 1) + uniform(random, -1, 1) + uniform(random, -1, 1)))
}

const alternating = (
  random: Random,
  minutes: number,
  on: readonly [number, number],
  off: readonly [number, number],
  low: number,
): Rate => {
  const levels: number[] = []
  while (levels.length < minutes) {
    const [busy, idle] = [Math.round(uniform(random, ...on)), Math.round(uniform(random, ...off))]
    for (let k = 0; k < busy; k += 1) levels.push(1)
    for (let k = 0; k < idle; k += 1) levels.push(low)
  }
  return (minute) => levels[minute] ?? 1
}

/** Lunch: one long pause in the past, none to come. */
const onePause = (random: Random, lookBack: number): Rate => {
  const long = uniform(random, 15, Math.min(70, lookBack * 0.5))
  const from = uniform(random, 5, Math.max(6, lookBack - long - 12))
  return (minute) => (minute >= from && minute < from + long ? 0 : 1)
}

function rateOf(kind: TraceKind, random: Random, minutes: number, lookBack: number): Rate {
  const noise = noisy(random, uniform(random, 0.05, 0.35))
  const jitter = Array.from({ length: minutes + 1 }, noise)
  const shape = ((): Rate => {
    if (kind === 'accelerating') {
      const factor = uniform(random, 1.8, 5)
      return random.chance(0.5)
        ? (minute) => 1 + ((factor - 1) * minute) / minutes
        : (minute) => factor ** (minute / minutes)
    }
    if (kind === 'bursty')
      return random.chance(0.5)
        ? alternating(random, minutes, [2, 8], [2, 10], uniform(random, 0, 0.1))
        : alternating(random, minutes, [4, 15], [4, 20], uniform(random, 0, 0.1))
    if (kind === 'pauses')
      return random.chance(0.5) ? alternating(random, minutes, [20, 55], [8, 25], 0) : onePause(random, lookBack)
    return () => 1
  })()
  return (minute) => shape(minute) * (jitter[minute] ?? 1)
}

const observe = (
  over: Partial<UsageObservation> & Pick<UsageObservation, 'account_key' | 'observed_at' | 'used_pct' | 'resets_at'>,
): UsageObservation => ({
  machine: 'atlas', provider: 'openai', account_label: null, limit_id: 'codex', window: '5h',
  source: 'codex.rollout', source_rank: 10, plan: null, credits: null, status: null, ...over,
}) // biome-ignore format: one record

/** One seeded trace of a kind. The instants lie where the limit is 10 to 60 minutes away. */
export function makeTrace(kind: TraceKind, seed: number): Trace {
  const random = createRandom(seed * 7919 + TRACE_KINDS.indexOf(kind) * 104_729 + 1)
  const lookBack = Math.round(uniform(random, 60, 240))
  const total = lookBack + 240
  const rate = rateOf(kind, random, total, lookBack)
  const trueMinutes = uniform(random, 10, 60)
  // cumulated work, then scaled: from the level at the window's start to 100 % at the crossing
  const work: number[] = [0]
  for (let minute = 0; minute < total; minute += 1) work.push((work[minute] ?? 0) + rate(minute))
  const workAt = (minute: number): number => {
    const floor = Math.floor(minute)
    const [a, b] = [work[floor] ?? 0, work[floor + 1] ?? work[floor] ?? 0]
    return a + (b - a) * (minute - floor)
  }
  const at = lookBack
  const crossing = at + trueMinutes
  const hasReset = kind === 'reset_inside' || kind === 'early_reset'
  const resetAt = hasReset ? at - uniform(random, 15, Math.min(60, lookBack - 20)) : null
  const begin = resetAt ?? 0
  const first = resetAt === null ? uniform(random, 0, 30) : 0
  const scale = (100 - first) / (workAt(crossing) - workAt(begin))
  const atReset = uniform(random, 30, 95)
  const used = (minute: number): number =>
    resetAt !== null && minute < resetAt
      ? atReset - (workAt(resetAt) - workAt(minute)) * scale
      : first + (workAt(minute) - workAt(begin)) * scale
  const account = `${kind}-${seed}`
  const whole = random.chance(0.5)
  const shown = (pct: number): number => (whole ? Math.round(pct) : Math.round(pct * 10) / 10)
  const time = (minute: number): Date => new Date(START_MS + seed * 86_400_000 + Math.round(minute * MINUTE_MS))
  const resetMinutes = trueMinutes * Math.exp(uniform(random, -1.1, 1.1))
  const resetsAt = time(at + resetMinutes)
  const earlier =
    resetAt === null ? resetsAt : kind === 'early_reset' ? time(resetAt + uniform(random, 30, 200)) : time(resetAt)
  const every = uniform(random, 0.7, 5)
  const observations: UsageObservation[] = []
  for (let minute = uniform(random, 0, every); minute <= at; minute += every * uniform(random, 0.6, 1.4)) {
    if (used(minute) < 0) continue
    const observed_at = time(minute)
    const old = resetAt !== null && minute < resetAt
    const resets_at = old ? earlier : resetsAt
    const machine = kind === 'two_machines' && random.chance(0.5) ? 'borg' : 'atlas'
    observations.push(observe({ account_key: account, observed_at, used_pct: shown(used(minute)), resets_at, machine }))
    if (kind === 'two_windows')
      observations.push(
        observe({
          account_key: account,
          observed_at,
          used_pct: shown(20 + used(minute) / 8),
          resets_at: time(at + 4_000),
          window: '7d',
        }),
      )
    if (kind === 'stale_source' && random.chance(0.3)) {
      const lag = uniform(random, 15, 50)
      observations.push(
        observe({
          account_key: account, observed_at: time(minute + 0.1), used_pct: shown(used(Math.max(0, minute - lag))), resets_at,
          source: 'caam', source_rank: 30, machine: 'cygnus',
        }), // biome-ignore format: one record
      )
    }
  }
  const instants: Instant[] = [{ kind, accountKey: account, window: '5h', at: time(at), trueMinutes, resetMinutes }]
  return { observations, instants }
}
