import type { PaceModel } from './pace-models.ts'
import type { WorkCharacter } from './work-character.ts'
import { minuteOf, type WorkCurve, workAt } from './work-curve.ts'

/** A moment of the past at which it is known by now how long some work then took. */
export interface Trial {
  readonly at: number
  readonly gain: number
  readonly actualMinutes: number
  /** Nearer moments, and horizons like the one asked for, count more. */
  readonly weight: number
}

const EVERY_MIN = 4
const LOOK_BACK_MIN = 150
const FORGET_MIN = 90
const HORIZONS_MIN = [8, 15, 25, 40, 60] as const

/** Questions that this curve itself has answered; `wanted` minutes is about how far the real one looks ahead. */
export function trialsOf(curve: WorkCurve, now: number, wanted: number): readonly Trial[] {
  const trials: Trial[] = []
  const from = Math.max((curve.minutes[0] ?? now) + 10, now - LOOK_BACK_MIN)
  for (let at = now - HORIZONS_MIN[0]; at >= from; at -= EVERY_MIN)
    for (const horizon of HORIZONS_MIN.filter((minutes) => at + minutes <= now)) {
      const work = workAt(curve, at)
      const gain = workAt(curve, at + horizon) - work
      const end = minuteOf(curve, work + gain)
      if (gain <= curve.stepPct || end === null) continue
      const weight = Math.exp(-(now - at) / FORGET_MIN - Math.abs(Math.log(horizon / wanted)))
      trials.push({ at, gain, actualMinutes: Math.max(0.5, end - at), weight })
    }
  return trials
}

/** What a model says now, how wrong it was before, and each of its past errors: logarithm of true over said time. */
export interface JudgedModel {
  readonly model: PaceModel
  readonly minutes: number
  readonly score: number
  readonly errors: ReadonlyMap<Trial, number>
}

const MAX_ERROR = 1.5
/** A model that could not speak at a moment was about that wrong. */
const SILENT_ERROR = 0.5
const UNTRIED_SCORE = 0.3
const LONGEST_MIN = 24 * 60

const UNEVENNESS_WEIGHT = 3
const BUSY_DISCOUNT = 0.7
const TREND_WEIGHT = 0.2
const CLEAR_TREND = 3
/** From the third pause on, pauses belong to the way of working. */
const PAUSE_WEIGHT = 0.08

/**
 * What the character of the work says against a model before its past is looked at: short windows of uneven work are chance,
 * a trend must stand out of the noise, and who pauses again and again will pause again.
 */
export function reservation(model: PaceModel, character: WorkCharacter, historyMinutes: number): number {
  const { kind, minutes } = model
  const busy = kind === 'busy'
  const seen = busy || kind === 'pace' ? minutes : minutes / 4
  const uneven = busy ? Math.min(character.unevenness, character.busyUnevenness * BUSY_DISCOUNT) : character.unevenness
  const chance = UNEVENNESS_WEIGHT * uneven * Math.sqrt(10 / Math.min(seen, Math.max(10, historyMinutes)))
  const clear = Math.max(-1, Math.min(1, (character.trendStrength - CLEAR_TREND) / CLEAR_TREND))
  const trend = kind === 'trend' || kind === 'growth' ? -TREND_WEIGHT * clear : 0
  const pausing = busy ? PAUSE_WEIGHT * Math.max(0, character.pauses - 2) : 0
  return model.handicap + chance + trend + pausing
}

/** Asks a model the question and those of the past. Null: it cannot answer the question. */
export function judgeModel(
  model: PaceModel,
  question: { readonly gain: number; readonly curve: WorkCurve; readonly now: number },
  trials: readonly Trial[],
  reserved: number,
): JudgedModel | null {
  const { gain, curve, now } = question
  const minutes = model.minutesFor(gain, curve, now)
  if (minutes === null || !Number.isFinite(minutes)) return null
  const errors = new Map<Trial, number>()
  let [sum, weights] = [0, 0]
  for (const trial of trials) {
    const said = model.minutesFor(trial.gain, curve, trial.at)
    const error = said === null || said <= 0 ? null : Math.log(trial.actualMinutes / said)
    if (error !== null) errors.set(trial, Math.max(-MAX_ERROR, Math.min(MAX_ERROR, error)))
    sum += trial.weight * Math.abs(errors.get(trial) ?? SILENT_ERROR)
    weights += trial.weight
  }
  const past = weights > 0 ? sum / weights : UNTRIED_SCORE
  return { model, minutes: Math.min(Math.max(0.1, minutes), LONGEST_MIN), score: past + reserved, errors }
}
