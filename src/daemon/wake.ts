/** No queue holds a beat of a second for so long: vc slept, with its machine or by a signal, or its clock was set ahead. */
const SLEPT_MS = 10_000
const BEAT_MS = 1_000
/** A look that hangs holds back the judgement of all others no longer than this. */
const LOOKS_MAX_MS = 15_000
/** Who asks meanwhile waits no longer than this, and is told what was known before. */
const ASKS_MAX_MS = 3_000

export interface WakePorts {
  readonly now: () => number
  /** Looks at what became due in the sleep; resolves when the store has it. */
  readonly look: () => Promise<unknown>
  /** Judges what was found. */
  readonly judge: () => Promise<unknown>
}

/** Nothing is judged, and nothing told, that is late only because vc itself slept: first it looks. */
export interface Wake {
  /** At once, except after a sleep: then when what was due has been looked at, or did not end in time. */
  looked(): Promise<void>
  /** The same for whoever waits for an answer, until that was judged too. */
  soon(): Promise<void>
  stop(): void
}

const atMost = async (waited: Promise<unknown>, ms: number): Promise<void> => {
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, ms).unref()
  await Promise.race([waited, over.promise]).finally(() => clearTimeout(timer))
}

export const openWake = ({ now, look, judge }: WakePorts): Wake => {
  let seenMs = now()
  let looking: Promise<void> | null = null
  let judging: Promise<unknown> | null = null
  const lookFirst = (): void => {
    const mine = atMost(
      look().catch(() => undefined),
      LOOKS_MAX_MS,
    ).finally(() => {
      if (looking === mine) looking = null
    })
    looking = mine
    const judged = mine.then(judge).finally(() => {
      if (judging === judged) judging = null
    })
    judging = judged
  }
  // Timers that came due in the sleep fire in no order that helps: whoever asks may be the first to notice it.
  const notice = (): void => {
    const atMs = now()
    const slept = atMs - seenMs > SLEPT_MS
    seenMs = atMs
    if (slept) lookFirst()
  }
  const timer = setInterval(notice, BEAT_MS).unref()
  const looked = async (): Promise<void> => {
    notice()
    while (looking !== null) await looking
  }
  const told = async (): Promise<void> => {
    await looked()
    await judging
  }
  return { looked, soon: () => atMost(told(), ASKS_MAX_MS), stop: () => clearInterval(timer) }
}
