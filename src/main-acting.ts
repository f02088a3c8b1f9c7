// Builds what acts: the Doer over a store that this process owns, with its ways to the terminals of agents.
import { type ActDoor, firstDoor, ownDoor, socketDoor } from './commands/act-door.ts'
import type { ActTokens } from './commands/act-tokens.ts'
import { openActTokens } from './commands/act-tokens.ts'
import { type Acting, openActing } from './commands/acting.ts'
import { openHostReach } from './commands/agent-act/host-reach.ts'
import { agentMakers } from './commands/agent-act/index.ts'
import type { AgentActPorts } from './commands/agent-act/reach.ts'
import { evidenceHomes, openFor } from './commands/evidence-ports.ts'
import { handoffMaker } from './commands/handoff.ts'
import { noteMaker } from './commands/missions/note.ts'
import type { SessionHosts } from './commands/session-hosts.ts'
import { ownerAnswers } from './commands/settled-owner.ts'
import type { WorktreePorts } from './commands/worktrees/book.ts'
import { worktreeMakers } from './commands/worktrees/index.ts'
import { ensurePaths, isLocal, type LoadedConfig, type MachineConfig } from './config/index.ts'
import type { DeedMakers } from './core/action.ts'
import { VcError } from './core/errors.ts'
import { type Log, silentLog } from './core/log.ts'
import type { RowBatch } from './core/rows.ts'
import type { Store } from './store/index.ts'

export interface OwnerActingPorts {
  readonly store: Store
  readonly loaded: () => LoadedConfig
  readonly hosts: SessionHosts
  readonly tokens: ActTokens
  /** Verbs of other parts. */
  readonly makers: DeedMakers
  /** These rows were written: whoever keeps them in memory reads them anew. */
  readonly onWrote: (machineId: string, batches: readonly RowBatch[]) => void
  /** Resolves when no judgement is under way that began before. */
  readonly settled: () => Promise<void>
  readonly log: Log
}

export const openOwnerActing = (ports: OwnerActingPorts): Promise<Acting> => {
  const { store, loaded, hosts, tokens, log } = ports
  const now = (): Date => new Date()
  const agentPorts: AgentActPorts = {
    db: store.db,
    reach: openHostReach({ db: store.db, hosts, homesOn: (machineId) => evidenceHomes(loaded(), machineId) }),
    async keep(change) {
      const written = await store.write({ ...change, at: now(), awaited: true })
      if (!written.ok) throw new VcError('not_stored', `it was not stored: ${written.detail}`, 'look with: vc doctor')
      ports.onWrote(change.machineId, change.batches)
    },
    now,
    settled: ports.settled,
  }
  const trees: WorktreePorts = {
    ...{ store, now, executor: hosts.executor },
    localId: () => loaded().config.machines.find(isLocal)?.id ?? 'local',
  }
  const makers = {
    ...agentMakers(agentPorts),
    ...worktreeMakers(trees),
    'agent.handoff': handoffMaker(agentPorts, { store }),
    'mission.note': noteMaker({ store, executor: hosts.executor, mayNote: () => loaded().config.missions.note_beads }),
    ...ports.makers,
  }
  return openActing({ store, machines: () => loaded().config.machines, makers, tokens, now, log })
}

const openActingHere = async (loaded: LoadedConfig, tokens: ActTokens) => {
  ensurePaths(loaded.paths, process.getuid?.() ?? 0)
  const [{ openStore }, { openEngineHere }, { engineDeeds }, { CLI_NAMES }] = await Promise.all([
    import('./store/index.ts'),
    import('./commands/engine/open.ts'),
    import('./commands/engine/deeds.ts'),
    import('./commands/engine/clis.ts'),
  ])
  const store = await openStore({ dataDir: loaded.paths.dataDir, dbPath: loaded.paths.dbFile })
  try {
    const openExecutor = (machine: MachineConfig) => openFor(loaded, machine)
    const engine = await openEngineHere({ store, loaded: () => loaded, openExecutor, now: () => new Date() })
    const acting = await openOwnerActing({
      store,
      loaded: () => loaded,
      hosts: engine.hosts,
      tokens,
      makers: engineDeeds(engine.ports, CLI_NAMES),
      onWrote: () => undefined,
      settled: async () => undefined,
      log: silentLog,
    })
    const close = async (): Promise<void> => {
      await engine.close()
      await store.close()
    }
    return { acting, close }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The daemon where one answers, else this process for as long as each step takes. */
export const openActDoor = (loaded: LoadedConfig, onWait: (pid: number) => void): ActDoor => {
  const tokens = openActTokens(() => new Date())
  return firstDoor(
    socketDoor(loaded.paths.socketFile),
    ownDoor(() => openActingHere(loaded, tokens)),
    () => ownerAnswers({ ...loaded.paths, onWait }),
  )
}
