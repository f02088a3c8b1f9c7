-- Alerts: how long they were held, what caused them, what was sent to whom.

-- Time a finding was really seen standing: a gap in looking counts neither for nor against it.
ALTER TABLE alerts ADD COLUMN held_ms BIGINT;
ALTER TABLE alerts ADD COLUMN suppressed_by VARCHAR;       -- alert_id of the alert that is its cause
ALTER TABLE alert_events ADD COLUMN held_ms BIGINT;
ALTER TABLE alert_events ADD COLUMN suppressed_by VARCHAR;

-- One row per attempt to tell somebody. Addresses are not kept: the channel is named as in vc.toml.
CREATE TABLE alert_deliveries (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  delivery_id VARCHAR NOT NULL,        -- hash of alert, the time it fired, transition and channel
  attempt INTEGER NOT NULL,
  alert_id VARCHAR NOT NULL, rule VARCHAR NOT NULL,
  transition VARCHAR NOT NULL,         -- firing | worse | resolved | escalated | test
  channel VARCHAR NOT NULL, kind VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,            -- sent | failed | given_up
  status_code INTEGER,
  detail VARCHAR,
  duration_ms INTEGER NOT NULL,
  retry_at TIMESTAMP
);
