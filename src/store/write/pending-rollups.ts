import type { Talk } from '../talk.ts'
import { rebuildSystem, unrolledSystem } from './rollups.ts'
import type { RunBlock } from './wave.ts'
import { columnOf, timeRange } from './wave.ts'

/** Machines whose newest buckets are behind their samples, from `low` to `high` (ms). */
interface Pending {
  low: number
  high: number
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

const known = new WeakMap<Talk, State>()

const stateOf = (connection: Talk): State => {
  const state = known.get(connection) ?? { pending: null, unsure: true }
  known.set(connection, state)
  return state
}

/** These samples were written: their buckets are rebuilt soon, or with them when they are of another time than now. */
export const rollLater = (connection: Talk, blocks: readonly RunBlock[], nowMs: number): void => {
  const range = timeRange(blocks, 'collected_at')
  if (!range) return
  const machines = blocks.flatMap(({ block }) => (columnOf(block, 'machine_id') ?? []).map(String))
  const [low, high] = range
  if (Math.max(nowMs - low, high - nowMs) > RECENT_MS) {
    rebuildSystem(connection, low, high, machines)
    return
  }
  const state = stateOf(connection)
  state.pending ??= { low, high, machines: new Set(), sinceMs: performance.now() }
  state.pending.low = Math.min(state.pending.low, low)
  state.pending.high = Math.max(state.pending.high, high)
  for (const machine of machines) state.pending.machines.add(machine)
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
  if (isDue) rebuildSystem(connection, pending.low, pending.high, [...pending.machines])
  return () => {
    state.unsure = false
    if (isDue) state.pending = null
  }
}
