import { mean, probit, sampleStandardDeviation } from 'simple-statistics'

/** A figure with its 95 % interval and how many samples it rests on. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly n: number
}

/** One sample of a rate: so much over so much. */
export interface Share {
  readonly part: number
  readonly whole: number
}

/** Fewer samples than these say nothing. */
export const MIN_SAMPLES = 12
export const MIN_RECOVERIES = 6

const Z = probit(0.975)
/** Nothing happened in so much: with 95 % certainty it happens less often than three times in as much. */
const NONE_SEEN = -Math.log(0.05)

/** Quantile 0.975 of Student's t (Cornish-Fisher), right to a thousandth from nine degrees of freedom on. */
const studentT = (freedom: number): number =>
  Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2)

/**
 * The sum of all parts over the sum of all wholes. Samples weigh as much as their whole, so that an hour with one message
 * does not count like one full of work. Null below the least number of samples.
 */
export const ratioEstimate = (samples: readonly Share[], atMost = Number.POSITIVE_INFINITY): Estimate | null => {
  const used = samples.filter(({ part, whole }) => whole > 0 || part > 0)
  const n = used.length
  if (n < MIN_SAMPLES) return null
  const whole = used.reduce((sum, one) => sum + one.whole, 0)
  if (whole === 0) return null
  const value = used.reduce((sum, one) => sum + one.part, 0) / whole
  if (value === 0) return { value, low: 0, high: Math.min(atMost, NONE_SEEN / whole), n }
  const squares = used.reduce((sum, one) => sum + (one.part - value * one.whole) ** 2, 0)
  const error = Math.sqrt((squares * n) / (n - 1)) / whole
  const half = studentT(n - 1) * error
  return { value, low: Math.max(0, value - half), high: Math.min(atMost, value + half), n }
}

/** Standard deviation over mean: how uneven the pace is. */
export const variationEstimate = (values: readonly number[]): Estimate | null => {
  const n = values.length
  if (n < MIN_SAMPLES) return null
  const middle = mean([...values])
  if (middle <= 0) return null
  const value = sampleStandardDeviation([...values]) / middle
  const half = studentT(n - 1) * value * Math.sqrt((0.5 + value ** 2) / n)
  return { value, low: Math.max(0, value - half), high: value + half, n }
}

/** The median with an interval of order statistics, which asks nothing of the distribution. */
export const medianEstimate = (values: readonly number[]): Estimate | null => {
  const n = values.length
  if (n < MIN_RECOVERIES) return null
  const sorted = values.toSorted((a, b) => a - b)
  const at = (rank: number): number => sorted[Math.min(n - 1, Math.max(0, rank))] ?? 0
  const reach = (Z * Math.sqrt(n)) / 2
  const value = (at(Math.floor((n - 1) / 2)) + at(Math.ceil((n - 1) / 2))) / 2
  return { value, low: at(Math.floor(n / 2 - reach) - 1), high: at(Math.ceil(n / 2 + reach)), n }
}

/** A share of a whole (Wilson): so many of so many. */
export const shareEstimate = (part: number, whole: number): Estimate | null => {
  if (whole < MIN_SAMPLES) return null
  const value = part / whole
  const middle = (value + Z ** 2 / (2 * whole)) / (1 + Z ** 2 / whole)
  const half = (Z * Math.sqrt((value * (1 - value)) / whole + Z ** 2 / (4 * whole ** 2))) / (1 + Z ** 2 / whole)
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half), n: whole }
}
