import type { Db } from '../db.ts'
import { time } from '../sql.ts'

export const SEARCH_KINDS = ['machine', 'agent', 'session', 'terminal', 'repo', 'alert', 'account', 'event'] as const
export type SearchKind = (typeof SEARCH_KINDS)[number]

export interface SearchQuestion {
  /** Looked for as it stands, without regard to case. */
  readonly text: string
  readonly machineId?: string | undefined
  readonly limit: number
  /** Events before that are not looked at. */
  readonly eventsSince: Date
}

/** One thing that holds the text, once, by the field that matches best. */
export interface SearchHit {
  readonly machine_id: string | null
  readonly subject: string
  /** What else leads there: an agent of a session, the provider of an account, the CLI. */
  readonly extra: string | null
  readonly at: string | null
  readonly field: string
  readonly value: string
  /** 0 the whole value, 1 its beginning, 2 the beginning of a word, 3 anywhere. */
  readonly rank: number
}

interface Place {
  readonly from: string
  readonly machine?: string
  readonly subject: string
  readonly extra?: string
  readonly at: string
  /** Field name to SQL of its text. */
  readonly fields: Readonly<Record<string, string>>
  readonly where?: (question: SearchQuestion) => string
}

const same = (...columns: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(columns.map((column) => [column, column]))

const EVENTS = `(
  SELECT machine_id, agent_id AS subject, event_at AS seen_at, state || coalesce(': ' || reason, '') AS words, 'agent' AS type FROM agent_state_events
  UNION ALL SELECT machine_id, alert_id, event_at, title, 'alert' FROM alert_events
  UNION ALL SELECT machine_id, machine_id, event_at, coalesce(status, '') || coalesce(': ' || status_reason, ''), 'machine' FROM machine_events
  UNION ALL SELECT machine_id, machine_id, collected_at, kind || coalesce(': ' || detail, ''), 'security' FROM security_events)`

const PLACES: Readonly<Record<SearchKind, Place>> = {
  machine: {
    from: 'machines',
    subject: 'machine_id',
    at: 'last_ok_at',
    fields: same('machine_id', 'hostname', 'ssh_target', 'os', 'tags_json', 'roles_json', 'status_reason'),
    where: () => 'removed_at IS NULL',
  },
  agent: {
    from: 'agents',
    subject: 'agent_id',
    extra: 'cli',
    at: 'coalesce(ended, first_seen)',
    fields: same('agent_id', 'session_id', 'cwd', 'session_name', 'cli', 'account_key'),
  },
  session: {
    from: `agent_sessions LEFT JOIN (SELECT machine_id, alias, min(agent_id) AS agent_id FROM agent_aliases GROUP BY ALL) AS a
      ON a.machine_id = agent_sessions.machine_id AND a.alias = 'session:' || cli || ':' || session_id`,
    machine: 'agent_sessions.machine_id',
    subject: 'session_id',
    extra: 'a.agent_id',
    at: 'last_activity_at',
    fields: same('session_id', 'cwd', 'repo', 'git_branch', 'model', 'last_error'),
  },
  terminal: {
    from: 'latest_pty_panes',
    subject: 'pane_id',
    extra: 'session_name',
    at: 'collected_at',
    fields: same('session_name', 'title', 'current_path', 'current_command'),
  },
  repo: {
    from: `repos LEFT JOIN (SELECT machine_id, path, branch FROM latest_repo_status_snapshots) AS s
      ON s.machine_id = repos.machine_id AND s.path = repos.path`,
    machine: 'repos.machine_id',
    subject: 'repos.path',
    at: 'last_seen_at',
    fields: { name: 'name', path: 'repos.path', url: 'url', branch: 's.branch' },
  },
  alert: {
    from: 'alerts',
    subject: 'alert_id',
    extra: 'status',
    at: 'since',
    fields: same('title', 'subject', 'rule'),
  },
  account: {
    from: 'latest_account_usage',
    subject: 'account_key',
    extra: 'provider',
    at: 'observed_at',
    fields: same('account_label', 'account_key', 'provider', 'plan'),
  },
  event: {
    from: EVENTS,
    subject: 'subject',
    extra: 'type',
    at: 'seen_at',
    fields: { words: 'words' },
    where: ({ eventsSince }) => `seen_at >= ${time(eventsSince)}`,
  },
}

// strpos finds the text as it stands: no pattern characters, nothing of it is SQL.
const RANK = `CASE WHEN lower(hit.value) = $text THEN 0 WHEN starts_with(lower(hit.value), $text) THEN 1
  WHEN strpos(regexp_replace(lower(hit.value), '[^[:alnum:]]', ' ', 'g'), ' ' || $text) > 0 THEN 2 ELSE 3 END`

const sqlOf = (place: Place, question: SearchQuestion): string => {
  const machine = place.machine ?? 'machine_id'
  const fields = Object.entries(place.fields).map(
    ([name, sql]) => `{'field': '${name}', 'value': CAST(${sql} AS VARCHAR)}`,
  )
  const own = place.where?.(question) ?? 'true'
  return `SELECT machine_id, subject, extra, seen_at AS "at", hit.field AS field, hit.value AS value, ${RANK} AS rank FROM (
      SELECT ${machine} AS machine_id, ${place.subject} AS subject, ${place.extra ?? 'NULL'} AS extra, ${place.at} AS seen_at,
        unnest([${fields.join(', ')}]) AS hit
      FROM ${place.from} WHERE ($machine IS NULL OR ${machine} = $machine) AND ${own})
    WHERE strpos(lower(hit.value), $text) > 0
    QUALIFY row_number() OVER (PARTITION BY machine_id, subject ORDER BY rank, seen_at DESC NULLS LAST, field) = 1
    ORDER BY rank, seen_at DESC NULLS LAST, machine_id, subject LIMIT ${Math.trunc(question.limit)}`
}

/** Things of one kind that hold the text, the best first: a fixed question per kind, over what vc itself knows. */
export const searchKind = (db: Db, kind: SearchKind, question: SearchQuestion): Promise<SearchHit[]> =>
  db.rows<SearchHit>(sqlOf(PLACES[kind], question), {
    text: question.text.toLowerCase(),
    machine: question.machineId ?? null,
  })
