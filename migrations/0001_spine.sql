-- The spine: machines, scrapes, system, terminals, agents, ledger, accounts, repositories, alerts.
-- Rules (docs/ARCHITECTURE.md, store): fact tables carry no keys or indexes; small mutable tables may have a PRIMARY KEY.
-- Envelope of every fact row: collected_at, machine_id, source, source_version, schema_version.
-- Times are UTC; bytes and tokens BIGINT; money is _microusd; percentages are 0-100 and end in _pct.

-- ── inventory ───────────────────────────────────────────────────────────────
CREATE TABLE machines (
  machine_id VARCHAR PRIMARY KEY,
  ssh_target VARCHAR NOT NULL,
  tags_json VARCHAR NOT NULL,
  roles_json VARCHAR NOT NULL,
  enabled BOOLEAN NOT NULL,
  allow_write_commands BOOLEAN NOT NULL,
  allow_autopilot BOOLEAN NOT NULL,
  status VARCHAR NOT NULL,              -- online | degraded | offline | unknown
  status_reason VARCHAR,
  consecutive_failures INTEGER NOT NULL,
  first_seen_at TIMESTAMP NOT NULL,     -- when vc first knew of it
  last_attempt_at TIMESTAMP,
  last_ok_at TIMESTAMP,                 -- last answer that reached vc
  hostname VARCHAR,
  os VARCHAR,
  os_version VARCHAR,
  kernel VARCHAR,
  boot_id VARCHAR,
  cores INTEGER,
  transport VARCHAR,                    -- local | ssh2 | openssh | replay
  clock_skew_ms BIGINT,                 -- remote minus vc, measured, never corrected
  login_ms INTEGER,                     -- connect plus log in of its newest new connection, measured where polls open one
  removed_at TIMESTAMP
);
CREATE TABLE machine_events (
  event_at TIMESTAMP NOT NULL,
  machine_id VARCHAR NOT NULL,
  ssh_target VARCHAR, tags_json VARCHAR, roles_json VARCHAR,
  enabled BOOLEAN, allow_write_commands BOOLEAN, allow_autopilot BOOLEAN,
  status VARCHAR, status_reason VARCHAR, consecutive_failures INTEGER,
  first_seen_at TIMESTAMP, last_attempt_at TIMESTAMP, last_ok_at TIMESTAMP,
  hostname VARCHAR, os VARCHAR, os_version VARCHAR, kernel VARCHAR, boot_id VARCHAR,
  cores INTEGER, transport VARCHAR, clock_skew_ms BIGINT, login_ms INTEGER, removed_at TIMESTAMP
);
-- What a person did or what the network did to a machine entry: trust, host_key_changed, probe, enable, disable, skew.
CREATE TABLE security_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  kind VARCHAR NOT NULL, detail VARCHAR, actor VARCHAR
);
CREATE TABLE machine_tool_capabilities (
  machine_id VARCHAR NOT NULL,
  tool_name VARCHAR NOT NULL,
  available BOOLEAN NOT NULL,
  path VARCHAR,
  mtime_epoch_s BIGINT,
  size_bytes BIGINT,
  version VARCHAR,
  version_error VARCHAR,
  version_checked_at TIMESTAMP,
  checked_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, tool_name)
);
CREATE TABLE machine_tool_capability_events (
  event_at TIMESTAMP NOT NULL,
  machine_id VARCHAR NOT NULL, tool_name VARCHAR NOT NULL, available BOOLEAN, path VARCHAR,
  mtime_epoch_s BIGINT, size_bytes BIGINT, version VARCHAR, version_error VARCHAR,
  version_checked_at TIMESTAMP, checked_at TIMESTAMP, expires_at TIMESTAMP
);

-- ── scrapes and cursors ─────────────────────────────────────────────────────
CREATE TABLE scrapes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  up BOOLEAN NOT NULL,
  fault VARCHAR,
  detail VARCHAR,
  partial BOOLEAN NOT NULL,
  duration_ms INTEGER NOT NULL,
  bytes BIGINT NOT NULL,
  rows INTEGER NOT NULL,
  cpu_ms INTEGER NOT NULL,
  warnings_json VARCHAR
);
CREATE TABLE latest_scrapes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  up BOOLEAN NOT NULL, fault VARCHAR, detail VARCHAR, partial BOOLEAN NOT NULL,
  duration_ms INTEGER NOT NULL, bytes BIGINT NOT NULL, rows INTEGER NOT NULL, cpu_ms INTEGER NOT NULL, warnings_json VARCHAR,
  last_ok_at TIMESTAMP,
  consecutive_failures INTEGER NOT NULL,
  PRIMARY KEY (machine_id, source)
);
CREATE TABLE cursors (
  machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  cursor_key VARCHAR NOT NULL,
  value_json VARCHAR NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, source, cursor_key)
);

