import type { Row } from '../../core/rows.ts'
import { type Columns, type DatabaseSql, integerOf, type Kinds, textOf } from '../database-ask.ts'
import { idOf, instantOf, numberOf, objectOf, parseExact, stringOf } from '../foreign-json.ts'

/** Tables of ntm's state database that vc reads, and the columns that prove it is one. */
export const STATE_TABLES = ['runtime_sessions', 'runtime_agents', 'attention_events'] as const
export const STATE_REQUIRED = ['attention_events.cursor', 'attention_events.event_type', 'runtime_agents.pane'] as const

export const EVENTS_PER_LOOK = 1000

export interface NtmState {
  /** Newest first is not promised; by session. */
  readonly sessions: ReadonlyMap<string, SessionState>
  readonly panes: readonly PaneState[]
  readonly events: readonly NtmEvent[]
  /** Largest cursor in the database; null: it holds no event. */
  readonly lastCursor: number | null
}

export interface SessionState {
  readonly workDir: string | null
  readonly healthStatus: string | null
  readonly healthReason: string | null
}

export interface PaneState {
  readonly session: string
  readonly pane: string
  readonly type: string
  readonly variant: string | null
  readonly state: string
  readonly bead: string | null
  readonly pendingMail: number | null
}

export interface NtmEvent {
  readonly cursor: number
  readonly ts: Date
  readonly session: string | null
  readonly pane: string | null
  readonly columns: Row
}

const column =
  (columns: Columns, table: string) =>
  (name: string, chars = 256) =>
    `'${name}', ${textOf(columns, `${table}.${name}`, 't', chars)}`
const whole = (columns: Columns, table: string) => (name: string) =>
  `'${name}', ${integerOf(columns, `${table}.${name}`, 't')}`

/** One statement: fresh sessions and agents, and the events after a cursor, oldest first. */
export const stateSql = (columns: Columns, afterCursor: number): DatabaseSql => {
  const session = column(columns, 'runtime_sessions')
  const agent = column(columns, 'runtime_agents')
  const event = column(columns, 'attention_events')
  const sessions = ['name', 'health_status', 'health_reason', 'stale_after'].map((name) => session(name))
  const agents = ['session_name', 'pane', 'agent_type', 'variant', 'state', 'current_bead', 'stale_after'].map((name) =>
    agent(name),
  )
  const events = 'ts session_name pane category event_type source actionability severity reason_code'
    .split(' ')
    .map((name) => event(name))
  return {
    with: `recent AS (SELECT * FROM attention_events WHERE cursor > ${Math.trunc(afterCursor)} ORDER BY cursor LIMIT ${EVENTS_PER_LOOK})`,
    selects: [
      `SELECT 'session', json_object(${sessions.join(', ')}, ${session('project_path', 4096)}) FROM runtime_sessions AS t`,
      `SELECT 'agent', json_object(${agents.join(', ')}, ${whole(columns, 'runtime_agents')('pending_mail')}) FROM runtime_agents AS t`,
      `SELECT 'event', json_object(${events.join(', ')}, ${whole(columns, 'attention_events')('cursor')}, ${event('summary', 512)}, ${event('details', 4096)}) FROM recent AS t`,
      `SELECT 'last', json_object('cursor', max(cursor)) FROM attention_events`,
    ],
  }
}

/** Rows of one look; what ntm itself calls stale at `at` is not told as its present word. Pure, never throws. */
export const parseState = (kinds: Kinds, at: Date): NtmState => {
  const fresh = (row: Readonly<Record<string, unknown>>): boolean => {
    const until = instantOf(row.stale_after)
    return until !== null && until.getTime() > at.getTime()
  }
  const sessions = (kinds.get('session') ?? []).flatMap((row) => {
    const name = stringOf(row.name)
    if (name === null || !fresh(row)) return []
    const state: SessionState = {
      workDir: stringOf(row.project_path, 4096),
      healthStatus: stringOf(row.health_status, 40),
      healthReason: stringOf(row.health_reason),
    }
    return [[name, state] as const]
  })
  return {
    sessions: new Map(sessions),
    panes: (kinds.get('agent') ?? []).filter(fresh).flatMap(paneOf),
    events: (kinds.get('event') ?? []).flatMap(eventOf),
    lastCursor: numberOf(kinds.get('last')?.[0]?.cursor),
  }
}

const paneOf = (row: Readonly<Record<string, unknown>>): readonly PaneState[] => {
  const [session, pane, type] = [stringOf(row.session_name), stringOf(row.pane, 40), stringOf(row.agent_type, 40)]
  if (session === null || pane === null || type === null || type === 'user') return []
  return [
    {
      session,
      pane,
      type,
      variant: stringOf(row.variant, 40),
      state: stringOf(row.state, 40) ?? 'unknown',
      bead: stringOf(row.current_bead, 80),
      pendingMail: numberOf(row.pending_mail),
    },
  ]
}

const eventOf = (row: Readonly<Record<string, unknown>>): readonly NtmEvent[] => {
  const cursor = numberOf(row.cursor)
  const ts = instantOf(row.ts)
  const type = stringOf(row.event_type, 80)
  if (cursor === null || !Number.isSafeInteger(cursor) || ts === null || type === null) return []
  const columns = {
    category: stringOf(row.category, 40),
    event_type: type,
    event_source: stringOf(row.source, 80),
    severity: stringOf(row.severity, 20),
    actionability: stringOf(row.actionability, 40),
    reason_code: stringOf(row.reason_code, 120),
    summary: stringOf(row.summary),
    details_json: detailsJson(row.details),
  }
  return [{ cursor, ts, session: stringOf(row.session_name), pane: stringOf(row.pane, 40), columns }]
}

/** Names of details that are words of vc's own trade; anything else may quote a person or an agent and stays there. */
const KEPT =
  /^(from_state|to_state|previous_state|state|agent_type|source_name|degraded_reason|fresh|available|age_ms|context_percent|count|duration_ms|pane_pid|provider|account|limit_hit|used_pct|resets_at|bead_id|status)$/

const detailsJson = (text: unknown): string | null => {
  const details = typeof text === 'string' ? objectOf(parseExact(text)) : null
  const kept = Object.entries(details ?? {}).flatMap(([name, value]) => {
    if (!KEPT.test(name)) return []
    const plain =
      typeof value === 'boolean' || typeof value === 'number'
        ? value
        : typeof value === 'string'
          ? stringOf(value, 120)
          : idOf(value)
    return plain === null ? [] : [[name, plain] as const]
  })
  return kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept))
}
