import type { ProbeReading } from './reading.ts'

/** What the next look is compared with; lives in the cursor, as text. */
export interface ProbeBase {
  readonly bootId: string | null
  readonly uptimeS: number
  /** Epoch seconds of the boot as first seen: the kernel's own value moves by a second when the clock is adjusted. */
  readonly bootedS: number | null
  readonly counters: ReadonlyMap<string, bigint>
  /** `pid:startTicks` to ticks used. */
  readonly ticks: ReadonlyMap<string, number>
}

const MAX_GAP_S = 15 * 60

/** Seconds of remote uptime since the base; null after a restart, a reboot or a gap that a rate would smear over. */
export const windowS = (base: ProbeBase | null, reading: ProbeReading): number | null => {
  if (base === null || reading.uptimeS === null || base.bootId !== reading.facts.bootId) return null
  const seconds = reading.uptimeS - base.uptimeS
  return seconds > 0 && seconds <= MAX_GAP_S ? seconds : null
}

export const processKey = (process: { readonly pid: number; readonly startTicks: bigint }): string =>
  `${process.pid}:${process.startTicks}`

/** When the machine booted, held still within one boot so that start times of processes do not wander. */
export const steadyBoot = (before: ProbeBase | null, reading: ProbeReading): number | null => {
  const [old, now] = [before?.bootedS ?? null, reading.bootedS]
  if (old === null || now === null || before?.bootId !== reading.facts.bootId) return now
  return Math.abs(old - now) <= 2 ? old : now
}

/** The base for the next look; null when the machine told no uptime. */
export const baseOf = (reading: ProbeReading, before: ProbeBase | null): ProbeBase | null =>
  reading.uptimeS === null
    ? null
    : {
        bootId: reading.facts.bootId,
        uptimeS: reading.uptimeS,
        bootedS: steadyBoot(before, reading),
        counters: reading.counters,
        ticks: ticksOf(reading),
      }

const ticksOf = ({ processes }: ProbeReading): ReadonlyMap<string, number> => {
  const ticks = new Map<string, number>()
  for (const process of processes ?? []) ticks.set(processKey(process), process.ticks)
  return ticks
}

/** Names and values by turns, a line each: an object with a key for each process costs more to make, write and read. */
const asText = (map: ReadonlyMap<string, bigint | number>): string => {
  const lines: (string | bigint | number)[] = []
  for (const [name, value] of map) lines.push(name, value)
  return lines.join('\n')
}

export const encodeBase = (base: ProbeBase): unknown => ({
  bootId: base.bootId,
  uptimeS: base.uptimeS,
  bootedS: base.bootedS,
  counters: asText(base.counters),
  ticks: asText(base.ticks),
})

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const DIGITS = /^\d{1,25}$/

/** The lines of `asText`; an older vc kept an object of strings by name. */
const asMap = <Value>(value: unknown, read: (digits: string) => Value): ReadonlyMap<string, Value> => {
  const lines = typeof value === 'string' ? value.split('\n') : isRecord(value) ? Object.entries(value).flat() : []
  const map = new Map<string, Value>()
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [name, digits] = [lines[at], lines[at + 1]]
    if (typeof name === 'string' && typeof digits === 'string' && DIGITS.test(digits)) map.set(name, read(digits))
  }
  return map
}

/** The cursor's value as a base; anything unreadable is no base, which costs one look without rates. */
export const decodeBase = (value: unknown): ProbeBase | null => {
  if (!isRecord(value) || typeof value.uptimeS !== 'number' || !Number.isFinite(value.uptimeS)) return null
  const bootId = typeof value.bootId === 'string' ? value.bootId : null
  return {
    bootId,
    uptimeS: value.uptimeS,
    bootedS: typeof value.bootedS === 'number' && Number.isFinite(value.bootedS) ? value.bootedS : null,
    counters: asMap(value.counters, BigInt),
    ticks: asMap(value.ticks, Number),
  }
}
