import type { Reply } from '../../core/carrier.ts'
import { messageOf, VcError } from '../../core/errors.ts'
import type { TuiPorts } from '../ports.ts'
import type { AnswerNow, ScreenAsk } from '../screen.ts'

interface Entry {
  readonly ask: ScreenAsk
  readonly params: Readonly<Record<string, unknown>>
  reply: Reply | null
  error: AnswerNow['error']
  answeredMs: number | null
  askedMs: number
  /** When the question that is under way was sent; `askedMs` may be long ago by then, so that it is asked again. */
  sentMs: number
  /** How long the last answer took. */
  tookMs: number
  wantedMs: number
  underWay: boolean
  everyMs: number
}

const NEVER: AnswerNow = { data: null, ageMs: null, staleness: {}, warnings: [], error: null }
/** Answers nobody looked at for so long are let go. */
const FORGET_MS = 300_000
/** An answer that takes long is asked for less often: no screen keeps the daemon at work for more than a fifth of the time … */
const REST = 5
/** … but never so seldom that its age is a worry. */
const LONGEST_REST_MS = 8_000

// Who finds no daemon needs the way out at sight, not the kind of silence.
const lineOf = (error: VcError): string => (isLost(error) ? `no daemon answers, ${error.fix}` : error.message)

const errorOf = (error: unknown): NonNullable<AnswerNow['error']> =>
  error instanceof VcError
    ? { line: lineOf(error), detail: `${error.code}: ${error.message}\nfix: ${error.fix}` }
    : { line: messageOf(error), detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }

export const isLost = (error: unknown): boolean => error instanceof VcError && error.code === 'daemon_lost'

interface Told {
  /** Something came or failed. */
  changed(): void
  /** `seen`: something is on the screen that grows old now. */
  lost(seen: boolean): void
  found(): void
}

/** Questions and what is known of them: each asked again when it is due, old answers kept while new ones fail. */
export const openAnswers = ({ ask, monotonicMs }: Pick<TuiPorts, 'ask' | 'monotonicMs'>, told: Told) => {
  const entries = new Map<string, Entry>()
  let lostSinceMs: number | null = null
  let underWay = 0

  const keyOf = (topic: string, params: object): string => `${topic} ${JSON.stringify(params)}`
  const paramsOf = (one: ScreenAsk, at: Date | null): Readonly<Record<string, unknown>> =>
    at === null ? (one.params ?? {}) : { ...one.params, at: at.toISOString() }

  const settle = (entry: Entry, reply: Reply | null, error: unknown): void => {
    underWay -= 1
    entry.underWay = false
    entry.tookMs = monotonicMs() - entry.sentMs
    const lost = reply === null && isLost(error)
    if (reply !== null) {
      entry.reply = reply
      entry.answeredMs = monotonicMs()
      entry.error = null
    } else entry.error = errorOf(error)
    if (lost && lostSinceMs === null) {
      lostSinceMs = monotonicMs()
      told.lost([...entries.values()].some((one) => one.reply !== null))
    }
    if (!lost && lostSinceMs !== null) {
      lostSinceMs = null
      for (const one of entries.values()) one.askedMs = Number.NEGATIVE_INFINITY
      told.found()
    }
    told.changed()
  }

  const send = (entry: Entry): void => {
    entry.underWay = true
    entry.askedMs = monotonicMs()
    entry.sentMs = entry.askedMs
    underWay += 1
    ask({ topic: entry.ask.topic, params: entry.params }).then(
      (reply) => settle(entry, reply, null),
      (error: unknown) => settle(entry, null, error),
    )
  }

  const entryFor = (one: ScreenAsk, at: Date | null, refreshMs: number): Entry => {
    const params = paramsOf(one, at)
    const key = keyOf(one.topic, params)
    const now = monotonicMs()
    const everyMs = at === null ? (one.everyMs ?? refreshMs) : Number.POSITIVE_INFINITY
    const found = entries.get(key)
    if (found !== undefined) {
      found.wantedMs = now
      found.everyMs = everyMs
      return found
    }
    const fresh: Entry = {
      ask: one, params, reply: null, error: null, answeredMs: null, askedMs: Number.NEGATIVE_INFINITY, sentMs: now,
      tookMs: 0, wantedMs: now, underWay: false, everyMs,
    } // biome-ignore format: a row
    entries.set(key, fresh)
    return fresh
  }

  // A refusal is asked again later than an answer; while nobody answers, one question at a time knocks.
  const due = (entry: Entry): boolean => {
    if (entry.underWay) return false
    if (lostSinceMs !== null) return underWay === 0 && monotonicMs() - entry.askedMs >= 900
    const restMs = Math.min(LONGEST_REST_MS, REST * entry.tookMs)
    const everyMs = Math.max(entry.everyMs, restMs, entry.error === null ? 0 : 3_000)
    // A tick that comes a few milliseconds early is not told to come again a second later.
    return monotonicMs() - entry.askedMs >= everyMs - 60
  }

  return {
    /** Asks what is due of these. `at`: the moment of a replay, asked once. */
    want(asks: readonly ScreenAsk[], at: Date | null, refreshMs: number): void {
      for (const one of asks) {
        const entry = entryFor(one, one.present ? null : at, refreshMs)
        if (due(entry)) send(entry)
      }
      const now = monotonicMs()
      for (const [key, entry] of entries) if (now - entry.wantedMs > FORGET_MS && !entry.underWay) entries.delete(key)
    },
    now(one: ScreenAsk, replayed: Date | null): AnswerNow {
      const at = one.present ? null : replayed
      const entry = entries.get(keyOf(one.topic, paramsOf(one, at)))
      if (entry === undefined) return NEVER
      return {
        data: entry.reply?.data ?? null,
        // A picture of the past does not grow older.
        ageMs: entry.answeredMs === null ? null : at === null ? monotonicMs() - entry.answeredMs : 0,
        staleness: entry.reply?.staleness ?? {},
        warnings: entry.reply?.warnings ?? [],
        error: entry.error,
      }
    },
    /** Everything is due now. */
    refresh(): void {
      for (const entry of entries.values()) entry.askedMs = Number.NEGATIVE_INFINITY
    },
    /** Milliseconds since the daemon went away; null while it answers. */
    lostMs: (): number | null => (lostSinceMs === null ? null : monotonicMs() - lostSinceMs),
    underWay: (): number => underWay,
    /** Milliseconds the oldest question waits for its answer. */
    waitingMs(): number {
      const now = monotonicMs()
      return Math.max(0, ...[...entries.values()].filter((one) => one.underWay).map((one) => now - one.sentMs))
    },
  }
}
export type Answers = ReturnType<typeof openAnswers>
