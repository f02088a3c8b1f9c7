import { hostname } from 'node:os'
import type { LoadedConfig, MachineConfig } from '../../config/index.ts'
import type { Executor } from '../../core/executor.ts'
import { sha256 } from '../../core/ids.ts'
import { adapters } from '../../engine/adapters/index.ts'
import type { Store } from '../../store/index.ts'
import { openSessionHosts, type SessionHosts } from '../session-hosts.ts'
import { prepareWorktree } from '../worktrees/create.ts'
import { type BookPorts, openEngineBook } from './book.ts'
import { engineKeys } from './keys.ts'
import { askBootId } from './machine-asks.ts'
import type { EnginePorts } from './ports.ts'

export interface EngineHerePorts extends Pick<BookPorts, 'onWrote'> {
  readonly store: Store
  readonly loaded: () => LoadedConfig
  readonly openExecutor: (machine: MachineConfig) => Promise<Executor>
  readonly now: () => Date
  readonly socket?: string
}

/** The engine over a store that this process owns, with its ways to the machines. */
export interface EngineHere {
  readonly ports: EnginePorts
  readonly hosts: SessionHosts
  close(): Promise<void>
}

export const openEngineHere = async (given: EngineHerePorts): Promise<EngineHere> => {
  const { store, loaded, openExecutor, now, onWrote, socket } = given
  const hosts = openSessionHosts({
    machines: () => loaded().config.machines,
    openExecutor,
    ...(socket === undefined ? {} : { socket }),
  })
  const book = await openEngineBook({ store, now, ...(onWrote ? { onWrote } : {}) })
  return {
    hosts,
    ports: {
      hub: sha256(`${hostname()}:${store.dataDir}`).slice(0, 16),
      book,
      host: hosts.host,
      executor: hosts.executor,
      bootId: async (machineId) => askBootId(await hosts.executor(machineId)),
      adapter: (cli) => adapters.find((adapter) => adapter.cli === cli) ?? null,
      worktree: async ({ machineId, agentId, cwd, by }) => {
        const trees = { store, executor: hosts.executor, localId: () => machineId, now }
        const branch = `vc/${agentId.slice(agentId.indexOf('/') + 1)}`
        const owner = { agentId, missionId: null, beadId: null, by }
        const made = await prepareWorktree(trees, { machineId, repo: cwd, branch, path: null, base: null, ...owner })
        return 'code' in made ? made : { path: String(made.data?.path), branch: String(made.data?.branch) }
      },
      keys: () => engineKeys(loaded().config),
      now,
    },
    close: hosts.close,
  }
}