-- ── system ──────────────────────────────────────────────────────────────────
CREATE TABLE sys_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  boot_id VARCHAR, uptime_s DOUBLE,
  cpu_pct FLOAT, iowait_pct FLOAT, steal_pct FLOAT,   -- null on the first poll after a start or reboot
  cpu_decayed BOOLEAN NOT NULL,                       -- true: a decaying average (Darwin), not a delta
  cores INTEGER,
  load1 FLOAT, load5 FLOAT, load15 FLOAT,
  procs_running INTEGER, procs_blocked INTEGER, procs_total INTEGER,
  mem_total_bytes BIGINT, mem_used_bytes BIGINT, mem_available_bytes BIGINT,
  swap_total_bytes BIGINT, swap_used_bytes BIGINT,
  swap_in_pages_per_s DOUBLE, swap_out_pages_per_s DOUBLE,
  oom_kills BIGINT,                                   -- new since the previous sample
  disk_read_bytes_per_s DOUBLE, disk_write_bytes_per_s DOUBLE,
  net_rx_bytes_per_s DOUBLE, net_tx_bytes_per_s DOUBLE,
  cgroup_memory_max_bytes BIGINT, cgroup_memory_used_bytes BIGINT,
  temp_cpu_celsius FLOAT, gpu_pct FLOAT,
  inotify_max_watches BIGINT, inotify_max_instances BIGINT,
  reboot_required BOOLEAN,
  clock_skew_ms BIGINT,
  probe_duration_s INTEGER,
  partial BOOLEAN NOT NULL
);
CREATE TABLE latest_sys_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  boot_id VARCHAR, uptime_s DOUBLE,
  cpu_pct FLOAT, iowait_pct FLOAT, steal_pct FLOAT, cpu_decayed BOOLEAN NOT NULL, cores INTEGER,
  load1 FLOAT, load5 FLOAT, load15 FLOAT,
  procs_running INTEGER, procs_blocked INTEGER, procs_total INTEGER,
  mem_total_bytes BIGINT, mem_used_bytes BIGINT, mem_available_bytes BIGINT,
  swap_total_bytes BIGINT, swap_used_bytes BIGINT, swap_in_pages_per_s DOUBLE, swap_out_pages_per_s DOUBLE,
  oom_kills BIGINT,
  disk_read_bytes_per_s DOUBLE, disk_write_bytes_per_s DOUBLE, net_rx_bytes_per_s DOUBLE, net_tx_bytes_per_s DOUBLE,
  cgroup_memory_max_bytes BIGINT, cgroup_memory_used_bytes BIGINT,
  temp_cpu_celsius FLOAT, gpu_pct FLOAT, inotify_max_watches BIGINT, inotify_max_instances BIGINT,
  reboot_required BOOLEAN, clock_skew_ms BIGINT, probe_duration_s INTEGER, partial BOOLEAN NOT NULL
);
CREATE TABLE sys_filesystems (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  mount VARCHAR NOT NULL, fs_type VARCHAR,
  size_bytes BIGINT, used_bytes BIGINT, avail_bytes BIGINT, used_pct FLOAT,
  inodes_total BIGINT, inodes_free BIGINT           -- null: the type has none
);
CREATE TABLE latest_sys_filesystems (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  mount VARCHAR NOT NULL, fs_type VARCHAR, size_bytes BIGINT, used_bytes BIGINT, avail_bytes BIGINT, used_pct FLOAT,
  inodes_total BIGINT, inodes_free BIGINT
);
CREATE TABLE sys_pressure (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  resource VARCHAR NOT NULL, kind VARCHAR NOT NULL,  -- cpu|memory|io, some|full
  avg10_pct FLOAT, avg60_pct FLOAT, avg300_pct FLOAT,
  stall_us BIGINT                                    -- stalled since the previous sample
);
CREATE TABLE latest_sys_pressure (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  resource VARCHAR NOT NULL, kind VARCHAR NOT NULL,
  avg10_pct FLOAT, avg60_pct FLOAT, avg300_pct FLOAT, stall_us BIGINT
);
CREATE TABLE sys_top_processes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  pid INTEGER NOT NULL, start_ticks BIGINT NOT NULL, ppid INTEGER, state VARCHAR, comm VARCHAR,
  cpu_pct FLOAT, cpu_lifetime BOOLEAN NOT NULL,      -- true: average since start, first sight
  mem_bytes BIGINT, threads INTEGER
);
CREATE TABLE latest_sys_top_processes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  pid INTEGER NOT NULL, start_ticks BIGINT NOT NULL, ppid INTEGER, state VARCHAR, comm VARCHAR,
  cpu_pct FLOAT, cpu_lifetime BOOLEAN NOT NULL, mem_bytes BIGINT, threads INTEGER
);
CREATE TABLE sys_5m (
  bucket_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, samples INTEGER NOT NULL,
  cpu_avg_pct FLOAT, cpu_max_pct FLOAT, load5_avg FLOAT, load5_max FLOAT,
  mem_used_avg_bytes BIGINT, mem_used_max_bytes BIGINT, mem_total_bytes BIGINT, swap_used_max_bytes BIGINT,
  disk_read_bytes_per_s DOUBLE, disk_write_bytes_per_s DOUBLE, net_rx_bytes_per_s DOUBLE, net_tx_bytes_per_s DOUBLE
);
CREATE TABLE sys_1h (
  bucket_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, samples INTEGER NOT NULL,
  cpu_avg_pct FLOAT, cpu_max_pct FLOAT, load5_avg FLOAT, load5_max FLOAT,
  mem_used_avg_bytes BIGINT, mem_used_max_bytes BIGINT, mem_total_bytes BIGINT, swap_used_max_bytes BIGINT,
  disk_read_bytes_per_s DOUBLE, disk_write_bytes_per_s DOUBLE, net_rx_bytes_per_s DOUBLE, net_tx_bytes_per_s DOUBLE
);

