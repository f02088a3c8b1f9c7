import { linearRegression, mean, median } from 'simple-statistics'
import { type WorkCurve, workAt } from './work-curve.ts'
import { stretches } from './work-stretches.ts'

/** How the work of the last hours went, apart from how much it was. */
export interface WorkCharacter {
  /** Spread of ten-minute amounts around their own trend, as a share of their mean. */
  readonly unevenness: number
  /** The same between pauses. */
  readonly busyUnevenness: number
  /** How many times its own error the trend of the pace is. */
  readonly trendStrength: number
  readonly pauses: number
}

const SLOT_MIN = 10
const LOOK_BACK_MIN = 200
/** Too little history to tell: rather uneven, without a trend. */
const UNKNOWN = { unevenness: 0.3, busyUnevenness: 0.3, trendStrength: 0 } as const
/** Below this share of the mean a slot lies in a pause. */
const BUSY_SHARE = 0.3
/** Not even a perfectly even pace is known better than this. */
const LEAST_UNEVENNESS = 0.02

const slotsOf = (curve: WorkCurve, now: number): readonly number[] => {
  const from = Math.max(curve.minutes[0] ?? now, now - LOOK_BACK_MIN)
  const slots: number[] = []
  for (let at = now; at - SLOT_MIN >= from; at -= SLOT_MIN) slots.push(workAt(curve, at) - workAt(curve, at - SLOT_MIN))
  return slots
}

const steps = (values: readonly number[]): readonly number[] =>
  values.slice(1).map((value, at) => value - (values[at] ?? value))

/** Differences between neighbours, so that a trend does not count as unevenness. */
const spreadOf = (slots: readonly number[]): number => Math.sqrt(mean(steps(slots).map((step) => step * step)) / 2)

const busySpread = (slots: readonly number[], typical: number): number => {
  const busy = slots.filter((work) => work > BUSY_SHARE * typical)
  return busy.length < 4 ? UNKNOWN.busyUnevenness : (median(steps(busy).map(Math.abs)) * 1.05) / mean(busy)
}

export function workCharacter(curve: WorkCurve, now: number): WorkCharacter {
  const pauses = stretches(curve, now, LOOK_BACK_MIN).filter(({ busy }) => !busy).length
  const slots = slotsOf(curve, now)
  const typical = slots.length === 0 ? 0 : mean([...slots])
  if (slots.length < 4 || typical <= 0) return { ...UNKNOWN, pauses }
  const spread = spreadOf(slots)
  const { m: slope } = linearRegression(slots.map((work, at) => [at, work]))
  const width = Math.sqrt((slots.length * (slots.length ** 2 - 1)) / 12)
  return {
    unevenness: spread / typical,
    busyUnevenness: busySpread(slots, typical),
    trendStrength: Math.abs(slope) / ((spread + LEAST_UNEVENNESS * typical) / width),
    pauses,
  }
}
