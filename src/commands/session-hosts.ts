import { isLocal, type MachineConfig } from '../config/index.ts'
import { messageOf, VcError } from '../core/errors.ts'
import type { Executor, RunRequest, RunResult } from '../core/executor.ts'
import type { SessionHost } from '../core/session-host.ts'
import { openTmuxHost } from '../engine/hosts/tmux-host.ts'
import { notRun } from '../transport/executor-run.ts'

export interface HostsPorts {
  /** As vc.toml in force has them. */
  readonly machines: () => readonly MachineConfig[]
  /** A way of its own: acts never wait behind a poll. */
  readonly openExecutor: (machine: MachineConfig) => Promise<Executor>
  /** Another tmux socket than vc's own, on every machine; for tests. */
  readonly socket?: string
}

/**
 * vc's own terminals on every machine, each over one kept way that is opened when it is first needed. Hosts and executors that
 * were handed out stay good: each run takes the way that is in force then.
 */
export interface SessionHosts {
  /** Throws VcError `unknown_machine` for one that vc.toml does not name. */
  host(machineId: string): Promise<SessionHost>
  executor(machineId: string): Promise<Executor>
  isLocal(machineId: string): boolean
  /** vc.toml changed: no run begins on a way that was opened before. What is under way ends on the way it began on. */
  refresh(): void
  close(): Promise<void>
}

interface Way {
  readonly executor: Executor
  running: number
  retired: boolean
}

const closeWhenIdle = (way: Way): void => {
  if (way.retired && way.running === 0) void way.executor.close().catch(() => undefined)
}

const runOn = async (way: Way, request: RunRequest): Promise<RunResult> => {
  way.running += 1
  try {
    return await way.executor.run(request)
  } finally {
    way.running -= 1
    closeWhenIdle(way)
  }
}

const NEVER: AsyncIterable<Uint8Array> = { async *[Symbol.asyncIterator]() {} }

export const openSessionHosts = ({ machines, openExecutor, socket }: HostsPorts): SessionHosts => {
  const opening = new Map<string, Promise<Way>>()
  const inForce = new Map<string, Way>()
  const all = new Set<Way>()
  const hosts = new Map<string, { readonly host: SessionHost; readonly executor: Executor }>()
  let closed = false

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
    const way: Way = { executor: await openExecutor(machine), running: 0, retired: false }
    all.add(way)
    return way
  }
  const prepare = (machine: MachineConfig): Promise<Way> => {
    const mine = open(machine)
    opening.set(machine.id, mine)
    mine.then(
      (way) => opening.get(machine.id) === mine && inForce.set(machine.id, way),
      // A way that could not even be prepared is prepared anew next time.
      () => opening.get(machine.id) === mine && opening.delete(machine.id),
    )
    return mine
  }
  const wayTo = async (machineId: string): Promise<Way> => {
    const machine = named(machineId)
    if (closed) throw new VcError('stopping', 'vc is stopping and begins nothing any more', 'start it again')
    // It may be let go of while it is waited for.
    const way = await (opening.get(machineId) ?? prepare(machine))
    return way.retired ? wayTo(machineId) : way
  }
  /** Always the way in force: whoever holds this need not know of reloads. */
  const executorOf = (machineId: string): Executor => ({
    get kind() {
      const here = machines().some((machine) => machine.id === machineId && isLocal(machine))
      return inForce.get(machineId)?.executor.kind ?? (here ? 'local' : 'ssh2')
    },
    async run(request) {
      const way = await wayTo(machineId).catch((error: unknown) => notRun('aborted', messageOf(error)))
      return 'class' in way ? way : runOn(way, request)
    },
    stream(request) {
      const way = inForce.get(machineId)
      if (way !== undefined) return way.executor.stream(request)
      return { stdout: NEVER, done: Promise.resolve(notRun('aborted', `no way to ${machineId} is open`)) }
    },
    // Ways are shared; they end with the hosts.
    close: async () => undefined,
  })
  const reach = async (machineId: string) => {
    await wayTo(machineId)
    const known = hosts.get(machineId)
    if (known) return known
    const executor = executorOf(machineId)
    const host = openTmuxHost({ machineId, executor, ...(socket === undefined ? {} : { socket }) })
    hosts.set(machineId, { host, executor })
    return { host, executor }
  }
  const retire = (way: Way): void => {
    way.retired = true
    all.delete(way)
    closeWhenIdle(way)
  }

  return {
    host: async (machineId) => (await reach(machineId)).host,
    executor: async (machineId) => (await reach(machineId)).executor,
    isLocal: (machineId) => isLocal(named(machineId)),
    refresh() {
      for (const way of opening.values()) way.then(retire, () => undefined)
      opening.clear()
      inForce.clear()
    },
    async close() {
      closed = true
      await Promise.allSettled(opening.values())
      for (const { host } of hosts.values()) await host.close()
      for (const way of all) await way.executor.close()
    },
  }
}
