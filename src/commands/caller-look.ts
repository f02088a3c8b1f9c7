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

// What an interpreter runs, and to be on the safe side any path behind it; `vc agent send claude` is no claude.
const readings = (args: readonly string[]): readonly (readonly string[])[] => {
  const [program = '', ...rest] = args
  return [args, ...rest.filter((arg) => arg.startsWith('/')).map((arg) => [program, arg])]
}

const cliOf = ({ args }: Ancestor): string | null => {
  const kind = readings(args)
    .map(words.kindOf)
    .find((one) => one !== null)
  if (kind === undefined) return null
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
