import { phaseMs } from '../core/ids.ts'

/** Ticks of one machine: fixed phase from its id, same after a restart, evenly spread over the fleet. */
export interface Beat {
  readonly phaseMs: number
  readonly baseTickMs: number
}

export const beatOf = (machineId: string, baseTickMs: number): Beat => ({
  phaseMs: phaseMs(machineId, baseTickMs),
  baseTickMs,
})

/** The tick that is running at `nowMs`; ticks are counted from the epoch. */
export const tickAt = (beat: Beat, nowMs: number): number => Math.floor((nowMs - beat.phaseMs) / beat.baseTickMs)

/** When the next tick begins. */
export const nextTickMs = (beat: Beat, nowMs: number): number =>
  (tickAt(beat, nowMs) + 1) * beat.baseTickMs + beat.phaseMs

/** An interval as a whole number of base ticks, at least one, so that what is due on a machine is due together. */
export const everyTicks = (intervalS: number, baseTickMs: number): number =>
  Math.max(1, Math.round((intervalS * 1000) / baseTickMs))

/** How many intervals pass between two looks at a source that showed the same `same` times in a row: at most four. */
export const stretchOf = (same: number): number => 2 ** Math.min(2, Math.floor(same / 2))

/** Due on this tick: its turn has come, it never ran, or the clock was set back behind its last run. */
export const isDue = (tick: number, every: number, lastTick: number | null): boolean =>
  lastTick === null || Math.floor(tick / every) !== Math.floor(lastTick / every)

/** Turns that went by unused between two runs (a late run is dropped and counted, never queued). */
export const turnsMissed = (tick: number, every: number, lastTick: number | null): number =>
  lastTick === null ? 0 : Math.max(0, Math.floor(tick / every) - Math.floor(lastTick / every) - 1)

/** `polling.retry_min_seconds` and `retry_max_seconds`. */
export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/**
 * Pause before the nth retry of a machine that cannot be reached, with full jitter: any time from the first wait to a ceiling,
 * which begins as that one and doubles to the longest. Machines that were lost together are not tried together. The floor is
 * the first wait and not zero, because a server that refuses logins must not be asked again at once; when machines are lost,
 * their phases keep the first retries apart.
 */
export const backoffMs = (failures: number, random: number, { firstMs, maxMs }: Backoff): number => {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1))
  return Math.round(firstMs + (ceiling - firstMs) * random)
}
