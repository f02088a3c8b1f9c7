-- Mail, command guard, network and process triage: Agent Mail, dcg, rano, pt; and what sysmoni adds to the probe.

-- ── mail (a message is unique in its database only, and an id there may be used again) ──────────────────────────────
CREATE TABLE mail_messages (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  database_path VARCHAR NOT NULL, message_id VARCHAR NOT NULL,
  project_id VARCHAR NOT NULL, project_path VARCHAR,   -- slug and directory, not the number in that file
  thread_id VARCHAR, sender VARCHAR, importance VARCHAR, ack_required BOOLEAN,
  created_at TIMESTAMP NOT NULL, subject VARCHAR,
  body_bytes BIGINT, body_sha256 VARCHAR,              -- the body itself is never stored; null: longer than is fetched for hashing
  recipients INTEGER
);
-- Reading and acknowledging change a row; the twin keeps each change.
CREATE TABLE mail_recipients (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  database_path VARCHAR NOT NULL, message_id VARCHAR NOT NULL, message_created_at TIMESTAMP NOT NULL,
  project_id VARCHAR, recipient VARCHAR NOT NULL, kind VARCHAR, importance VARCHAR, ack_required BOOLEAN,
  read_at TIMESTAMP, ack_at TIMESTAMP, retired_at TIMESTAMP,
  PRIMARY KEY (machine_id, database_path, message_id, message_created_at, recipient)
);
CREATE TABLE mail_recipient_events (
  event_at TIMESTAMP NOT NULL,
  collected_at TIMESTAMP, machine_id VARCHAR NOT NULL,
  source VARCHAR, source_version VARCHAR, schema_version INTEGER,
  database_path VARCHAR, message_id VARCHAR, message_created_at TIMESTAMP,
  project_id VARCHAR, recipient VARCHAR, kind VARCHAR, importance VARCHAR, ack_required BOOLEAN,
  read_at TIMESTAMP, ack_at TIMESTAMP, retired_at TIMESTAMP
);
CREATE TABLE mail_file_reservations (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  database_path VARCHAR NOT NULL, reservation_id VARCHAR NOT NULL,
  project_id VARCHAR, project_path VARCHAR, path_pattern VARCHAR, holder VARCHAR, exclusive BOOLEAN, reason VARCHAR,
  created_at TIMESTAMP, expires_at TIMESTAMP,
  gone BOOLEAN NOT NULL                                -- released, or expired
);
CREATE TABLE latest_mail_file_reservations (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  database_path VARCHAR NOT NULL, reservation_id VARCHAR NOT NULL,
  project_id VARCHAR, project_path VARCHAR, path_pattern VARCHAR, holder VARCHAR, exclusive BOOLEAN, reason VARCHAR,
  created_at TIMESTAMP, expires_at TIMESTAMP, gone BOOLEAN NOT NULL
);

-- ── command guard (no command text: hash, length and first word) ────────────────────────────────────────────────────
CREATE TABLE dcg_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  database_path VARCHAR NOT NULL, event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL,
  decision VARCHAR NOT NULL,                           -- deny | warn | bypass
  rule_id VARCHAR, pack_id VARCHAR, pattern_name VARCHAR,
  severity VARCHAR,                                    -- as dcg says it; today's dcg does not
  cwd VARCHAR, agent_type VARCHAR, allowlist_layer VARCHAR,
  command_hash VARCHAR, command_program VARCHAR, command_chars BIGINT, command_lines BIGINT,
  eval_us BIGINT
);

-- ── network of agents ───────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE rano_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  database_path VARCHAR NOT NULL, event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, run_id VARCHAR,
  event VARCHAR NOT NULL,                              -- connect | close
  provider VARCHAR, pid INTEGER, comm VARCHAR, proto VARCHAR,
  local_port INTEGER, remote_ip VARCHAR, remote_port INTEGER, remote_is_private BOOLEAN,
  domain VARCHAR, duration_ms BIGINT, alert BOOLEAN
);
-- Connections of the last 24 hours, per run of the observer and provider. It counts no bytes, so nobody knows them.
CREATE TABLE net_session_summary (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  database_path VARCHAR NOT NULL, run_id VARCHAR, provider VARCHAR,
  first_ts TIMESTAMP, last_ts TIMESTAMP,
  connection_count BIGINT NOT NULL, close_count BIGINT NOT NULL, destinations BIGINT, alerts BIGINT,
  avg_duration_ms DOUBLE,
  gone BOOLEAN NOT NULL                                -- all of it older than a day
);
CREATE TABLE latest_net_session_summary (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  database_path VARCHAR NOT NULL, run_id VARCHAR, provider VARCHAR,
  first_ts TIMESTAMP, last_ts TIMESTAMP,
  connection_count BIGINT NOT NULL, close_count BIGINT NOT NULL, destinations BIGINT, alerts BIGINT,
  avg_duration_ms DOUBLE,
  gone BOOLEAN NOT NULL
);

-- ── process triage ──────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE process_triage_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  threshold VARCHAR NOT NULL,                          -- least severity asked for
  findings INTEGER NOT NULL, critical INTEGER NOT NULL, high INTEGER NOT NULL, medium INTEGER NOT NULL, low INTEGER NOT NULL,
  kill_recommendations INTEGER NOT NULL, review_recommendations INTEGER NOT NULL
);
CREATE TABLE latest_process_triage_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  threshold VARCHAR NOT NULL,
  findings INTEGER NOT NULL, critical INTEGER NOT NULL, high INTEGER NOT NULL, medium INTEGER NOT NULL, low INTEGER NOT NULL,
  kill_recommendations INTEGER NOT NULL, review_recommendations INTEGER NOT NULL
);
CREATE TABLE process_triage_findings (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  pid INTEGER NOT NULL, start_ticks BIGINT,            -- null: it ended before it could be looked at, or no /proc
  comm VARCHAR,
  action VARCHAR, severity VARCHAR, confidence DOUBLE, -- kill | review | spare; low … critical; 0-1
  classification VARCHAR,                              -- four-state class, where the source says one
  command_hash VARCHAR, command_chars INTEGER,
  gone BOOLEAN NOT NULL                                -- not found any more
);
CREATE TABLE latest_process_triage_findings (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  pid INTEGER NOT NULL, start_ticks BIGINT, comm VARCHAR,
  action VARCHAR, severity VARCHAR, confidence DOUBLE, classification VARCHAR,
  command_hash VARCHAR, command_chars INTEGER, gone BOOLEAN NOT NULL
);

-- ── what sysmoni knows of a process and the probe does not ──────────────────────────────────────────────────────────
ALTER TABLE sys_top_processes ADD COLUMN nice INTEGER;
ALTER TABLE sys_top_processes ADD COLUMN fd_count INTEGER;
ALTER TABLE sys_top_processes ADD COLUMN io_read_bytes_per_s DOUBLE;
ALTER TABLE sys_top_processes ADD COLUMN io_write_bytes_per_s DOUBLE;
ALTER TABLE latest_sys_top_processes ADD COLUMN nice INTEGER;
ALTER TABLE latest_sys_top_processes ADD COLUMN fd_count INTEGER;
ALTER TABLE latest_sys_top_processes ADD COLUMN io_read_bytes_per_s DOUBLE;
ALTER TABLE latest_sys_top_processes ADD COLUMN io_write_bytes_per_s DOUBLE;
