import type { Refusal } from '../../core/action.ts'
import type { AgentAdapter, AgentSight, Planned } from '../../core/agent-adapter.ts'
import { VcError } from '../../core/errors.ts'
import type { PaneRef, SessionHost } from '../../core/session-host.ts'
import { adapterOf } from '../../engine/adapters/index.ts'
import { openTmuxHost } from '../../engine/hosts/tmux-host.ts'
import { type AgentAsk, type AgentReach as InReach, performAsk, waitReady } from '../../engine/perform.ts'
import { steadyLook } from '../../engine/steady-look.ts'
import { type AgentRow, type Db, type ManagedAgentRow, managedAgents, panes } from '../../store/index.ts'
import { openAsker } from '../../transport/asker.ts'
import { openAgentEye } from '../agent-eye.ts'
import { refOf } from '../engine/place.ts'
import type { SessionHosts } from '../session-hosts.ts'
import { pressIn } from './press.ts'
import { processLives } from './process-lives.ts'
import type { AgentReach } from './reach.ts'

export interface HostReachPorts {
  readonly db: Db
  readonly hosts: SessionHosts
  /** Config homes of Claude Code besides the usual one, there. */
  readonly homesOn: (machineId: string) => readonly string[]
}

interface Place {
  readonly host: SessionHost
  readonly ref: PaneRef
  /** The adapter's name: `generic` for a program vc started and knows no CLI for. */
  readonly cli: string
  /** When vc started it, and whether with an old session; null: vc did not. */
  readonly started: { readonly at: Date; readonly resumed: boolean } | null
}

/** So long after its start an agent may still be drawing itself; what is typed then is lost, or begins another session. */
const STARTS_MS = 120_000
const WAIT_MS = 45_000

const RESUME_WORDS: ReadonlySet<string> = new Set(['--resume', 'resume', '-s'])

const startOf = ({ started_at: at, argv_json: argv, session_id: session }: ManagedAgentRow): Place['started'] => {
  if (at === null) return null
  const words = JSON.parse(argv) as readonly string[]
  return {
    at: new Date(at),
    resumed: words.some((word, i) => word === session && RESUME_WORDS.has(words[i - 1] ?? '')),
  }
}

/** A prompt for an agent that was started just now waits for it. */
const settle = async ({ started }: Place, reach: InReach, ask: AgentAsk): Promise<void> => {
  if (ask.verb !== 'deliver' || started === null || Date.now() - started.at.getTime() > STARTS_MS) return
  await waitReady(reach, { resumed: started.resumed, withinMs: WAIT_MS, busyIsEnough: true })
}

const gone = ({ agent_id: id }: AgentRow, detail: string): Refusal => ({
  code: 'no_terminal_seen',
  message: `the terminal of ${id} is not there: ${detail}`,
  fix: `vc agent show ${id}`,
})

const asRefusal = (error: unknown): Refusal => {
  if (error instanceof VcError) return { code: error.code, message: error.message, fix: error.fix }
  throw error
}

const planOf = (ask: AgentAsk, sight: AgentSight, adapter: AgentAdapter): Planned => {
  if (ask.verb === 'deliver') return adapter.deliver(ask.prompt, sight)
  if (ask.verb === 'answer') return adapter.answer(ask.choice, ask.dialogHash, sight)
  return adapter[ask.verb](sight)
}

/** Drives agents in their terminals: those vc started by the place in its book, adopted ones by the pane they were seen in. */
export const openHostReach = ({ db, hosts, homesOn }: HostReachPorts): AgentReach => {
  const foreign = new Map<string, SessionHost>()

  // An adopted agent may live in the user's own tmux server: the same host, on that socket.
  const hostAt = async (machineId: string, socket: string): Promise<SessionHost> => {
    const key = `${machineId}\0${socket}`
    const known = foreign.get(key)
    if (known) return known
    const host = openTmuxHost({ machineId, executor: await hosts.executor(machineId), socket })
    foreign.set(key, host)
    return host
  }

  const managedPlace = async (agent: AgentRow): Promise<Place | Refusal> => {
    const row = (await managedAgents(db, { machineId: agent.machine_id })).find(
      (one) => one.agent_id === agent.agent_id,
    )
    const ref = row === undefined ? null : refOf(row)
    if (row === undefined || ref === null) return gone(agent, 'it runs nowhere that vc knows of')
    return { host: await hosts.host(agent.machine_id), ref, cli: row.cli, started: startOf(row) }
  }

  const adoptedPlace = async (agent: AgentRow): Promise<Place | Refusal> => {
    const rows = await panes(db, { machineId: agent.machine_id })
    const row = rows.find((one) => `${one.socket}:${one.server_start_epoch_s ?? ''}:${one.pane_id}` === agent.pane_key)
    if (row === undefined) return gone(agent, 'no pane was seen for it')
    const host = await hostAt(agent.machine_id, row.socket)
    const listed = await host.list()
    if (listed.is === 'trouble') return { code: listed.code, message: listed.message, fix: listed.fix }
    const pane = listed.panes.find(
      ({ ref }) =>
        ref.paneId === row.pane_id && ref.serverStartS === row.server_start_epoch_s && ref.pid === row.pane_pid,
    )
    if (pane === undefined) return gone(agent, `${row.pane_id} is another one now`)
    return { host, ref: pane.ref, cli: agent.cli, started: null }
  }

  const placeOf = (agent: AgentRow): Promise<Place | Refusal> =>
    (agent.kind === 'managed' ? managedPlace(agent) : adoptedPlace(agent)).catch(asRefusal)

  /** Opens an eye for one job, and closes it. */
  const within = async <Result>(
    agent: AgentRow,
    job: (reach: InReach, place: Place) => Promise<Result>,
  ): Promise<Result | Refusal> => {
    const place = await placeOf(agent)
    if ('code' in place) return place
    const { machine_id: machineId } = agent
    const adapter = adapterOf(place.cli)
    const asker = openAsker({ executor: await hosts.executor(machineId), local: hosts.isLocal(machineId) })
    const run = asker.beginRun()
    try {
      const eye = openAgentEye(run, {
        cli: adapter.cli,
        pane: place.ref,
        cwd: agent.cwd ?? '/',
        sessionId: agent.session_id,
        homes: homesOn(machineId),
      })
      return await job({ host: place.host, ref: place.ref, eye, adapter }, place)
    } finally {
      run.end()
      asker.close()
    }
  }

  return {
    foresee: (agent, ask) =>
      within(agent, async (inReach, place): Promise<string | Refusal> => {
        await settle(place, inReach, ask)
        const planned = planOf(ask, await inReach.eye.look(), inReach.adapter)
        if (!('refused' in planned)) return planned.says
        return { code: planned.code, message: planned.message, fix: planned.fix }
      }).catch(asRefusal),
    look: (agent) => within(agent, ({ eye }) => steadyLook(eye)).catch(asRefusal),
    async check(agent) {
      const place = await placeOf(agent)
      if ('code' in place) return place
      if (agent.root_pid === null || agent.root_start_ticks === null) return null
      const lives = await processLives(await hosts.executor(agent.machine_id), agent.root_pid, agent.root_start_ticks)
      return lives === 'gone' ? gone(agent, `its process ${agent.root_pid} has ended`) : null
    },
    press: (agent, request) => within(agent, (reach) => pressIn(agent, reach, request)),
    carryOut: (agent, ask) =>
      within(agent, async (inReach, place) => {
        await settle(place, inReach, ask)
        return performAsk(ask, inReach)
      }),
  }
}