-- ── terminals (history on change, latest replaced every scrape) ─────────────
CREATE TABLE pty_sessions (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  socket VARCHAR NOT NULL, server_pid INTEGER, server_start_epoch_s BIGINT,
  session_id VARCHAR NOT NULL, session_name VARCHAR,
  created_at TIMESTAMP, attached_clients INTEGER, panes INTEGER,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_pty_sessions (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  socket VARCHAR NOT NULL, server_pid INTEGER, server_start_epoch_s BIGINT,
  session_id VARCHAR NOT NULL, session_name VARCHAR, created_at TIMESTAMP, attached_clients INTEGER, panes INTEGER,
  gone BOOLEAN NOT NULL
);
CREATE TABLE pty_panes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  socket VARCHAR NOT NULL, server_pid INTEGER, server_start_epoch_s BIGINT,
  pane_id VARCHAR NOT NULL, session_id VARCHAR, session_name VARCHAR, window_index INTEGER, window_name VARCHAR, pane_index INTEGER,
  pane_pid INTEGER, tty VARCHAR, current_command VARCHAR, current_path VARCHAR, title VARCHAR,
  dead BOOLEAN NOT NULL, dead_status INTEGER, dead_signal INTEGER,
  active BOOLEAN, alternate_on BOOLEAN, in_mode BOOLEAN, attached_clients INTEGER,
  width INTEGER, height INTEGER, history_size BIGINT,
  window_activity_at TIMESTAMP,
  screen_hash VARCHAR,                 -- spinner glyphs and digits removed; the text itself is not stored
  screen_changed_at TIMESTAMP,
  screen_cli VARCHAR, screen_state VARCHAR, screen_rule VARCHAR, screen_reason VARCHAR, screen_until TIMESTAMP,
  dialog_hash VARCHAR,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_pty_panes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  socket VARCHAR NOT NULL, server_pid INTEGER, server_start_epoch_s BIGINT,
  pane_id VARCHAR NOT NULL, session_id VARCHAR, session_name VARCHAR, window_index INTEGER, window_name VARCHAR, pane_index INTEGER,
  pane_pid INTEGER, tty VARCHAR, current_command VARCHAR, current_path VARCHAR, title VARCHAR,
  dead BOOLEAN NOT NULL, dead_status INTEGER, dead_signal INTEGER,
  active BOOLEAN, alternate_on BOOLEAN, in_mode BOOLEAN, attached_clients INTEGER,
  width INTEGER, height INTEGER, history_size BIGINT, window_activity_at TIMESTAMP,
  screen_hash VARCHAR, screen_changed_at TIMESTAMP,
  screen_cli VARCHAR, screen_state VARCHAR, screen_rule VARCHAR, screen_reason VARCHAR, screen_until TIMESTAMP,
  dialog_hash VARCHAR, gone BOOLEAN NOT NULL
);
-- Redacted text of a dialog that waits for a person; emptied after 24 h, its hash stays in pty_panes.
CREATE TABLE pending_dialogs (
  machine_id VARCHAR NOT NULL, socket VARCHAR NOT NULL, pane_id VARCHAR NOT NULL,
  dialog_hash VARCHAR NOT NULL, title VARCHAR, body_redacted VARCHAR, options_json VARCHAR,
  first_seen_at TIMESTAMP NOT NULL, last_seen_at TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, socket, pane_id)
);

