-- Incidents, key figures, and what went into the archive.

-- ── incidents ───────────────────────────────────────────────────────────────
-- Alerts that belong together, from the first to the last. Its timeline is read from the facts, not copied.
CREATE TABLE incidents (
  incident_id VARCHAR PRIMARY KEY,     -- i-<UTC day>-<hash of group and time>: the same after a restart
  group_key VARCHAR NOT NULL,          -- what its alerts share: machine:<id> | account:<subject> | fleet:<rule> | network | person
  machine_id VARCHAR,                  -- null: of no one machine
  title VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,           -- the worst it had: critical | warning | info
  status VARCHAR NOT NULL,             -- open | calm (none of its alerts fires any more) | closed
  opened_at TIMESTAMP NOT NULL,        -- when its first alert fired
  opened_by VARCHAR NOT NULL,          -- vc | user name
  last_alert_at TIMESTAMP,             -- when the newest of its alerts fired
  calm_at TIMESTAMP,
  closed_at TIMESTAMP, closed_by VARCHAR, close_reason VARCHAR,
  alerts_json VARCHAR NOT NULL,        -- [{"alert_id", "fired_at"}], oldest first
  hypotheses_json VARCHAR NOT NULL     -- ranked causes with their reasons, as last judged
);
CREATE TABLE incident_events (
  event_at TIMESTAMP NOT NULL, incident_id VARCHAR NOT NULL, group_key VARCHAR, machine_id VARCHAR, title VARCHAR, severity VARCHAR, status VARCHAR,
  opened_at TIMESTAMP, opened_by VARCHAR, last_alert_at TIMESTAMP, calm_at TIMESTAMP,
  closed_at TIMESTAMP, closed_by VARCHAR, close_reason VARCHAR, alerts_json VARCHAR, hypotheses_json VARCHAR
);
CREATE TABLE incident_notes (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  note_id VARCHAR NOT NULL, incident_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, author VARCHAR NOT NULL, body VARCHAR NOT NULL
);

-- ── key figures ─────────────────────────────────────────────────────────────
-- One row per five minutes; null: not known then.
CREATE TABLE kpi_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL,               -- start of the five minutes
  machines_total INTEGER NOT NULL, machines_online INTEGER NOT NULL, health_score DOUBLE NOT NULL,
  agents_active INTEGER NOT NULL, agents_idle INTEGER NOT NULL, agents_waiting INTEGER NOT NULL, agents_trouble INTEGER NOT NULL,
  beads_active INTEGER, beads_completed_15m INTEGER, beads_failed_15m INTEGER,
  convoys_active INTEGER,
  tokens_today BIGINT, cost_today_microusd BIGINT, unpriced_tokens_today BIGINT,   -- UTC day
  burn_rate_microusd_per_h BIGINT,     -- over the last hour
  pty_utilization_pct DOUBLE,          -- panes in which an agent works, of all panes
  patrol_ok BOOLEAN NOT NULL,          -- every enabled machine answered within its time
  alerts_critical INTEGER NOT NULL, alerts_warning INTEGER NOT NULL, incidents_open INTEGER NOT NULL
);

-- ── archive ─────────────────────────────────────────────────────────────────
-- Closed days that stand in Parquet, read back and counted. `deleted_at`: the live rows were removed after that.
CREATE TABLE archive_seals (
  table_name VARCHAR NOT NULL, day VARCHAR NOT NULL,   -- UTC day, YYYY-MM-DD
  hub VARCHAR NOT NULL, path VARCHAR NOT NULL,         -- path below the data folder
  rows BIGINT NOT NULL, bytes BIGINT NOT NULL, checksum VARCHAR NOT NULL,  -- of the rows, whatever their order
  sealed_at TIMESTAMP NOT NULL, deleted_at TIMESTAMP,
  late_refused BIGINT NOT NULL,                        -- rows that came after the day was closed
  PRIMARY KEY (table_name, day)
);
