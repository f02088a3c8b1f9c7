import pLimit from 'p-limit'
import { isLocal, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import { messageOf, VcError } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import type { AttachPlan, HostPane, HostTrouble, SessionHost } from '../core/session-host.ts'
import { openTmuxHost } from '../engine/hosts/tmux-host.ts'
import { AGENT_TAG } from '../engine/reconcile.ts'
import { openFor } from './evidence-ports.ts'
import { machineNamed } from './machines-named.ts'
import { terminalWay } from './terminal-way.ts'

/** One terminal that vc keeps, as its machine showed it just now. */
export interface SessionLine {
  readonly machine: string
  readonly session: string
  readonly agent: string | null
  readonly state: 'running' | 'dead'
  readonly exit_status: number | null
  readonly exit_signal: number | null
  readonly command: string
  readonly title: string
  readonly cwd: string
  readonly cols: number
  readonly rows: number
  /** People at it, those who only look included; live views of vc are not counted. */
  readonly attached: number
  /** Seconds since the last output; null: not told. */
  readonly quiet_s: number | null
  readonly pane: string
  readonly socket: string
}

export interface SessionsSeen {
  readonly sessions: readonly SessionLine[]
  /** Machines whose terminals are not known now, and why. */
  readonly unseen: readonly ({ readonly machine: string } & Pick<HostTrouble, 'code' | 'message' | 'fix'>)[]
}

type OpenWay = (loaded: LoadedConfig, machine: MachineConfig) => Promise<Executor>

const MACHINES_AT_ONCE = 8

const lineOf = (machine: string, pane: HostPane, epochS: number): SessionLine => ({
  machine,
  session: pane.sessionName,
  agent: pane.tags[AGENT_TAG] ?? null,
  state: pane.dead === null ? 'running' : 'dead',
  exit_status: pane.dead?.status ?? null,
  exit_signal: pane.dead?.signal ?? null,
  command: pane.command,
  title: pane.title,
  cwd: pane.cwd,
  cols: pane.cols,
  rows: pane.rows,
  attached: pane.clients.filter(({ control }) => !control).length,
  quiet_s: pane.activityS === null ? null : Math.max(0, epochS - pane.activityS),
  pane: pane.ref.paneId,
  socket: pane.ref.socket,
})

/** Opens a machine's terminals for one look and lets go of the way again. */
const within = async <Result>(
  loaded: LoadedConfig,
  machine: MachineConfig,
  open: OpenWay,
  socket: string | null,
  job: (host: SessionHost) => Promise<Result>,
): Promise<Result> => {
  const executor = await open(loaded, machine)
  const way = isLocal(machine) ? null : await terminalWay(loaded, machine)
  const at = socket === null ? {} : { socket }
  const host = openTmuxHost({ machineId: machine.id, executor, terminalWay: way, ...at })
  try {
    return await job(host)
  } finally {
    await host.close()
    await executor.close()
  }
}

const asTrouble = (error: unknown): HostTrouble => ({
  is: 'trouble',
  code: 'way',
  message: messageOf(error),
  fix: error instanceof VcError ? error.fix : 'look with: vc doctor',
})

const enabled = (loaded: LoadedConfig): readonly MachineConfig[] => loaded.config.machines.filter((one) => one.enabled)

/** vc's own terminals on all machines, or on one, as they are now. A machine that does not answer is named. */
export const lookAtSessions = async (
  loaded: LoadedConfig,
  machineId?: string,
  open: OpenWay = openFor,
): Promise<SessionsSeen> => {
  const machines = machineId === undefined ? enabled(loaded) : [machineNamed(loaded, machineId)]
  const lane = pLimit(MACHINES_AT_ONCE)
  const looks = await Promise.all(
    machines.map((machine) =>
      lane(async () => {
        const listed = await within(loaded, machine, open, null, (host) => host.list()).catch(asTrouble)
        return { machine: machine.id, listed }
      }),
    ),
  )
  return {
    sessions: looks.flatMap(({ machine, listed }) =>
      listed.is === 'listed' ? listed.panes.map((pane) => lineOf(machine, pane, listed.epochS)) : [],
    ),
    unseen: looks.flatMap(({ machine, listed }) => {
      if (listed.is === 'listed') return []
      const { code, message, fix } = listed
      return [{ machine, code, message, fix }]
    }),
  }
}

/** Where vc last saw an agent that lives in somebody else's tmux: `<socket>:<server start>:<pane>`. */
export interface SeenPane {
  readonly machine: string
  readonly pane: string
}

export interface AttachWish {
  /** Agent id, session name, either with `machine/` in front or not. */
  readonly name: string
  readonly readOnly: boolean
  /** Asked when no terminal of vc's own has the name. */
  readonly seenPane: () => Promise<SeenPane | null>
}

const planIn = async (
  host: SessionHost,
  isIt: (pane: HostPane) => boolean,
  readOnly: boolean,
): Promise<AttachPlan | null> => {
  const listed = await host.list()
  if (listed.is === 'trouble') throw new VcError(listed.code, listed.message, listed.fix)
  const pane = listed.panes.find(isIt)
  return pane === undefined ? null : host.attachArgv(pane.ref, { readOnly })
}

const isNamed =
  (machine: string, name: string) =>
  ({ sessionName, tags }: HostPane): boolean => {
    const agent = tags[AGENT_TAG]
    const names = [sessionName, `${machine}/${sessionName}`, agent, agent?.slice(agent.indexOf('/') + 1)]
    return names.includes(name)
  }

/** What to run in the person's terminal. Throws VcError `no_session`, `ambiguous_session`, or why a machine was not asked. */
export const planAttach = async (
  loaded: LoadedConfig,
  { name, readOnly, seenPane }: AttachWish,
  open: OpenWay = openFor,
): Promise<AttachPlan> => {
  const prefix = name.includes('/') ? name.slice(0, name.indexOf('/')) : undefined
  const machines = enabled(loaded).filter(({ id }) => prefix === undefined || id === prefix)
  const lane = pLimit(MACHINES_AT_ONCE)
  const look = (machine: MachineConfig): Promise<AttachPlan | null> =>
    within(loaded, machine, open, null, (host) => planIn(host, isNamed(machine.id, name), readOnly))
  const looks = await Promise.allSettled(machines.map((machine) => lane(() => look(machine))))
  const found = looks.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []))
  const [only] = found
  if (found.length > 1)
    throw new VcError('ambiguous_session', `${found.length} machines have a session '${name}'`, 'say machine/session', {
      exitCode: 2,
    })
  if (only !== undefined) return only
  const elsewhere = await planElsewhere(loaded, await seenPane(), readOnly, open)
  if (elsewhere !== null) return elsewhere
  const failed = looks.find((one) => one.status === 'rejected')
  if (failed !== undefined && (prefix !== undefined || machines.length === 1)) throw failed.reason
  const unasked = looks.filter((one) => one.status === 'rejected').length
  const but = unasked === 0 ? '' : `; ${unasked} machine(s) did not answer`
  throw new VcError('no_session', `no terminal is called '${name}'${but}`, 'see: vc session list', { exitCode: 2 })
}

const planElsewhere = async (
  loaded: LoadedConfig,
  seen: SeenPane | null,
  readOnly: boolean,
  open: OpenWay,
): Promise<AttachPlan | null> => {
  const [, socket, startS, paneId] = /^(\/.*):(\d+):(%\d+)$/s.exec(seen?.pane ?? '') ?? []
  if (seen === null || socket === undefined) return null
  const isIt = ({ ref }: HostPane): boolean => ref.paneId === paneId && ref.serverStartS === Number(startS)
  return within(loaded, machineNamed(loaded, seen.machine), open, socket, (host) => planIn(host, isIt, readOnly))
}
