-- Health, snapshots of machines and fleet, predictions and how right they were.

-- ── health, written on change ───────────────────────────────────────────────
CREATE TABLE health_factors (
  machine_id VARCHAR NOT NULL, factor VARCHAR NOT NULL,
  score DOUBLE,                        -- 0-1; null: nothing to judge by
  weight DOUBLE NOT NULL,
  evidence VARCHAR NOT NULL,
  changed_at TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, factor)
);
CREATE TABLE health_factor_events (
  event_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, factor VARCHAR NOT NULL,
  score DOUBLE, weight DOUBLE, evidence VARCHAR, changed_at TIMESTAMP
);
CREATE TABLE health_summary (
  machine_id VARCHAR PRIMARY KEY,
  score DOUBLE NOT NULL,
  severity VARCHAR NOT NULL,           -- healthy | warning | critical
  status VARCHAR NOT NULL,
  worst_factor VARCHAR,                -- null: nothing is wrong
  worst_evidence VARCHAR,
  changed_at TIMESTAMP NOT NULL
);
CREATE TABLE health_summary_events (
  event_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  score DOUBLE, severity VARCHAR, status VARCHAR, worst_factor VARCHAR, worst_evidence VARCHAR, changed_at TIMESTAMP
);

-- ── how machines and fleet stood, a row per change ──────────────────────────
CREATE TABLE machine_state_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL,
  status VARCHAR NOT NULL, score DOUBLE NOT NULL, severity VARCHAR NOT NULL, worst_factor VARCHAR,
  agents_total INTEGER NOT NULL, agents_by_state_json VARCHAR NOT NULL
);
CREATE TABLE fleet_state_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL,
  score DOUBLE NOT NULL, severity VARCHAR NOT NULL,
  machines_total INTEGER NOT NULL, machines_by_status_json VARCHAR NOT NULL,
  agents_total INTEGER NOT NULL, agents_by_state_json VARCHAR NOT NULL,
  alerts_critical INTEGER NOT NULL, alerts_warning INTEGER NOT NULL, alerts_info INTEGER NOT NULL
);

-- ── what was foretold ───────────────────────────────────────────────────────
CREATE TABLE predictions (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,   -- 'fleet' for what belongs to no machine
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  kind VARCHAR NOT NULL,               -- limit | disk_full | memory_full | stuck_*
  subject VARCHAR NOT NULL,            -- account and window, mount, agent
  made_at TIMESTAMP NOT NULL,
  horizon_at TIMESTAMP,                -- when it can be compared with what came; null: never
  outlook VARCHAR NOT NULL,            -- forecast, or why there is none
  value_minutes DOUBLE,                -- until the thing foretold
  low_minutes DOUBLE, high_minutes DOUBLE,   -- 80 % interval
  probability DOUBLE,                  -- that it comes before the horizon
  action VARCHAR NOT NULL, advice_json VARCHAR NOT NULL,
  model VARCHAR, confidence DOUBLE NOT NULL,
  basis_json VARCHAR NOT NULL          -- the numbers it rests on
);
CREATE TABLE latest_predictions (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  kind VARCHAR NOT NULL, subject VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, horizon_at TIMESTAMP,
  outlook VARCHAR NOT NULL, value_minutes DOUBLE, low_minutes DOUBLE, high_minutes DOUBLE, probability DOUBLE,
  action VARCHAR NOT NULL, advice_json VARCHAR NOT NULL, model VARCHAR, confidence DOUBLE NOT NULL, basis_json VARCHAR NOT NULL,
  PRIMARY KEY (machine_id, kind, subject)
);

-- ── and what came of it ─────────────────────────────────────────────────────
CREATE TABLE prediction_scores (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  kind VARCHAR NOT NULL, subject VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, scored_at TIMESTAMP NOT NULL,
  outcome VARCHAR NOT NULL,            -- came | stayed_away | unknown: no later row says
  actual_minutes DOUBLE,               -- until it came; for capacity: at the rate that was
  relative_error DOUBLE,               -- |said - actual| / actual; null: nothing to compare
  in_interval BOOLEAN,
  brier DOUBLE,                        -- (probability - outcome)², null: no probability or outcome unknown
  probability DOUBLE                   -- as it was said
);
CREATE TABLE oracle_backtests (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ran_at TIMESTAMP NOT NULL, kind VARCHAR NOT NULL,
  history_since TIMESTAMP NOT NULL, history_until TIMESTAMP NOT NULL,
  instants INTEGER NOT NULL,           -- moments at which a forecast was made
  outcomes INTEGER NOT NULL,           -- of these, with an outcome that is known
  median_relative_error DOUBLE, p90_relative_error DOUBLE, brier DOUBLE, coverage_80 DOUBLE
);
