import { AGENT_NAMES } from '../collectors/probe/ask.ts'
import { type Ancestor, ancestorsOf } from '../transport/ancestors.ts'
import { agentWords } from '../transport/local-probe-agents.ts'
import type { Caller } from './caller.ts'

/** What a door says of whoever came through it. */
export interface CallerSays {
  readonly pid: number
  readonly terminal: boolean
}

const words = agentWords(AGENT_NAMES)
const NAME = new RegExp(AGENT_NAMES)

// An interpreter's script is its first word, or a path: `vc agent send claude` is no claude.
const programAndScript = ([program = '', ...rest]: readonly string[]): readonly string[] => {
  const first = rest.find((arg) => !arg.startsWith('-'))
  return [program, ...rest.filter((arg) => arg === first || arg.startsWith('/'))]
}

const cliOf = ({ args }: Ancestor): string | null => {
  const kind = words.kindOf(programAndScript(args))
  if (kind === null) return null
  const path = kind.how === 'script' ? kind.script : (args[0] ?? '')
  return NAME.exec(path.slice(path.lastIndexOf('/') + 1))?.[0] ?? NAME.exec(path)?.[0] ?? 'an agent'
}

/**
 * Who asks: the processes above `pid`, looked up here and not by the caller. An agent that leaves its tree (another session,
 * no parent) is not found; that same-user programs cannot be fenced off is said in docs/acting.md.
 */
export const lookAtCaller = async (
  { pid, terminal }: CallerSays,
  ancestors: typeof ancestorsOf = ancestorsOf,
): Promise<Caller> => {
  try {
    const above = await ancestors(pid)
    const me = process.getuid?.()
    // The socket is the owner's alone, so a process of somebody else is a made-up number.
    if (above.length === 0 || (me !== undefined && above[0]?.uid !== me)) return { pid, agent: 'unknown', terminal }
    const agent = above.map(cliOf).find((cli) => cli !== null) ?? null
    return { pid, agent, terminal }
  } catch {
    return { pid, agent: 'unknown', terminal }
  }
}
