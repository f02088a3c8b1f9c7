import { ABSENT_FAULTS, type Fault, TRANSPORT_FAULTS } from '../core/faults.ts'
import { ageWords } from './age-words.ts'
import type { MachineStatus } from './health.ts'

/** One source on one machine, as its newest scrape left it. */
export interface SourcePicture {
  readonly source: string
  readonly up: boolean
  readonly fault: Fault | null
  readonly detail: string | null
  /** Seconds since it last succeeded; null = never. */
  readonly okAgeS: number | null
  readonly intervalS: number
  readonly consecutiveFailures: number
  /** Bytes the last run heard. */
  readonly bytes: number
}

/** Who is absent is not broken, nor is one whose look vc ended itself. */
const NOT_RED: ReadonlySet<string> = new Set<string>([...ABSENT_FAULTS, 'cancelled'])

/** A source is late when it missed three of its turns. */
export const LATE_AFTER_TURNS = 3
/** However fast a source is, half a minute of silence is not lateness yet. */
const LATE_AT_LEAST_S = 30

export const isLate = (source: SourcePicture): boolean =>
  source.okAgeS !== null && source.okAgeS > Math.max(LATE_AT_LEAST_S, source.intervalS * LATE_AFTER_TURNS + 5)

/** Why a source is red, or null when it is not. */
export const redReason = (source: SourcePicture): string | null => {
  if (source.fault && NOT_RED.has(source.fault)) return null
  if (!source.up) return source.detail ? `${source.fault ?? 'failed'} (${source.detail})` : (source.fault ?? 'failed')
  return isLate(source) ? `stale, last success ${ageWords(source.okAgeS ?? 0)} ago` : null
}

/** What is said of a machine of which `endsNothing` holds. */
export const ENDS_NOTHING = 'timeout: it lets vc in, but no script ends in time'

/** Subject of the one alert about all sources of a machine. */
export const EVERY_SOURCE = 'every source'

/**
 * Whether all that is asked most often ran out of time. Then the machine hangs (overloaded, a dead mount, a login file that
 * waits): one trouble of the machine, not ten of its sources.
 */
export const endsNothing = (sources: readonly SourcePicture[]): boolean => {
  const asked = sources.filter(({ fault }) => fault === null || !NOT_RED.has(fault))
  const pace = 2 * Math.min(...asked.map(({ intervalS }) => intervalS))
  const quick = asked.filter(({ intervalS }) => intervalS <= pace)
  return quick.length > 2 && quick.every(({ up, fault }) => !up && fault === 'timeout')
}

/**
 * offline = the way to the machine failed twice in a row; degraded = it answers but some due source is red or late;
 * unknown = never reached.
 */
export const machineStatus = (
  everAnswered: boolean,
  transportFailures: number,
  sources: readonly SourcePicture[],
): MachineStatus => {
  if (transportFailures >= 2) return everAnswered ? 'offline' : 'unknown'
  if (!everAnswered) return 'unknown'
  return transportFailures > 0 || sources.some((source) => redReason(source) !== null) ? 'degraded' : 'online'
}

/**
 * Whether the way to the machine is to blame. `bytes`: what the run heard. Who was heard was let in: then it is a tool on the
 * machine that nobody is logged in to.
 */
export const isTransportFault = (fault: Fault | null, bytes: number): boolean =>
  fault !== null && TRANSPORT_FAULTS.has(fault) && !(fault === 'auth' && bytes > 0)