-- ── agents ──────────────────────────────────────────────────────────────────
CREATE TABLE agent_processes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  boot_id VARCHAR, pid INTEGER NOT NULL, start_ticks BIGINT NOT NULL,
  root_pid INTEGER NOT NULL, root_start_ticks BIGINT,
  cli VARCHAR NOT NULL, how VARCHAR NOT NULL,        -- exe | script
  argv0 VARCHAR, script VARCHAR, flags VARCHAR, tty VARCHAR, state VARCHAR, cwd VARCHAR,
  started_at TIMESTAMP, ppid INTEGER,
  detached BOOLEAN NOT NULL,                         -- a background server of that CLI, not a session
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_agent_processes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  boot_id VARCHAR, pid INTEGER NOT NULL, start_ticks BIGINT NOT NULL, root_pid INTEGER NOT NULL, root_start_ticks BIGINT,
  cli VARCHAR NOT NULL, how VARCHAR NOT NULL, argv0 VARCHAR, script VARCHAR, flags VARCHAR, tty VARCHAR, state VARCHAR, cwd VARCHAR,
  started_at TIMESTAMP, ppid INTEGER, detached BOOLEAN NOT NULL, gone BOOLEAN NOT NULL
);
-- CPU and memory of a session = sum over its process tree.
CREATE TABLE agent_process_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  boot_id VARCHAR, root_pid INTEGER NOT NULL, root_start_ticks BIGINT NOT NULL, cli VARCHAR NOT NULL,
  processes INTEGER NOT NULL, cpu_pct FLOAT, cpu_lifetime BOOLEAN NOT NULL, rss_bytes BIGINT
);
CREATE TABLE latest_agent_process_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  boot_id VARCHAR, root_pid INTEGER NOT NULL, root_start_ticks BIGINT NOT NULL, cli VARCHAR NOT NULL,
  processes INTEGER NOT NULL, cpu_pct FLOAT, cpu_lifetime BOOLEAN NOT NULL, rss_bytes BIGINT
);
-- What each source says of an agent right now: one row per source and subject, history on change.
CREATE TABLE agent_sightings (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  cli VARCHAR NOT NULL,
  tier VARCHAR NOT NULL,               -- death | live | transcript | process | screen
  sighting_source VARCHAR NOT NULL,    -- claude.registry, codex.title, claude.transcript, screen, …
  subject VARCHAR NOT NULL,            -- pid:<pid>:<start_ticks> | session:<id> | pane:<socket>:<server_start>:<pane_id>
  pid INTEGER, start_ticks BIGINT, session_id VARCHAR, pane_key VARCHAR, cwd VARCHAR, cli_version VARCHAR,
  says VARCHAR NOT NULL, rule VARCHAR NOT NULL, reason VARCHAR,
  as_of TIMESTAMP NOT NULL, since TIMESTAMP, until_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_agent_sightings (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  cli VARCHAR NOT NULL, tier VARCHAR NOT NULL, sighting_source VARCHAR NOT NULL, subject VARCHAR NOT NULL,
  pid INTEGER, start_ticks BIGINT, session_id VARCHAR, pane_key VARCHAR, cwd VARCHAR, cli_version VARCHAR,
  says VARCHAR NOT NULL, rule VARCHAR NOT NULL, reason VARCHAR, as_of TIMESTAMP NOT NULL, since TIMESTAMP, until_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);
CREATE TABLE agents (
  agent_id VARCHAR PRIMARY KEY,        -- atlas/claude-7k2m, minted once, never reused
  machine_id VARCHAR NOT NULL,
  cli VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,               -- managed | adopted | observed
  first_seen TIMESTAMP NOT NULL,
  ended TIMESTAMP,
  session_id VARCHAR, parent_session_id VARCHAR, cli_version VARCHAR, cwd VARCHAR, repo_id VARCHAR,
  boot_id VARCHAR, root_pid INTEGER, root_start_ticks BIGINT, tty VARCHAR,
  pane_key VARCHAR, session_name VARCHAR,
  account_key VARCHAR
);
CREATE TABLE agent_events (
  event_at TIMESTAMP NOT NULL,
  agent_id VARCHAR NOT NULL, machine_id VARCHAR, cli VARCHAR, kind VARCHAR, first_seen TIMESTAMP, ended TIMESTAMP,
  session_id VARCHAR, parent_session_id VARCHAR, cli_version VARCHAR, cwd VARCHAR, repo_id VARCHAR,
  boot_id VARCHAR, root_pid INTEGER, root_start_ticks BIGINT, tty VARCHAR, pane_key VARCHAR, session_name VARCHAR, account_key VARCHAR
);
CREATE TABLE agent_aliases (
  machine_id VARCHAR NOT NULL,
  alias VARCHAR NOT NULL,              -- session:<cli>:<id> | proc:<boot_id>:<pid>:<start_ticks> | pane:<socket>:<server_start>:<pane_id> | agent:<merged id>
  agent_id VARCHAR NOT NULL,
  since TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, alias)
);
CREATE TABLE agent_alias_events (
  event_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, alias VARCHAR NOT NULL, agent_id VARCHAR, since TIMESTAMP
);
CREATE TABLE latest_agent_states (
  agent_id VARCHAR PRIMARY KEY, machine_id VARCHAR NOT NULL,
  state VARCHAR NOT NULL, reason VARCHAR, since TIMESTAMP, until_at TIMESTAMP,
  rule VARCHAR NOT NULL, winner_json VARCHAR, losers_json VARCHAR, judged_at TIMESTAMP NOT NULL
);
CREATE TABLE agent_state_events (
  event_at TIMESTAMP NOT NULL, agent_id VARCHAR NOT NULL, machine_id VARCHAR NOT NULL,
  state VARCHAR NOT NULL, reason VARCHAR, since TIMESTAMP, until_at TIMESTAMP,
  rule VARCHAR NOT NULL, winner_json VARCHAR, losers_json VARCHAR, judged_at TIMESTAMP
);
CREATE TABLE agent_sessions (
  machine_id VARCHAR NOT NULL, cli VARCHAR NOT NULL, session_id VARCHAR NOT NULL,
  provider VARCHAR, parent_session_id VARCHAR, is_subagent BOOLEAN NOT NULL,
  cwd VARCHAR, repo VARCHAR, git_branch VARCHAR, cli_version VARCHAR, model VARCHAR, entrypoint VARCHAR,
  started_at TIMESTAMP, last_activity_at TIMESTAMP,
  context_tokens BIGINT, context_window_tokens BIGINT,
  last_error VARCHAR, last_error_at TIMESTAMP,
  transcript_path VARCHAR, transcript_bytes BIGINT,
  source_gone BOOLEAN NOT NULL,        -- the file vanished; totals stay
  updated_at TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, cli, session_id)
);
CREATE TABLE agent_session_events (
  event_at TIMESTAMP NOT NULL,
  machine_id VARCHAR NOT NULL, cli VARCHAR NOT NULL, session_id VARCHAR NOT NULL,
  provider VARCHAR, parent_session_id VARCHAR, is_subagent BOOLEAN,
  cwd VARCHAR, repo VARCHAR, git_branch VARCHAR, cli_version VARCHAR, model VARCHAR, entrypoint VARCHAR,
  started_at TIMESTAMP, last_activity_at TIMESTAMP, context_tokens BIGINT, context_window_tokens BIGINT,
  last_error VARCHAR, last_error_at TIMESTAMP, transcript_path VARCHAR, transcript_bytes BIGINT, source_gone BOOLEAN, updated_at TIMESTAMP
);

