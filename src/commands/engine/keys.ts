import type { VcConfig } from '../../config/index.ts'
import type { EngineKeys } from './ports.ts'

/** Claude knows the tiers by these words itself. */
const OWN_WORDS: ReadonlySet<string> = new Set(['claude'])

/** `[engine]` of vc.toml as the engine uses it. */
export const engineKeys = ({ engine, machines }: Pick<VcConfig, 'engine' | 'machines'>): EngineKeys => ({
  maxAgents: (machineId) => machines.find(({ id }) => id === machineId)?.max_agents ?? engine.max_agents_per_machine,
  pace: {
    delayMs: engine.restart_delay_seconds * 1000,
    maxDelayMs: engine.restart_max_delay_seconds * 1000,
    maxCrashes: engine.restart_max_endings,
    windowMs: engine.restart_window_minutes * 60_000,
    graceMs: engine.restart_grace_seconds * 1000,
  },
  stopGraceMs: engine.stop_grace_seconds * 1000,
  logMaxBytes: engine.log_max_mb * 1024 * 1024,
  logFiles: engine.log_keep,
  modelOf: (cli, tier) => engine.models[`${cli}.${tier}`] ?? (OWN_WORDS.has(cli) ? tier : null),
})
