import type { Acting } from '../commands/acting.ts'
import { CLI_NAMES } from '../commands/engine/clis.ts'
import { engineDeeds } from '../commands/engine/deeds.ts'
import { type EngineHere, openEngineHere } from '../commands/engine/open.ts'
import { lookForOrphans } from '../commands/engine/orphans.ts'
import { nextInLine, refuseWaiting } from '../commands/engine/queue.ts'
import { dueRestarts, lookAtAgents, type Met, noteRefused } from '../commands/engine/watch.ts'
import { isLocal, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import type { DeedMakers } from '../core/action.ts'
import type { EngineEvent } from '../core/engine.ts'
import { messageOf } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import { phaseMs } from '../core/ids.ts'
import { K, type Log } from '../core/log.ts'
import type { RowBatch } from '../core/rows.ts'
import type { Store } from '../store/index.ts'
import { type EngineEvents, openEngineEvents } from './engine-events.ts'
import { openHealthWatch } from './engine-health.ts'
import { openStanding } from './engine-standing.ts'
import { openTaskWatch } from './engine-tasks.ts'

export interface EngineDaemonPorts {
  readonly store: Store
  readonly loaded: () => LoadedConfig
  /** A way for acts; a reload may lead it elsewhere. */
  readonly openExecutor: (machine: MachineConfig) => Promise<Executor>
  /** These rows were written: whoever keeps them in memory reads them anew. */
  readonly onWrote: (machineId: string, batches: readonly RowBatch[]) => void
  readonly now: () => Date
  readonly log: Log
  readonly socket?: string
}

/** The engine inside the owner of the store: it watches the agents vc keeps and does what their owners agreed to. */
export interface EngineDaemon {
  readonly makers: DeedMakers
  readonly here: EngineHere
  readonly events: EngineEvents
  /** Begins to look; agents that live are re-adopted by the first look. Without `acting` nothing is restarted. */
  start(acting: Pick<Acting, 'byItself'>): void
  /** Another vc.toml is in force: its machines are looked at, and reached as it says. */
  reloaded(): void
  /** One look at every machine with agents, now. */
  look(): Promise<void>
  stop(): Promise<void>
}

/** Orphans are looked for once in so many looks at a machine, not with the first: it reads every process of the user there. */
const ORPHANS_EVERY = 30
const ORPHANS_FIRST = 3

export const openEngineDaemon = async (ports: EngineDaemonPorts): Promise<EngineDaemon> => {
  const { log, loaded } = ports
  const events = openEngineEvents()
  const tell = (machineId: string, batches: readonly RowBatch[], happened: readonly EngineEvent[]): void => {
    ports.onWrote(machineId, batches)
    for (const event of happened) events.tell(event)
  }
  const here = await openEngineHere({ ...ports, onWrote: tell })
  const met: Met = new Set()
  const looks = new Map<string, number>()
  const standing = openStanding({ book: here.ports.book, store: ports.store, now: ports.now, log })
  const tellTasks = openTaskWatch({ book: here.ports.book, store: ports.store, now: ports.now })
  const tellHealth = openHealthWatch({ book: here.ports.book, store: ports.store, now: ports.now })
  const timers = new Map<string, NodeJS.Timeout>()
  const busy = new Map<string, Promise<void>>()
  let acting: Pick<Acting, 'byItself'> | null = null
  let stopped = false

  const machines = (): readonly MachineConfig[] => loaded().config.machines.filter((machine) => machine.enabled)

  const doBySelf = async (verb: string, agentId: string): Promise<void> => {
    if (acting === null) return
    const acted = await acting.byItself({ verb, params: { agent: agentId } })
    if (acted.outcome !== 'refused') return
    const why = acted.refusal?.message ?? 'no reason was given'
    log.warn({ [K.agent]: agentId, [K.detail]: why }, `${verb} was refused`)
    if (verb === 'agent.restart') await noteRefused(here.ports, agentId, why)
    else await refuseWaiting(here.ports, agentId, why)
  }

  const lookAt = async (machineId: string): Promise<void> => {
    standing.sync()
    await lookAtAgents(here.ports, machineId, met)
    await tellTasks()
    await tellHealth(machineId)
    for (const id of await dueRestarts(here.ports, machineId)) await doBySelf('agent.restart', id)
    for (const id of nextInLine(here.ports, machineId)) await doBySelf('agent.start', id)
    const count = (looks.get(machineId) ?? 0) + 1
    looks.set(machineId, count)
    if (count % ORPHANS_EVERY === ORPHANS_FIRST) await lookForOrphans(here, machineId)
  }

  // A look that takes longer than its turn is not overtaken: the turn is dropped.
  const lookOnce = (machineId: string): Promise<void> => {
    const running = busy.get(machineId)
    if (running !== undefined) return running
    const looking = lookAt(machineId)
      .catch((error: unknown) =>
        log.error({ [K.machine]: machineId, [K.detail]: messageOf(error) }, 'a look at the agents failed'),
      )
      .finally(() => busy.delete(machineId))
    busy.set(machineId, looking)
    return looking
  }

  const concerned = (): readonly MachineConfig[] => machines().filter(({ id }) => here.ports.book.on(id).length > 0)

  const everyMs = (machine: MachineConfig): number => {
    const { look_local_seconds: local, look_remote_seconds: remote } = loaded().config.engine
    return 1000 * (isLocal(machine) ? local : remote)
  }

  const beat = (machine: MachineConfig): void => {
    if (stopped) return
    const every = everyMs(machine)
    const wait = every - ((ports.now().getTime() - phaseMs(machine.id, every)) % every)
    const timer = setTimeout(() => {
      const current = machines().find(({ id }) => id === machine.id)
      if (current === undefined) return void timers.delete(machine.id)
      if (here.ports.book.on(machine.id).length > 0) void lookOnce(machine.id)
      beat(current)
    }, wait)
    timers.set(machine.id, timer)
  }

  const beatAll = (): void => {
    for (const machine of machines()) {
      if (timers.has(machine.id)) continue
      if (here.ports.book.on(machine.id).length > 0) void lookOnce(machine.id)
      beat(machine)
    }
  }

  return {
    makers: engineDeeds(here.ports, CLI_NAMES),
    here,
    events,
    start(given) {
      acting = given
      beatAll()
    },
    reloaded() {
      here.hosts.refresh()
      if (acting !== null) beatAll()
    },
    look: async () => {
      await Promise.all(concerned().map(({ id }) => lookOnce(id)))
    },
    async stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
      standing.stop()
      await Promise.allSettled(busy.values())
      events.close()
      await here.close()
    },
  }
}
