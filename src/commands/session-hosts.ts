import { isLocal, type MachineConfig } from '../config/index.ts'
import { VcError } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import type { SessionHost } from '../core/session-host.ts'
import { openTmuxHost } from '../engine/hosts/tmux-host.ts'

export interface HostsPorts {
  readonly machines: () => readonly MachineConfig[]
  /** A way of its own: acts never wait behind a poll. */
  readonly openExecutor: (machine: MachineConfig) => Promise<Executor>
  /** Another tmux socket than vc's own, on every machine; for tests. */
  readonly socket?: string
}

/** vc's own terminals on every machine, each over one kept way that is opened when it is first needed. */
export interface SessionHosts {
  /** Throws VcError `unknown_machine` for one that vc.toml does not name. */
  host(machineId: string): Promise<SessionHost>
  executor(machineId: string): Promise<Executor>
  isLocal(machineId: string): boolean
  close(): Promise<void>
}

interface Way {
  readonly executor: Executor
  readonly host: SessionHost
}

export const openSessionHosts = ({ machines, openExecutor, socket }: HostsPorts): SessionHosts => {
  const ways = new Map<string, Promise<Way>>()
  const named = (machineId: string): MachineConfig => {
    const machine = machines().find(({ id, enabled }) => id === machineId && enabled)
    if (machine !== undefined) return machine
    throw new VcError(
      'unknown_machine',
      `'${machineId}' is not among the machines vc looks at`,
      'see: vc machines list',
    )
  }
  const open = async (machine: MachineConfig): Promise<Way> => {
    const executor = await openExecutor(machine)
    return {
      executor,
      host: openTmuxHost({ machineId: machine.id, executor, ...(socket === undefined ? {} : { socket }) }),
    }
  }
  const wayTo = async (machineId: string): Promise<Way> => {
    const machine = named(machineId)
    const known = ways.get(machineId)
    if (known) return known
    const opening = open(machine)
    ways.set(machineId, opening)
    // A way that could not even be prepared is prepared anew next time.
    opening.catch(() => ways.delete(machineId))
    return opening
  }
  return {
    host: async (machineId) => (await wayTo(machineId)).host,
    executor: async (machineId) => (await wayTo(machineId)).executor,
    isLocal: (machineId) => isLocal(named(machineId)),
    async close() {
      const opened = await Promise.allSettled(ways.values())
      ways.clear()
      for (const way of opened) {
        if (way.status !== 'fulfilled') continue
        await way.value.host.close()
        await way.value.executor.close()
      }
    },
  }
}
