import type { AgentCli } from '../../core/agent.ts'
import type { MeasuredProcess } from './processes.ts'
import type { AgentReading } from './reading.ts'

/** One agent process, joined with its process row and the session it belongs to. */
export interface AgentProcess {
  readonly agent: AgentReading
  readonly process: MeasuredProcess
  /** Topmost process of the same session; itself for a session root. */
  readonly root: MeasuredProcess
  readonly cli: AgentCli
  /** A background server of that CLI, not a session. */
  readonly detached: boolean
}

/** CPU and memory of one root with everything below it. */
export interface TreeSum {
  readonly root: MeasuredProcess
  readonly cli: AgentCli
  readonly processes: number
  readonly cpuPct: number | null
  readonly lifetime: boolean
  readonly rssBytes: bigint
}

const MAX_DEPTH = 64

const CLIS: Readonly<Record<string, AgentCli>> = {
  claude: 'claude',
  codex: 'codex',
  gemini: 'gemini',
  opencode: 'opencode',
}

/** The agent of that name as vc's tables know it. */
const cliOf = (kind: string): AgentCli => CLIS[kind] ?? 'other'

const SERVER_WORDS = new Set(['app-server', 'mcp-server', 'mcp', 'serve', 'acp', 'daemon', 'update', 'upgrade'])

// Codex copies itself into that folder and runs its per-user server and its updater from there.
const isServer = (agent: AgentReading): boolean =>
  (agent.subcommand !== null && SERVER_WORDS.has(agent.subcommand)) ||
  (agent.argv0 ?? '').includes('/app-server-daemon/')

/** Several processes are one session: each agent process with the root it belongs to. */
export const collapseAgents = (
  agents: readonly AgentReading[],
  processes: readonly MeasuredProcess[],
): readonly AgentProcess[] => {
  const byPid = new Map(processes.map((process) => [process.pid, process]))
  const kinds = new Map(agents.map((agent) => [agent.pid, agent.kind]))
  return agents.flatMap((agent) => {
    const process = byPid.get(agent.pid)
    if (process === undefined) return [] // gone between the two looks of one probe
    const root = rootOf(process, (pid) => (kinds.get(pid) === agent.kind ? 'same' : 'other'), byPid)
    return [{ agent, process, root, cli: cliOf(agent.kind), detached: isServer(agent) }]
  })
}

// Upwards through the same kind, but a process on a terminal never belongs to a parent that has none.
const rootOf = (
  process: MeasuredProcess,
  kindAt: (pid: number) => 'same' | 'other',
  byPid: ReadonlyMap<number, MeasuredProcess>,
): MeasuredProcess => {
  let root = process
  for (const parent of ancestors(process, byPid)) {
    if (kindAt(parent.pid) !== 'same') continue
    if (root.tty !== null && parent.tty === null) break
    root = parent
  }
  return root
}

function* ancestors(process: MeasuredProcess, byPid: ReadonlyMap<number, MeasuredProcess>): Generator<MeasuredProcess> {
  let at = byPid.get(process.ppid)
  for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth += 1) {
    yield at
    at = at.ppid === at.pid ? undefined : byPid.get(at.ppid)
  }
}

/** Sums over each root's tree, of the rows the probe sent (all with a second of CPU or 16 MiB). */
export const sumTrees = (
  agents: readonly AgentProcess[],
  processes: readonly MeasuredProcess[],
): readonly TreeSum[] => {
  const byPid = new Map(processes.map((process) => [process.pid, process]))
  const roots = new Map(agents.map((agent) => [agent.root.pid, agent.cli]))
  const members = new Map<number, MeasuredProcess[]>([...roots.keys()].map((pid) => [pid, []]))
  const rootByAgent = new Map(agents.map((agent) => [agent.process.pid, agent.root.pid]))
  for (const process of processes) {
    const own = rootByAgent.get(process.pid) ?? nearestRoot(process, rootByAgent, byPid)
    if (own !== undefined) members.get(own)?.push(process)
  }
  return [...roots].flatMap(([pid, cli]) => {
    const root = byPid.get(pid)
    return root === undefined ? [] : [sumOf(root, cli, members.get(pid) ?? [])]
  })
}

const nearestRoot = (
  process: MeasuredProcess,
  rootByAgent: ReadonlyMap<number, number>,
  byPid: ReadonlyMap<number, MeasuredProcess>,
): number | undefined => {
  for (const parent of ancestors(process, byPid)) {
    const root = rootByAgent.get(parent.pid)
    if (root !== undefined) return root
  }
  return undefined
}

const sumOf = (root: MeasuredProcess, cli: AgentCli, members: readonly MeasuredProcess[]): TreeSum => {
  const known = members.filter((member) => member.cpuPct !== null)
  return {
    root,
    cli,
    processes: members.length,
    cpuPct: known.length === 0 ? null : known.reduce((sum, member) => sum + (member.cpuPct ?? 0), 0),
    lifetime: members.some((member) => member.lifetime),
    rssBytes: members.reduce((sum, member) => sum + member.rssBytes, 0n),
  }
}
