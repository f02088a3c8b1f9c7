import type { AgentCli, Sighting } from '../../core/agent.ts'
import { sighting } from './sighting.ts'

/** One process of a pane's or a session's tree, as `evidence-bundle.md` and `agent_processes` describe it. */
export interface SeenProcess {
  readonly pid: number
  readonly ppid: number | null
  readonly startTicks: number | null
  readonly comm: string | null
  readonly argv0: string | null
  readonly script: string | null
  readonly tty: string | null
  /** `R S D T t Z X …` of ps. */
  readonly state: string | null
  /** A background server of that CLI elsewhere on the machine, not a session. */
  readonly detached: boolean
}

const baseName = (path: string | null): string =>
  path === null || /\s/.test(path) ? '' : (path.split('/').at(-1) ?? '')

const PROGRAMS: readonly (readonly [AgentCli, RegExp])[] = [
  ['claude', /^claude(\.exe)?$/],
  ['codex', /^codex$/],
  ['gemini', /^gemini(\.js)?$/],
  ['opencode', /^opencode$/],
]

const PACKAGES: readonly (readonly [AgentCli, RegExp])[] = [
  ['claude', /@anthropic-ai\/claude-code\//],
  ['codex', /@openai\/codex\/bin\/codex\.js$/],
  ['gemini', /@google\/gemini-cli\//],
  ['opencode', /opencode-ai\/bin\//],
]

/** Which agent CLI a process is, by program or script name, never by words in a command line. */
export function cliOfProcess(process: SeenProcess): AgentCli | null {
  const names = [baseName(process.argv0), baseName(process.script)]
  const named = PROGRAMS.find(([, shape]) => names.some((name) => shape.test(name)))
  if (named !== undefined) return named[0]
  const script = process.script !== null && !/\s/.test(process.script) ? process.script : ''
  const packed = PACKAGES.find(([, shape]) => shape.test(script))
  if (packed !== undefined) return packed[0]
  // The native Claude binary shows its version as command name; helpers such as codex-linux-sandbox keep their argv0.
  const renamed = /^\d+\.\d+\.\d+$/.test(process.comm ?? '') && /claude/.test(process.argv0 ?? '')
  if (renamed) return 'claude'
  return process.argv0 === null ? (PROGRAMS.find(([, shape]) => shape.test(process.comm ?? ''))?.[0] ?? null) : null
}

const GONE = /^[ZXx]/
const STOPPED = /^[Tt]/

// A tree whose last program is one of these may hold the agent where ps cannot look.
const WRAPPERS =
  /^(ssh|mosh-client|docker|podman|kubectl|sudo|su|doas|npx|npm|node|bun|deno|python\d?(\.\d+)?|script|tmux|screen|env|timeout|MainThread)/
const SHELLS = /^-?(ba|z|da|fi|k|tc|c)?sh$/

/** The session's own processes: the topmost process of that CLI and its relaunched children on the same terminal. */
const sessionChain = (cli: AgentCli, processes: readonly SeenProcess[]): readonly SeenProcess[] => {
  const own = processes.filter(
    (process) =>
      !process.detached && (cli === 'other' || cliOfProcess(process) === cli) && !GONE.test(process.state ?? ''),
  )
  const pids = new Set(own.map((process) => process.pid))
  const roots = own.filter((process) => process.ppid === null || !pids.has(process.ppid))
  // Nobody knows the name of a program that is none of the CLIs: the topmost one is the agent, what it started is not.
  if (cli === 'other') return roots
  return own.filter((process) =>
    roots.some((root) => root.pid === process.pid || (root.tty === process.tty && root.pid === process.ppid)),
  )
}

const hiddenPossible = (processes: readonly SeenProcess[]): boolean =>
  processes.some((process) => {
    if (process.detached || GONE.test(process.state ?? '')) return false
    const name = baseName(process.argv0) || (process.comm ?? '')
    return !SHELLS.test(name) && WRAPPERS.test(name)
  })

/**
 * What the process table proves about one session: that it is gone (`dead`), frozen (`stalled`), or only that it lives
 * (`unknown`, rule `alive`, `headless`, or `orphaned` where it had a terminal that is closed now). Null: the table cannot tell (a wrapper hides the tree).
 */
export function readProcesses(
  cli: AgentCli,
  processes: readonly SeenProcess[],
  at: Date,
  hadTerminal = false,
): Sighting | null {
  const base = { source: 'process', version: '1', asOf: at, seenAt: at } as const
  const chain = sessionChain(cli, processes)
  if (chain.some((process) => STOPPED.test(process.state ?? ''))) {
    return sighting({ ...base, tier: 'process', says: 'stalled', rule: 'stopped', reason: 'stopped by a signal' })
  }
  const bare = chain.length > 0 && chain.every((process) => process.tty === null)
  if (bare && hadTerminal)
    return sighting({
      ...base,
      tier: 'process',
      says: 'unknown',
      rule: 'orphaned',
      reason: 'its terminal is closed, its process goes on',
    })
  // Without a terminal no dialog can wait for a person.
  const rule = bare ? 'headless' : 'alive'
  if (chain.length > 0) return sighting({ ...base, tier: 'process', says: 'unknown', rule })
  if (hiddenPossible(processes)) return null
  return sighting({ ...base, tier: 'death', says: 'dead', rule: 'gone', reason: 'no live process' })
}
