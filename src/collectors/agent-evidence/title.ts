import type { AgentCli, AgentState, Sighting } from '../../core/agent.ts'
import { sighting } from './sighting.ts'

interface TitleRule {
  readonly id: string
  readonly versions: string
  readonly shape: RegExp
  readonly says: AgentState
}

// agents-claude.md 4, agents-codex.md 3, agents-gemini.md 3. OpenCode's title never shows the state.
const RULES: Readonly<Record<string, readonly TitleRule[]>> = {
  claude: [
    { id: 'busy', versions: '2.1', shape: /^[\u2800-\u28ff◐◑◒◓]/u, says: 'working' },
    { id: 'ready', versions: '2.1', shape: /^[✳✻✽✶✢]/u, says: 'idle' },
  ],
  codex: [
    { id: 'action', versions: '0.169', shape: /^\[ [!.] \] Action Required/, says: 'needs_approval' },
    { id: 'busy', versions: '0.169', shape: /^[\u2800-\u28ff]/u, says: 'working' },
  ],
  gemini: [
    { id: 'action', versions: '0.61', shape: /^✋/u, says: 'needs_approval' },
    { id: 'busy', versions: '0.61', shape: /^[✦⏲]/u, says: 'working' },
    { id: 'ready', versions: '0.61', shape: /^◇/u, says: 'idle' },
  ],
}

const baseName = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? ''

export interface TitleContext {
  readonly at: Date
  /** The pane's directory: Codex at rest shows its name as title. */
  readonly cwd: string | null
}

/**
 * What a pane's title says; null when it says nothing: unset (host name), foreign, or switched off. Before Claude sets a
 * title tmux shows a kitty graphics probe there. Titles outlive a killed process: liveness is judged elsewhere.
 */
export function readTitle(cli: AgentCli, title: string, context: TitleContext): Sighting | null {
  const text = title.trim()
  const source = `${cli}.title`
  const base = { tier: 'live', source, asOf: context.at, seenAt: context.at } as const
  const rule = RULES[cli]?.find((candidate) => candidate.shape.test(text))
  if (rule !== undefined) return sighting({ ...base, says: rule.says, rule: rule.id, version: rule.versions })
  const atRest = cli === 'codex' && text !== '' && context.cwd !== null && text === baseName(context.cwd)
  return atRest ? sighting({ ...base, says: 'idle', rule: 'rest', version: '0.169' }) : null
}
