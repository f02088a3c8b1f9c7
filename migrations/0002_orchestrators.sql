-- What session managers and orchestrators say: ntm, gastown.

-- ── ntm ─────────────────────────────────────────────────────────────────────
CREATE TABLE ntm_sessions_snapshot (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  session_name VARCHAR NOT NULL, label VARCHAR, work_dir VARCHAR, attached BOOLEAN,
  windows INTEGER, panes INTEGER,
  agent_counts_json VARCHAR,           -- type to count, as ntm names types; user panes apart
  panes_json VARCHAR,                  -- panes ntm itself looked at within its own limit; null: none that fresh
  health_status VARCHAR, health_reason VARCHAR
);
CREATE TABLE latest_ntm_sessions_snapshot (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  session_name VARCHAR NOT NULL, label VARCHAR, work_dir VARCHAR, attached BOOLEAN,
  windows INTEGER, panes INTEGER,
  agent_counts_json VARCHAR,           -- type to count, as ntm names types; user panes apart
  panes_json VARCHAR,                  -- panes ntm itself looked at within its own limit; null: none that fresh
  health_status VARCHAR, health_reason VARCHAR
);
-- Sums over the machine. Shells of people are no agents.
CREATE TABLE ntm_activity_snapshot (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  total_sessions INTEGER NOT NULL, attached_sessions INTEGER, total_agents INTEGER,
  by_type_json VARCHAR, by_state_json VARCHAR
);
CREATE TABLE latest_ntm_activity_snapshot (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  total_sessions INTEGER NOT NULL, attached_sessions INTEGER, total_agents INTEGER,
  by_type_json VARCHAR, by_state_json VARCHAR
);
-- ntm's attention feed. `cursor` starts again when ntm's database does.
CREATE TABLE ntm_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL, cursor BIGINT NOT NULL,
  category VARCHAR, event_type VARCHAR NOT NULL, session_name VARCHAR, pane VARCHAR,
  agent_id VARCHAR,                    -- vc's own, where the pane is known
  event_source VARCHAR, severity VARCHAR, actionability VARCHAR, reason_code VARCHAR, summary VARCHAR,
  details_json VARCHAR                 -- plain values only; nothing an agent or a person wrote
);

-- ── gastown ─────────────────────────────────────────────────────────────────
CREATE TABLE gastown_towns (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL,               -- path of the town
  name VARCHAR, daemon_running BOOLEAN, dolt_running BOOLEAN, dolt_port INTEGER,
  tmux_socket VARCHAR, tmux_running BOOLEAN, rigs INTEGER, polecats INTEGER, crew INTEGER, active_hooks INTEGER
);
CREATE TABLE latest_gastown_towns (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL,               -- path of the town
  name VARCHAR, daemon_running BOOLEAN, dolt_running BOOLEAN, dolt_port INTEGER,
  tmux_socket VARCHAR, tmux_running BOOLEAN, rigs INTEGER, polecats INTEGER, crew INTEGER, active_hooks INTEGER
);
-- Agents by role. `state` is what the agent wrote of itself; whether it lives says `running` and vc's own look.
CREATE TABLE gastown_agents (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, address VARCHAR NOT NULL, rig VARCHAR, role VARCHAR NOT NULL, name VARCHAR,
  session_name VARCHAR, socket VARCHAR, pane_key VARCHAR, agent_id VARCHAR,
  running BOOLEAN, state VARCHAR, has_work BOOLEAN, hook_bead VARCHAR, work_title VARCHAR, cli_info VARCHAR
);
CREATE TABLE latest_gastown_agents (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, address VARCHAR NOT NULL, rig VARCHAR, role VARCHAR NOT NULL, name VARCHAR,
  session_name VARCHAR, socket VARCHAR, pane_key VARCHAR, agent_id VARCHAR,
  running BOOLEAN, state VARCHAR, has_work BOOLEAN, hook_bead VARCHAR, work_title VARCHAR, cli_info VARCHAR
);
CREATE TABLE gastown_hooks (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, address VARCHAR NOT NULL, rig VARCHAR, role VARCHAR,
  has_work BOOLEAN, molecule VARCHAR, title VARCHAR
);
CREATE TABLE latest_gastown_hooks (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, address VARCHAR NOT NULL, rig VARCHAR, role VARCHAR,
  has_work BOOLEAN, molecule VARCHAR, title VARCHAR
);
CREATE TABLE gastown_merge_queues (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, rig VARCHAR NOT NULL,
  pending INTEGER, in_flight INTEGER, blocked INTEGER, state VARCHAR, health VARCHAR
);
CREATE TABLE latest_gastown_merge_queues (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, rig VARCHAR NOT NULL,
  pending INTEGER, in_flight INTEGER, blocked INTEGER, state VARCHAR, health VARCHAR
);
CREATE TABLE gastown_merge_requests (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, rig VARCHAR NOT NULL, request_id VARCHAR NOT NULL, title VARCHAR, status VARCHAR, priority INTEGER,
  branch VARCHAR, target VARCHAR, worker VARCHAR, source_issue VARCHAR, convoy_id VARCHAR, retries INTEGER,
  blocked_by INTEGER, created_at TIMESTAMP, updated_at TIMESTAMP
);
CREATE TABLE latest_gastown_merge_requests (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, rig VARCHAR NOT NULL, request_id VARCHAR NOT NULL, title VARCHAR, status VARCHAR, priority INTEGER,
  branch VARCHAR, target VARCHAR, worker VARCHAR, source_issue VARCHAR, convoy_id VARCHAR, retries INTEGER,
  blocked_by INTEGER, created_at TIMESTAMP, updated_at TIMESTAMP
);
CREATE TABLE gastown_convoys (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, convoy_id VARCHAR NOT NULL, title VARCHAR, status VARCHAR, created_at TIMESTAMP,
  completed INTEGER, total INTEGER,
  tracked_json VARCHAR                 -- id, title, status, assignee, worker, blocked of each item
);
CREATE TABLE latest_gastown_convoys (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  town VARCHAR NOT NULL, convoy_id VARCHAR NOT NULL, title VARCHAR, status VARCHAR, created_at TIMESTAMP,
  completed INTEGER, total INTEGER,
  tracked_json VARCHAR                 -- id, title, status, assignee, worker, blocked of each item
);
-- Subjects only: bodies never leave the machine.
CREATE TABLE gastown_mail (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL, town VARCHAR NOT NULL, line_hash VARCHAR NOT NULL,
  sender VARCHAR, recipient VARCHAR, subject VARCHAR
);
CREATE TABLE gastown_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL, town VARCHAR NOT NULL, line_hash VARCHAR NOT NULL,
  event_type VARCHAR NOT NULL, actor VARCHAR, rig VARCHAR, subject VARCHAR, visibility VARCHAR,
  details_json VARCHAR                 -- ids and names only
);
