import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import type { AgentRow } from './fleet-rows.ts'

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
const mayBeOf = (row: AgentRow, session: read.AgentSessionRow): boolean =>
  session.machine_id === row.machine_id &&
  session.cli === row.cli &&
  session.cwd === row.cwd &&
  Date.parse(session.last_activity_at ?? '') >= Date.parse(row.first_seen)

type IsRead = (machineId: string, cli: string) => boolean

/** Agents that took turns, whose CLI's files are read there, and of which no session is known. */
const withoutSession = (rows: readonly AgentRow[], isRead: IsRead, now: Date): readonly AgentRow[] =>
  rows.filter((row) => {
    const young = [row.first_seen, row.since].some((at) => at !== null && now.getTime() - Date.parse(at) < PATIENCE_MS)
    if (MOVED_BY[row.cli] === undefined || row.ended !== null || row.session_id !== null || young) return false
    return TOOK_TURNS.has(row.state) && isRead(row.machine_id, row.cli)
  })

/** Agents that took turns of which vc finds no record: what they use is in no sum, and nothing else would say so. */
export const unreadAgents = (
  rows: readonly AgentRow[],
  sessions: readonly read.AgentSessionRow[],
  isRead: IsRead,
  now: Date,
): readonly Unread[] =>
  withoutSession(rows, isRead, now).flatMap((row) => {
    if (sessions.some((session) => mayBeOf(row, session))) return []
    const says = `${row.agent_id} takes turns, but no transcript of it is found: its tokens are not counted`
    return [{ machine: row.machine_id, says, fix: MOVED_BY[row.cli] ?? '' }]
  })

/** Sessions of agents that run now: who took no turn for that long is not looked for. */
const LOOKED_BACK_MS = 30 * 86_400_000

/** The same, from the store: of sessions only those are read that could be of such an agent. */
export const readUnread = async (
  ctx: QueryContext,
  rows: readonly AgentRow[],
  isRead: IsRead,
): Promise<readonly Unread[]> => {
  const mute = withoutSession(rows, isRead, ctx.now)
  if (mute.length === 0) return []
  const firstSeen = Math.min(...mute.map((row) => Date.parse(row.first_seen)))
  const activeSince = new Date(Math.max(firstSeen, ctx.now.getTime() - LOOKED_BACK_MS))
  const cwds = [...new Set(mute.map(({ cwd }) => cwd))]
  return unreadAgents(mute, await read.agentSessions(ctx.db, { activeSince, cwds }), isRead, ctx.now)
}
