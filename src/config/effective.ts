import type { Collector } from '../core/collector.ts'
import { type CollectorName, PRICING_COLLECTORS } from './collector-keys.ts'
import type { MachineConfig, VcConfig } from './schema.ts'

/** What is in force for one collector on one machine. */
export interface CollectorSettings {
  readonly enabled: boolean
  readonly intervalMs: number
  /** The interval was written by a person, not chosen by the collector. */
  readonly isPaceNamed: boolean
  /** Never above the interval. */
  readonly timeoutMs: number
  /** Keys of the collector's own that the file sets, and `prices` for those that price; becomes `ctx.options`. */
  readonly options: Readonly<Record<string, unknown>>
}

export const isLocal = (machine: Pick<MachineConfig, 'ssh'>): boolean => machine.ssh === 'local'

export const baseTickMs = (config: VcConfig, machine: Pick<MachineConfig, 'ssh'>): number =>
  1000 * (isLocal(machine) ? config.polling.base_tick_local_seconds : config.polling.base_tick_remote_seconds)

type Section = Readonly<Record<string, unknown>>

const RESERVED = new Set(['enabled', 'interval_seconds', 'timeout_seconds'])

const optionsOf = (...sections: readonly Section[]): Record<string, unknown> =>
  Object.fromEntries(
    sections.flatMap((section) =>
      Object.entries(section).filter(([name, value]) => value !== null && !RESERVED.has(name)),
    ),
  )

/** `[prices]` as the file has it: keys that it leaves out are not there. */
export const pricesOf = ({ prices }: Pick<VcConfig, 'prices'>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(prices).map(([model, price]) => [model, optionsOf(price)]))

const pricesFor = (config: VcConfig, name: string): Record<string, unknown> =>
  PRICING_COLLECTORS.has(name) && Object.keys(config.prices).length > 0 ? { prices: pricesOf(config) } : {}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

// A home named for Claude's transcripts holds its live registry too: who names it once means both.
const homesFor = (config: VcConfig, machine: MachineConfig, name: string, own: unknown): Record<string, unknown> => {
  if (name !== 'live') return {}
  const { homes } = optionsOf(config.collectors.claude ?? {}, machine.collectors.claude ?? {})
  const all = new Set([...listOf(own), ...listOf(homes)])
  return all.size > 0 ? { claude_homes: [...all] } : {}
}

/** Whether a collector is on for a machine, and its own keys, by its name alone. */
export const collectorChoice = (
  config: VcConfig,
  machine: MachineConfig,
  name: CollectorName,
): Pick<CollectorSettings, 'enabled' | 'options'> => {
  const [general, special] = [config.collectors[name], machine.collectors[name]]
  const options = optionsOf(general ?? {}, special ?? {})
  return {
    enabled: special?.enabled ?? general?.enabled ?? true,
    options: { ...options, ...homesFor(config, machine, name, options.claude_homes), ...pricesFor(config, name) },
  }
}

/**
 * Machine override, else the collector's section, else `polling.default_interval_seconds`, else the collector's own pace.
 * The interval is rounded up to a multiple of the machine's base tick, so that what is due together travels together.
 */
export function collectorSettings(
  config: VcConfig,
  machine: MachineConfig,
  collector: Pick<Collector, 'name' | 'interval' | 'timeoutMs'>,
): CollectorSettings {
  const name = collector.name as CollectorName
  const general = config.collectors[name]
  const special = machine.collectors[name]
  const own = isLocal(machine) ? collector.interval.localS : collector.interval.remoteS
  const namedS = special?.interval_seconds ?? general?.interval_seconds ?? config.polling.default_interval_seconds
  const wantedS = namedS ?? own
  const tickMs = baseTickMs(config, machine)
  const intervalMs = Math.ceil((wantedS * 1000) / tickMs) * tickMs
  const timeoutS = special?.timeout_seconds ?? general?.timeout_seconds
  const timeoutMs = timeoutS == null ? collector.timeoutMs : timeoutS * 1000
  return {
    ...collectorChoice(config, machine, name),
    intervalMs,
    isPaceNamed: namedS != null,
    timeoutMs: Math.min(timeoutMs, intervalMs),
  }
}
