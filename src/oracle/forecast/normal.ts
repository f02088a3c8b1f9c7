import { cumulativeStdNormalProbability } from 'simple-statistics'

/** Half the width of an 80 % interval, in standard deviations. */
export const Z80 = 1.2816

/** Probability that something said to take `minutes` takes less than `limit`, its logarithm spread by `sigma`. */
export const probabilityWithin = (limit: number, minutes: number, sigma: number): number => {
  if (limit <= 0) return 0
  const z = Math.log(limit / Math.max(0.01, minutes)) / Math.max(0.02, sigma)
  // the table behind it ends at four
  return z > 4 ? 1 : z < -4 ? 0 : cumulativeStdNormalProbability(z)
}
