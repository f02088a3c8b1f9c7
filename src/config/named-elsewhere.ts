// What other rooms define and a configuration names. This room knows none of them; a test compares.

/** Ids of the rules vc brings along. */
export const RULE_NAMES: readonly string[] = [
  ...['machine_unreachable', 'disk_low', 'collector_red', 'load_high', 'swap_rising', 'oom_kills', 'inotify_low'],
  ...['dcg_denies', 'network_unknown', 'mail_backlog', 'mail_overdue', 'rch_saturated', 'cass_stale', 'dirty_repos'],
  ...['agent_stalled', 'agent_waits', 'agent_error_loop', 'crash_loop', 'context_full', 'orphans_memory'],
  ...['transcripts_deleted', 'clock_skew', 'account_near_limit', 'limit_before_reset', 'budget', 'unpriced_model'],
  ...['own_cost', 'store_disk_full', 'backup_failed', 'own_rule_failing'],
]

/** Named queries that a rule of vc.toml may ask. */
export const QUERY_NAMES: readonly string[] = [
  ...['health', 'status', 'triage', 'alerts', 'machines', 'machine', 'agents', 'engine', 'sessions', 'ptys', 'convoys'],
  ...['missions', 'usage', 'cost', 'accounts', 'forecast', 'oracle', 'repos', 'beads', 'settings', 'config', 'builds'],
  ...['bench', 'content', 'search', 'scrapes', 'collectors', 'mail', 'network', 'guards', 'audit', 'events', 'diff'],
  ...['incidents', 'kpi', 'report', 'retention', 'doctor', 'explain', 'dna', 'patterns'],
]
