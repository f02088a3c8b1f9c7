import { floats, kernel, memory } from '../transcripts/kernel.ts'
import { modelNumber } from '../transcripts/usage-rows.ts'
import type { CodexState } from './state.ts'
import type { Counters } from './tokens.ts'

// What assembly/codex-thread.ts has there, as numbers and as texts.
const numbers = kernel.threadAt() >> 3
const texts = kernel.threadTexts()
const TEXT_BYTES = 1024
const AT = {
  ...{ isSettled: 0, place: 1, model: 2, hasRecords: 3, hasCounters: 4, hasStart: 5, limitsMs: 6 },
  ...{ turnBytes: 7, cwdBytes: 8, scopeBytes: 9, counters: 10 },
  ...{ lines: 16, firstMs: 17, lastMs: 18, rows: 19, rowMs: 20, keyBytes: 21, counts: 22, context: 23, window: 24 },
}
/** How keys of counters may begin, so that one with its numbers is stored as it is. */
const MOST_SCOPE_BYTES = 128
const PLAIN = /^[ -~]*$/

const get = (field: number): number => floats[numbers + field] as number
const set = (field: number, value: number): void => {
  floats[numbers + field] = value
}

const written: (string | null)[] = [null, null, null]

/** Puts a text where the kernel compares with it; 0 bytes where it cannot. */
const write = (which: number, text: string | null, most: number): number => {
  if (text === null || text.length > most) return 0
  if (written[which] === text) return text.length
  if (!PLAIN.test(text)) return 0
  memory.write(text, texts + which * TEXT_BYTES, 'latin1')
  written[which] = text
  return text.length
}

/** Lines come that belong to no known thread. */
export const unsettleThread = (): void => set(AT.isSettled, 0)

/**
 * Tells the kernel how a thread stands: lines that only count on from there become rows at this place and are found no more.
 * `limitsMs`: when its limits were looked at last, which were kept; 0: never.
 */
export const settleThread = (state: CodexState, place: number, scope: string, limitsMs: number): void => {
  set(AT.turnBytes, write(0, state.turnId, TEXT_BYTES))
  set(AT.cwdBytes, write(1, state.cwd, TEXT_BYTES))
  set(AT.scopeBytes, write(2, scope, MOST_SCOPE_BYTES))
  set(AT.place, place)
  set(AT.model, modelNumber(state.model))
  set(AT.hasRecords, state.hasRecords ? 1 : 0)
  set(AT.hasStart, state.turnStartedMs === null ? 0 : 1)
  set(AT.limitsMs, limitsMs > 0 ? limitsMs : -1)
  const { counters } = state
  // Without a scope no key can be made.
  set(AT.hasCounters, counters === null || get(AT.scopeBytes) === 0 ? 0 : 1)
  if (counters !== null) for (const [at, name] of COUNTERS.entries()) set(AT.counters + at, counters[name])
  set(AT.isSettled, place < 0 ? 0 : 1)
}

const COUNTERS = ['input', 'cached', 'written', 'output', 'reasoning', 'total'] as const

/** What lines that the kernel took say of their thread; null where none of them said it. */
export interface ThreadRun {
  readonly firstMs: number
  readonly lastMs: number
  readonly counters: Counters | null
  readonly contextTokens: number | null
  readonly windowTokens: number | null
  /** Of the last row. */
  readonly responseKey: string | null
  readonly responseMs: number
}

const countersNow = (): Counters => ({
  input: get(AT.counters),
  cached: get(AT.counters + 1),
  written: get(AT.counters + 2),
  output: get(AT.counters + 3),
  reasoning: get(AT.counters + 4),
  total: get(AT.counters + 5),
})

/** Of the lines that were taken since this was asked before; null: none. */
export const threadRun = (): ThreadRun | null => {
  if (get(AT.lines) === 0) return null
  const keyAt = texts + 3 * TEXT_BYTES
  const hasCounts = get(AT.counts) > 0
  const windowTokens = get(AT.window)
  const run = {
    firstMs: get(AT.firstMs),
    lastMs: get(AT.lastMs),
    counters: hasCounts ? countersNow() : null,
    contextTokens: hasCounts ? get(AT.context) : null,
    windowTokens: windowTokens < 0 ? null : windowTokens,
    responseKey: get(AT.rows) > 0 ? memory.toString('latin1', keyAt, keyAt + get(AT.keyBytes)) : null,
    responseMs: get(AT.rowMs),
  }
  set(AT.lines, 0)
  set(AT.rows, 0)
  set(AT.counts, 0)
  set(AT.window, -1)
  return run
}

set(AT.window, -1)