-- ── the ledger ──────────────────────────────────────────────────────────────
-- input excludes cache; output includes reasoning; reasoning is a part of output.
CREATE TABLE agent_usage (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  provider VARCHAR NOT NULL,
  message_key VARCHAR NOT NULL,        -- message or response id; fallback request:<id>, then record:<session>:<id>
  ts TIMESTAMP NOT NULL,
  request_id VARCHAR,
  cli VARCHAR NOT NULL, session_id VARCHAR NOT NULL, parent_session_id VARCHAR, is_sidechain BOOLEAN NOT NULL,
  shared BOOLEAN NOT NULL,             -- the same message stands in several sessions; attributed to the earliest record
  model VARCHAR,
  input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
  cache_read_tokens BIGINT NOT NULL, cache_write_5m_tokens BIGINT NOT NULL, cache_write_1h_tokens BIGINT NOT NULL,
  reasoning_tokens BIGINT NOT NULL, total_tokens BIGINT NOT NULL,
  cost_microusd BIGINT,                -- null: unpriced
  price_source VARCHAR,
  account_key VARCHAR,
  cwd VARCHAR, project VARCHAR, repo VARCHAR
);
CREATE TABLE usage_1h (
  bucket_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, provider VARCHAR NOT NULL, cli VARCHAR NOT NULL, model VARCHAR, account_key VARCHAR,
  messages BIGINT NOT NULL, input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
  cache_read_tokens BIGINT NOT NULL, cache_write_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL, total_tokens BIGINT NOT NULL,
  cost_microusd BIGINT NOT NULL, unpriced_tokens BIGINT NOT NULL
);
-- Kept for ever.
CREATE TABLE usage_1d (
  bucket_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, provider VARCHAR NOT NULL, cli VARCHAR NOT NULL, model VARCHAR, account_key VARCHAR, project VARCHAR,
  messages BIGINT NOT NULL, input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
  cache_read_tokens BIGINT NOT NULL, cache_write_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL, total_tokens BIGINT NOT NULL,
  cost_microusd BIGINT NOT NULL, unpriced_tokens BIGINT NOT NULL
);
CREATE TABLE prices (
  price_source VARCHAR NOT NULL,       -- e.g. genai-prices@0.1.8 | vc.toml
  provider VARCHAR NOT NULL, model VARCHAR NOT NULL, matched_model VARCHAR NOT NULL,
  valid_from TIMESTAMP NOT NULL,
  input_microusd_per_mtok DOUBLE, output_microusd_per_mtok DOUBLE,
  cache_read_microusd_per_mtok DOUBLE, cache_write_5m_microusd_per_mtok DOUBLE, cache_write_1h_microusd_per_mtok DOUBLE,
  tiers_json VARCHAR,
  recorded_at TIMESTAMP NOT NULL,
  PRIMARY KEY (price_source, provider, model, valid_from)
);

