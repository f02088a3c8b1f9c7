import type { AgentRow, readSessions } from './fleet-rows.ts'

type SessionRow = Awaited<ReturnType<typeof readSessions>>[number]

/** What names another place of a CLI's files to it, and the same to vc. */
const MOVED_BY: Readonly<Record<string, string>> = {
  claude: 'if it runs with CLAUDE_CONFIG_DIR, name that folder in vc.toml: [collectors.claude] homes = ["/…"]',
  codex: 'if it runs with CODEX_HOME, name that folder in vc.toml: [collectors.codex] homes = ["/…"]',
  gemini:
    'if it runs with GEMINI_CLI_HOME, name the .gemini folder there in vc.toml: [collectors.gemini] homes = ["/…/.gemini"]',
  opencode:
    'if it runs with XDG_DATA_HOME, name its opencode folder and the usual one in vc.toml: [collectors.opencode] data_dirs = ["/…/opencode"]',
}

/** Its files are read once in a while, and a session begins with its first turn. */
const PATIENCE_MS = 120_000
/** A turn was or is under way. Dialogs of the start ask before there is any session. */
const TOOK_TURNS: ReadonlySet<string | null> = new Set(['working', 'turn_finished', 'failed', 'rate_limited'])

export interface Unread {
  readonly machine: string
  readonly says: string
  readonly fix: string
}

/** Of several agents in one directory it may be unknown whose session this is; it is read all the same. */
const mayBeOf = (row: AgentRow, session: SessionRow): boolean =>
  session.machine_id === row.machine_id &&
  session.cli === row.cli &&
  session.cwd === row.cwd &&
  Date.parse(session.last_activity_at ?? '') >= Date.parse(row.first_seen)

/** Agents that took turns of which vc finds no record: what they use is in no sum, and nothing else would say so. */
export const unreadAgents = (
  rows: readonly AgentRow[],
  sessions: readonly SessionRow[],
  isRead: (machineId: string, cli: string) => boolean,
  now: Date,
): readonly Unread[] =>
  rows.flatMap((row) => {
    const fix = MOVED_BY[row.cli]
    const young = [row.first_seen, row.since].some((at) => at !== null && now.getTime() - Date.parse(at) < PATIENCE_MS)
    if (fix === undefined || row.ended !== null || row.session_id !== null || young) return []
    if (!TOOK_TURNS.has(row.state) || !isRead(row.machine_id, row.cli)) return []
    if (sessions.some((session) => mayBeOf(row, session))) return []
    const says = `${row.agent_id} takes turns, but no transcript of it is found: its tokens are not counted`
    return [{ machine: row.machine_id, says, fix }]
  })
