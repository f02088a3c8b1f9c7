import { median } from 'simple-statistics'
import { PACE_MODELS } from './pace-models.ts'
import { type JudgedModel, judgeModel, reservation, type Trial, trialsOf } from './pace-past.ts'
import { workCharacter } from './work-character.ts'
import type { WorkCurve } from './work-curve.ts'

/** Minutes until some more work is done, with how far off such words were in this very history. */
export interface GainTime {
  readonly minutes: number
  /** Standard deviation of the logarithm of true over said time. */
  readonly sigma: number
  /** Past questions that could be checked. */
  readonly checked: number
  /** The model that weighs most. */
  readonly model: string
}

/** How sharply models with a better past are preferred. */
const SHARPNESS = 0.03
/** Past errors overlap and the models were chosen by them; on the seeded traces this makes 80 % intervals hold 80 %. */
const SIGMA_SCALE = 0.8
const UNTRIED_SIGMA = 0.4

type Mix = (of: (one: JudgedModel) => number) => number

const mixOf = (judged: readonly JudgedModel[]): { readonly mix: Mix; readonly shares: readonly number[] } => {
  const best = Math.min(...judged.map(({ score }) => score))
  const shares = judged.map(({ score }) => Math.exp((best - score) / SHARPNESS))
  const total = shares.reduce((sum, share) => sum + share, 0)
  return { shares, mix: (of) => judged.reduce((sum, one, at) => sum + of(one) * (shares[at] ?? 0), 0) / total }
}

/** Weighted root of squares of what the mixture was off by, in its own past. */
function pastSigma(judged: readonly JudgedModel[], shares: readonly number[], trials: readonly Trial[]): number {
  let [sum, weights] = [0, 0]
  for (const trial of trials) {
    let [error, share] = [0, 0]
    for (const [at, { errors }] of judged.entries()) {
      const one = errors.get(trial)
      if (one === undefined) continue
      error += one * (shares[at] ?? 0)
      share += shares[at] ?? 0
    }
    if (share === 0) continue
    sum += trial.weight * (error / share) ** 2
    weights += trial.weight
  }
  return weights > 0 ? Math.sqrt(sum / weights) : UNTRIED_SIGMA
}

/** Combines the models that told this account's own past best. Null when nothing grows. */
export function timeToGain(gain: number, curve: WorkCurve, now: number): GainTime | null {
  const said = PACE_MODELS.map((model) => model.minutesFor(gain, curve, now)).filter((one) => one !== null)
  if (said.length === 0) return null
  const trials = trialsOf(curve, now, Math.max(5, Math.min(60, median(said))))
  const character = workCharacter(curve, now)
  const history = now - (curve.minutes[0] ?? now)
  const judged = PACE_MODELS.map((model) =>
    judgeModel(model, { gain, curve, now }, trials, reservation(model, character, history)),
  ).filter((one) => one !== null)
  const best = judged.toSorted((a, b) => a.score - b.score)[0]
  if (best === undefined) return null
  const { mix, shares } = mixOf(judged)
  const minutes = Math.exp(mix((one) => Math.log(one.minutes)))
  const spread = Math.sqrt(mix((one) => Math.log(one.minutes / minutes) ** 2))
  const sigma = SIGMA_SCALE * Math.hypot(pastSigma(judged, shares, trials), spread)
  return { minutes, sigma, checked: trials.length, model: `${best.model.kind}:${best.model.minutes}` }
}
