import type { Talk } from '../talk.ts'
import { rebuildSystem, unrolledSystem } from './rollups.ts'
import type { RunBlock } from './wave.ts'
import { columnOf, timeRange } from './wave.ts'

/** From the first to the last sample, in ms. */
interface Span {
  readonly low: number
  readonly high: number
}

/** Machines whose newest buckets are behind their samples, and the times of those: one span, unless the clock was set. */
interface Pending {
  spans: readonly Span[]
  readonly machines: Set<string>
  /** `performance.now()` of the first of them. */
  readonly sinceMs: number
}

interface State {
  pending: Pending | null
  /** A process before this one may have ended with buckets behind: not looked at yet. */
  unsure: boolean
}

/** An open bucket changes with every sample; rebuilding it once for all of a minute costs a fraction. */
const REST_MS = 60_000
/** Samples of another time than now are rare: their buckets are rebuilt with them. */
const RECENT_MS = 600_000

/**
 * Samples further apart are not of one span. What lies between is rebuilt from its samples, and those of a whole day may lie
 * in the archive alone: its buckets would be gone.
 */
const APART_MS = 12 * 3_600_000

const joined = (spans: readonly Span[]): readonly Span[] => {
  const done: Span[] = []
  for (const span of spans.toSorted((a, b) => a.low - b.low)) {
    const last = done.at(-1)
    if (last === undefined || span.low - last.high > APART_MS) done.push(span)
    else done[done.length - 1] = { low: last.low, high: Math.max(last.high, span.high) }
  }
  return done
}

const known = new WeakMap<Talk, State>()

const stateOf = (connection: Talk): State => {
  const state = known.get(connection) ?? { pending: null, unsure: true }
  known.set(connection, state)
  return state
}

/** These samples were written: their buckets are rebuilt soon, or with them when they are of another time than now. */
export const rollLater = (connection: Talk, blocks: readonly RunBlock[], nowMs: number): void => {
  const spans = joined(
    blocks.flatMap((block) => {
      const range = timeRange([block], 'collected_at')
      return range === null ? [] : [{ low: range[0], high: range[1] }]
    }),
  )
  const machines = blocks.flatMap(({ block }) => (columnOf(block, 'machine_id') ?? []).map(String))
  if (spans.some(({ low, high }) => Math.max(nowMs - low, high - nowMs) > RECENT_MS)) {
    rebuildSpans(connection, spans, machines)
    return
  }
  if (spans.length === 0) return
  const state = stateOf(connection)
  state.pending ??= { spans: [], machines: new Set(), sinceMs: performance.now() }
  state.pending.spans = joined([...state.pending.spans, ...spans])
  for (const machine of machines) state.pending.machines.add(machine)
}

const rebuildSpans = (connection: Talk, spans: readonly Span[], machines: readonly string[]): void => {
  for (const { low, high } of spans) rebuildSystem(connection, low, high, machines)
}

/** Whether a reader of the buckets would miss something; `surely`: something this process wrote. */
export const areBehind = (connection: Talk, surely = false): boolean => {
  const { pending, unsure } = stateOf(connection)
  return pending !== null || (unsure && !surely)
}

/**
 * Before anything else is written: buckets that a process before this one left behind when it was killed are rebuilt, once.
 * A bucket with more in it than its samples lost them to the archive, and stays.
 */
export const catchUp = async (connection: Talk): Promise<void> => {
  if (!stateOf(connection).unsure) return
  const left = await unrolledSystem(connection)
  if (left !== null) rebuildSystem(connection, left.low, left.high, left.machines)
}

/** Rebuilds what is due, or everything that waits, in the transaction under way. Call the result once that is committed. */
export const rollPending = (connection: Talk, everything: boolean): (() => void) => {
  const state = stateOf(connection)
  const { pending } = state
  const isDue = pending !== null && (everything || performance.now() - pending.sinceMs >= REST_MS)
  if (isDue) rebuildSpans(connection, pending.spans, [...pending.machines])
  return () => {
    state.unsure = false
    if (isDue) state.pending = null
  }
}
