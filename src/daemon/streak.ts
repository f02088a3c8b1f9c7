/** What failed and has not gone well since. */
export interface Streak<Trouble extends string> {
  readonly trouble: Trouble
  /** With this trouble, in a row. */
  readonly times: number
  /** With any trouble. */
  readonly failures: number
  readonly sinceMs: number
}

export const longer = <Trouble extends string>(
  before: Streak<Trouble> | undefined,
  trouble: Trouble,
  nowMs: number,
): Streak<Trouble> => ({
  trouble,
  times: before?.trouble === trouble ? before.times + 1 : 1,
  failures: (before?.failures ?? 0) + 1,
  sinceMs: before?.sinceMs ?? nowMs,
})

/** From here on the distance grows no more, so that no old trouble is missing in all logs that are kept. */
const FARTHEST = 1_024

/** The first time of a trouble, the second, the fourth, the eighth: each is as far from the last as that was from the first. */
export const isWorthALine = ({ times }: Streak<string>): boolean =>
  Number.isInteger(Math.log2(times)) || times % FARTHEST === 0

export const lastedS = ({ sinceMs }: Streak<string>, nowMs: number): number => Math.round((nowMs - sinceMs) / 1000)