-- ── accounts ────────────────────────────────────────────────────────────────
CREATE TABLE account_usage_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  provider VARCHAR NOT NULL, account_key VARCHAR NOT NULL, account_label VARCHAR,
  limit_id VARCHAR NOT NULL, window_name VARCHAR NOT NULL,
  used_pct DOUBLE,                     -- unclamped; null: unknown
  resets_at TIMESTAMP, observed_at TIMESTAMP NOT NULL,
  observed_source VARCHAR NOT NULL, source_rank INTEGER NOT NULL,
  plan VARCHAR, credits VARCHAR, status VARCHAR
);
CREATE TABLE latest_account_usage (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  provider VARCHAR NOT NULL, account_key VARCHAR NOT NULL, account_label VARCHAR, limit_id VARCHAR NOT NULL, window_name VARCHAR NOT NULL,
  used_pct DOUBLE, resets_at TIMESTAMP, observed_at TIMESTAMP NOT NULL, observed_source VARCHAR NOT NULL, source_rank INTEGER NOT NULL,
  plan VARCHAR, credits VARCHAR, status VARCHAR,
  PRIMARY KEY (machine_id, provider, account_key, limit_id, window_name, observed_source)
);

-- ── repositories ────────────────────────────────────────────────────────────
CREATE TABLE repos (
  machine_id VARCHAR NOT NULL, repo_id VARCHAR NOT NULL, path VARCHAR NOT NULL,
  url VARCHAR, name VARCHAR, is_worktree BOOLEAN, first_seen_at TIMESTAMP NOT NULL, last_seen_at TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, path)
);
CREATE TABLE repo_events (
  event_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, repo_id VARCHAR, path VARCHAR NOT NULL, url VARCHAR, name VARCHAR,
  is_worktree BOOLEAN, first_seen_at TIMESTAMP, last_seen_at TIMESTAMP
);
CREATE TABLE repo_status_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  repo_id VARCHAR NOT NULL, path VARCHAR NOT NULL, state VARCHAR NOT NULL,  -- ok | not_a_repo | bare | dubious_ownership | missing | failed
  branch VARCHAR, detached BOOLEAN, head_oid VARCHAR, upstream VARCHAR, upstream_gone BOOLEAN,
  dirty BOOLEAN, staged INTEGER, unstaged INTEGER, untracked INTEGER, conflicted INTEGER, stashes INTEGER,
  ahead INTEGER, behind INTEGER, last_commit_at TIMESTAMP, commits_7d INTEGER, commits_30d INTEGER, fetched_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_repo_status_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  repo_id VARCHAR NOT NULL, path VARCHAR NOT NULL, state VARCHAR NOT NULL,
  branch VARCHAR, detached BOOLEAN, head_oid VARCHAR, upstream VARCHAR, upstream_gone BOOLEAN,
  dirty BOOLEAN, staged INTEGER, unstaged INTEGER, untracked INTEGER, conflicted INTEGER, stashes INTEGER,
  ahead INTEGER, behind INTEGER, last_commit_at TIMESTAMP, commits_7d INTEGER, commits_30d INTEGER, fetched_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);

