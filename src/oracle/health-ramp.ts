/** Falls from 1 at `good` to 0 at `bad`, straight in between. */
export const severityRamp = (value: number, good: number, bad: number): number =>
  Math.min(1, Math.max(0, (bad - value) / (bad - good)))
