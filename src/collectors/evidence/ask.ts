import type { AgentCli } from '../../core/agent.ts'
import type { ScriptAsk } from '../../core/ask.ts'
import { CLAUDE_STATE_NEEDLES, CODEX_STATE_NEEDLES, GEMINI_STATE_NEEDLES } from '../agent-evidence/index.ts'
import { CODEX_THREADS, CODEX_TURNS, opencodeEvents, opencodeRows } from './queries.ts'
import { EVIDENCE_SCRIPT } from './script.ts'

/** Which agent is meant, as far as vc knows it. Everything here came from the machine once: it travels as arguments only. */
export interface EvidenceTarget {
  readonly cli: AgentCli
  readonly pane: { readonly socket: string; readonly paneId: string; readonly serverStartS: number | null } | null
  /** Topmost process of the session. */
  readonly root: { readonly pid: number; readonly startTicks: number | null } | null
  readonly sessionId: string | null
  readonly cwd: string | null
  /** A transcript file, or a database. */
  readonly transcriptPath: string | null
  /** Further config homes of the CLI. */
  readonly homes: readonly string[]
}

const isPath = (path: string | null): path is string =>
  path?.startsWith('/') === true && path.length <= 4096 && !path.includes('\0')

const NEEDLES: Readonly<Partial<Record<AgentCli, readonly string[]>>> = {
  claude: CLAUDE_STATE_NEEDLES,
  codex: CODEX_STATE_NEEDLES,
  gemini: GEMINI_STATE_NEEDLES,
}

/** `…/.claude/projects/…` and `…/.codex/sessions/…` name the home they lie in. */
const homeOf = (path: string): string | null =>
  /^(\/.+?)\/(?:projects|sessions|archived_sessions)\//.exec(path)?.[1] ?? null

/** The queries of a CLI's databases; the script knows them as "$7" and "$8", by these names. */
export const queriesOf = ({ cli, sessionId, cwd }: EvidenceTarget): Readonly<Record<string, string>> => {
  if (cli === 'codex') return { turns: CODEX_TURNS, threads: CODEX_THREADS }
  if (cli === 'opencode') return { own: opencodeRows(sessionId, cwd), events: opencodeEvents(sessionId, cwd) }
  return {}
}

/** One look at everything the machine shows of this agent. `nonce` is fresh hex. */
export const evidenceAsk = (target: EvidenceTarget, nonce: string): ScriptAsk => {
  const { pane, root, cli } = target
  const [first = '', second = ''] = Object.values(queriesOf(target))
  const seen = pane !== null && isPath(pane.socket) && /^%\d{1,9}$/.test(pane.paneId) ? pane : null
  const path = isPath(target.transcriptPath) ? target.transcriptPath : null
  const found = path === null ? null : homeOf(path)
  const homes = [...new Set([...(found === null ? [] : [found]), ...target.homes.filter(isPath)])]
  return {
    script: EVIDENCE_SCRIPT,
    args: [
      nonce,
      seen?.socket ?? '',
      seen?.paneId ?? '',
      root === null || !Number.isSafeInteger(root.pid) || root.pid < 2 ? '' : String(root.pid),
      cli,
      path ?? '',
      first,
      second,
      (NEEDLES[cli] ?? []).join('\n'),
      ...homes,
    ],
    timeoutMs: 20_000,
    maxBytes: 8 * 1024 * 1024,
  }
}
