// Builds what starts agents and acts on them, beside the polling of a cockpit that stays: one look does without it.
import { openActTokens } from './commands/act-tokens.ts'
import type { Acting } from './commands/acting.ts'
import { readAgentLog } from './commands/engine/log.ts'
import type { LoadedConfig, MachineConfig } from './config/index.ts'
import type { Executor } from './core/executor.ts'
import type { Log } from './core/log.ts'
import type { Cockpit } from './daemon/cockpit.ts'
import { openEngineDaemon } from './daemon/engine.ts'
import { openOwnerActing } from './main-acting.ts'

export interface OwnerEnginePorts {
  readonly cockpit: Pick<Cockpit, 'store' | 'wrote' | 'judge'>
  /** In force. */
  readonly loaded: () => LoadedConfig
  readonly openExecutor: (machine: MachineConfig) => Promise<Executor>
  readonly log: Log
}

export interface OwnerEngine {
  readonly acting: Acting
  readonly readLog: (asked: Parameters<typeof readAgentLog>[1]) => ReturnType<typeof readAgentLog>
  /** Begins to look at managed agents, and to restart those that want it. */
  start(): void
  /** Another configuration is in force. */
  reloaded(): void
  stop(): Promise<void>
}

export const openOwnerEngine = async ({
  cockpit,
  loaded,
  openExecutor,
  log,
}: OwnerEnginePorts): Promise<OwnerEngine> => {
  const now = (): Date => new Date()
  const { store, wrote: onWrote } = cockpit
  const engine = await openEngineDaemon({ store, loaded, openExecutor, onWrote, now, log })
  const acting = await openOwnerActing({
    store,
    loaded,
    hosts: engine.here.hosts,
    tokens: openActTokens(now),
    makers: engine.makers,
    onWrote,
    settled: () => cockpit.judge.run(),
    log,
  })
  return {
    acting,
    readLog: (asked) => readAgentLog(engine.here, asked),
    start: () => engine.start(acting),
    reloaded: () => engine.reloaded(),
    async stop() {
      await acting.close()
      await engine.stop()
    },
  }
}