-- ── alerts ──────────────────────────────────────────────────────────────────
CREATE TABLE alerts (
  alert_id VARCHAR PRIMARY KEY,        -- hash of rule, machine and subject
  rule VARCHAR NOT NULL, machine_id VARCHAR, subject VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,           -- critical | warning | info
  status VARCHAR NOT NULL,             -- pending | firing | resolved
  title VARCHAR NOT NULL, evidence_json VARCHAR NOT NULL,
  since TIMESTAMP NOT NULL, fired_at TIMESTAMP, resolved_at TIMESTAMP,
  acked_at TIMESTAMP, silenced_until TIMESTAMP, closed_at TIMESTAMP
);
CREATE TABLE alert_events (
  event_at TIMESTAMP NOT NULL, alert_id VARCHAR NOT NULL, rule VARCHAR, machine_id VARCHAR, subject VARCHAR, severity VARCHAR, status VARCHAR,
  title VARCHAR, evidence_json VARCHAR, since TIMESTAMP, fired_at TIMESTAMP, resolved_at TIMESTAMP,
  acked_at TIMESTAMP, silenced_until TIMESTAMP, closed_at TIMESTAMP
);

-- ── vc's own cost ───────────────────────────────────────────────────────────
CREATE TABLE self_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  pid INTEGER NOT NULL, uptime_s DOUBLE NOT NULL,
  cpu_ms BIGINT NOT NULL, children_cpu_ms BIGINT,    -- since the previous sample
  rss_bytes BIGINT NOT NULL, processes_started INTEGER NOT NULL, bytes_received BIGINT NOT NULL,
  ticks INTEGER NOT NULL, ticks_missed INTEGER NOT NULL, loop_lag_p99_ms FLOAT,
  store_bytes BIGINT
);
CREATE TABLE latest_self_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  pid INTEGER NOT NULL, uptime_s DOUBLE NOT NULL, cpu_ms BIGINT NOT NULL, children_cpu_ms BIGINT,
  rss_bytes BIGINT NOT NULL, processes_started INTEGER NOT NULL, bytes_received BIGINT NOT NULL,
  ticks INTEGER NOT NULL, ticks_missed INTEGER NOT NULL, loop_lag_p99_ms FLOAT, store_bytes BIGINT
);
