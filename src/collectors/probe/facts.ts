import type { ProbeFacts, ProbeReading } from './reading.ts'

/** Facts as the cursor `facts` of the probe keeps them; the daemon merges them into `machines`. */
export interface MachineProbeFacts extends ProbeFacts {
  readonly clockSkewMs: number | null
  readonly nvidia: boolean
}

/** Identity and clock of a machine out of one reading. */
export const machineFactsOf = (reading: ProbeReading, clockSkewMs: number | null): MachineProbeFacts => ({
  ...reading.facts,
  clockSkewMs,
  nvidia: reading.system.nvidia,
})

const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberIn = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** The cursor `facts` read back; null when it holds something else. */
export const decodeFacts = (value: unknown): MachineProbeFacts | null => {
  if (typeof value !== 'object' || value === null || !('os' in value) || typeof value.os !== 'string') return null
  const facts = value as Readonly<Record<string, unknown>>
  return {
    os: value.os,
    hostname: textIn(facts.hostname),
    osVersion: textIn(facts.osVersion),
    kernel: textIn(facts.kernel),
    bootId: textIn(facts.bootId),
    cores: numberIn(facts.cores),
    clockSkewMs: numberIn(facts.clockSkewMs),
    nvidia: facts.nvidia === true,
  }
}

// A longer exchange (a login, a queue, a busy machine) hides when in it the clock was read.
const QUICK_MS = 2_000

/**
 * Remote clock minus vc's. The remote second is taken at its middle, the exchange at its midpoint; both in ms. Null when a
 * long exchange explains the difference.
 */
export const clockSkewMs = (epochS: number | null, sentMs: number, receivedMs: number): number | null => {
  const skew = epochS === null ? null : Math.round(epochS * 1000 + 500 - (sentMs + receivedMs) / 2)
  if (skew === null || !Number.isSafeInteger(skew)) return null
  const tookMs = receivedMs - sentMs
  return tookMs > QUICK_MS && Math.abs(skew) <= tookMs ? null : skew
}

/** What the machine tells is a whole second: less than that is no other skew, and would be written at every look. */
const TOLD_MS = 1_000

/** The skew as it was known before, while the new one is no other within what can be told. */
export const steadySkewMs = (before: number | null, now: number | null): number | null =>
  before !== null && now !== null && Math.abs(now - before) < TOLD_MS ? before : now
