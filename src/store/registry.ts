/**
 * What SQL cannot say about a table. `migrations/*.sql` are the truth for DDL; tests compare both.
 *
 * - `sample`: appended each run, deduplicated by `key` within the batch's time range; `latest` is replaced per machine.
 * - `state`: `latest` holds the newest picture; rows that changed or vanished (`gone`) are appended to the table itself.
 * - `current`: upserted by primary key; changed rows are appended to `twin` with `event_at`.
 * - `event`: appended once per `key`.
 * - `ledger`: merged by `key`, the row with the largest usage wins.
 * - `own`: written by the store itself.
 */
export type TableMode = 'sample' | 'state' | 'current' | 'event' | 'ledger' | 'own'

export interface TableSpec {
  readonly name: string
  readonly mode: TableMode
  /** Natural key; for `state` within machine and source. */
  readonly key: readonly string[]
  readonly time: string
  readonly latest?: string
  readonly twin?: string
  /** Columns whose change alone is not history. */
  readonly quiet?: readonly string[]
  /** Days at full resolution; null: for ever. */
  readonly retentionDays: number | null
  /** Columns holding foreign text, redacted before they are written. */
  readonly text?: readonly string[]
  readonly rollups?: readonly string[]
}

export const TABLES = [
  {
    name: 'machines',
    mode: 'current',
    key: ['machine_id'],
    time: 'first_seen_at',
    twin: 'machine_events',
    quiet: ['last_attempt_at', 'last_ok_at', 'consecutive_failures', 'clock_skew_ms', 'login_ms'],
    retentionDays: null,
  },
  {
    name: 'security_events',
    mode: 'event',
    key: ['machine_id', 'kind', 'collected_at'],
    time: 'collected_at',
    retentionDays: null,
    text: ['detail'],
  },
  {
    name: 'machine_tool_capabilities',
    mode: 'current',
    key: ['machine_id', 'tool_name'],
    time: 'checked_at',
    twin: 'machine_tool_capability_events',
    quiet: ['checked_at', 'expires_at', 'version_checked_at'],
    retentionDays: null,
  },
  {
    name: 'scrapes',
    mode: 'own',
    key: ['machine_id', 'source', 'collected_at'],
    time: 'collected_at',
    retentionDays: 30,
  },
  {
    name: 'sys_samples',
    mode: 'sample',
    key: ['machine_id', 'boot_id', 'uptime_s'],
    time: 'collected_at',
    latest: 'latest_sys_samples',
    retentionDays: 30,
    rollups: ['sys_5m', 'sys_1h'],
  },
  {
    name: 'sys_filesystems',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'mount'],
    time: 'collected_at',
    latest: 'latest_sys_filesystems',
    retentionDays: 30,
  },
  {
    name: 'sys_pressure',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'resource', 'kind'],
    time: 'collected_at',
    latest: 'latest_sys_pressure',
    retentionDays: 30,
  },
  {
    name: 'sys_top_processes',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'pid', 'start_ticks'],
    time: 'collected_at',
    latest: 'latest_sys_top_processes',
    retentionDays: 7,
    text: ['comm'],
  },
  {
    name: 'pty_sessions',
    mode: 'state',
    key: ['socket', 'server_start_epoch_s', 'session_id'],
    time: 'collected_at',
    latest: 'latest_pty_sessions',
    retentionDays: 30,
    text: ['session_name'],
  },
  {
    name: 'pty_panes',
    mode: 'state',
    key: ['socket', 'server_start_epoch_s', 'pane_id'],
    time: 'collected_at',
    latest: 'latest_pty_panes',
    quiet: ['window_activity_at', 'history_size', 'screen_changed_at', 'screen_hash'],
    retentionDays: 30,
    text: ['title', 'window_name', 'session_name', 'screen_reason'],
  },
  {
    name: 'pending_dialogs',
    mode: 'current',
    key: ['machine_id', 'socket', 'pane_id'],
    time: 'last_seen_at',
    retentionDays: 1,
    text: ['title', 'body_redacted', 'options_json'],
  },
  {
    name: 'agent_processes',
    mode: 'state',
    key: ['boot_id', 'pid', 'start_ticks'],
    time: 'collected_at',
    latest: 'latest_agent_processes',
    quiet: ['state'],
    retentionDays: 30,
    text: ['argv0', 'script'],
  },
  {
    name: 'agent_process_samples',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'root_pid', 'root_start_ticks'],
    time: 'collected_at',
    latest: 'latest_agent_process_samples',
    retentionDays: 30,
  },
  {
    name: 'agent_sightings',
    mode: 'state',
    key: ['sighting_source', 'subject'],
    time: 'collected_at',
    latest: 'latest_agent_sightings',
    quiet: ['as_of'],
    retentionDays: 30,
    text: ['reason'],
  },
  { name: 'agents', mode: 'current', key: ['agent_id'], time: 'first_seen', twin: 'agent_events', retentionDays: null },
  {
    name: 'agent_aliases',
    mode: 'current',
    key: ['machine_id', 'alias'],
    time: 'since',
    twin: 'agent_alias_events',
    retentionDays: null,
  },
  {
    name: 'latest_agent_states',
    mode: 'current',
    key: ['agent_id'],
    time: 'judged_at',
    twin: 'agent_state_events',
    quiet: ['judged_at', 'winner_json', 'losers_json', 'since'],
    retentionDays: null,
    text: ['reason'],
  },
  {
    name: 'agent_sessions',
    mode: 'current',
    key: ['machine_id', 'cli', 'session_id'],
    time: 'last_activity_at',
    twin: 'agent_session_events',
    quiet: ['last_activity_at', 'context_tokens', 'transcript_bytes', 'updated_at'],
    retentionDays: null,
    text: ['last_error'],
  },
  {
    name: 'agent_usage',
    mode: 'ledger',
    key: ['provider', 'message_key'],
    time: 'ts',
    retentionDays: null,
    rollups: ['usage_1h', 'usage_1d'],
  },
  {
    name: 'prices',
    mode: 'current',
    key: ['price_source', 'provider', 'model', 'valid_from'],
    time: 'recorded_at',
    retentionDays: null,
  },
  {
    name: 'account_usage_snapshots',
    mode: 'event',
    key: ['provider', 'account_key', 'limit_id', 'window_name', 'observed_source', 'observed_at'],
    time: 'observed_at',
    latest: 'latest_account_usage',
    retentionDays: 30,
  },
  {
    name: 'repos',
    mode: 'current',
    key: ['machine_id', 'path'],
    time: 'last_seen_at',
    twin: 'repo_events',
    quiet: ['last_seen_at'],
    retentionDays: null,
    text: ['url'],
  },
  {
    name: 'repo_status_snapshots',
    mode: 'state',
    key: ['path'],
    time: 'collected_at',
    latest: 'latest_repo_status_snapshots',
    retentionDays: 30,
    text: ['branch', 'upstream'],
  },
  {
    name: 'alerts',
    mode: 'current',
    key: ['alert_id'],
    time: 'since',
    twin: 'alert_events',
    quiet: ['evidence_json'],
    retentionDays: null,
    text: ['title', 'evidence_json'],
  },
  {
    name: 'self_samples',
    mode: 'sample',
    key: ['machine_id', 'collected_at'],
    time: 'collected_at',
    latest: 'latest_self_samples',
    retentionDays: 30,
  },
] as const satisfies readonly TableSpec[]

export type TableName = (typeof TABLES)[number]['name']

const byName = new Map<string, TableSpec>(TABLES.map((table) => [table.name, table]))

/** The spec of a table, or undefined for a name nobody registered. */
export const tableSpec = (name: string): TableSpec | undefined => byName.get(name)
