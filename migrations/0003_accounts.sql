-- Accounts: what caut and caam say of them, and the one identity they are joined to.

-- ── identity: provider + account key ────────────────────────────────────────
CREATE TABLE accounts (
  provider VARCHAR NOT NULL,
  account_key VARCHAR NOT NULL,        -- account id | hash of provider and mail address | profile:<name>@<machine>
  account_label VARCHAR,               -- mail address, for people
  last_seen_at TIMESTAMP NOT NULL,
  PRIMARY KEY (provider, account_key)
);
CREATE TABLE account_events (
  event_at TIMESTAMP NOT NULL, provider VARCHAR NOT NULL, account_key VARCHAR NOT NULL, account_label VARCHAR,
  last_seen_at TIMESTAMP
);
-- Two keys of one account, and who on which machine says so. Joined when read: an ambiguous alias joins nothing.
CREATE TABLE account_aliases (
  machine_id VARCHAR NOT NULL, provider VARCHAR NOT NULL,
  alias VARCHAR NOT NULL,              -- another account_key
  account_key VARCHAR NOT NULL, said_by VARCHAR NOT NULL, last_seen_at TIMESTAMP NOT NULL,
  PRIMARY KEY (machine_id, provider, alias, account_key, said_by)
);
CREATE TABLE account_alias_events (
  event_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, provider VARCHAR NOT NULL, alias VARCHAR NOT NULL,
  account_key VARCHAR NOT NULL, said_by VARCHAR NOT NULL, last_seen_at TIMESTAMP
);

-- ── what happened to an account ─────────────────────────────────────────────
CREATE TABLE account_status_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  event_key VARCHAR NOT NULL,          -- unique within machine and source
  ts TIMESTAMP NOT NULL, provider VARCHAR NOT NULL, account_key VARCHAR, profile_name VARCHAR,
  kind VARCHAR NOT NULL,               -- outage | auth_warning | fetch_error | limit_hit | caam's own words (activate, switch, …)
  status_before VARCHAR, status VARCHAR,
  detail VARCHAR, until_at TIMESTAMP
);

-- ── caam's profiles and the limits it asked for ─────────────────────────────
CREATE TABLE account_profile_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  provider VARCHAR NOT NULL, tool VARCHAR NOT NULL, profile_name VARCHAR NOT NULL,
  account_key VARCHAR NOT NULL, account_label VARCHAR,
  active BOOLEAN, system BOOLEAN,
  logged_in BOOLEAN,                   -- of the tool on this machine
  health_status VARCHAR,
  health_score DOUBLE,                 -- derived by vc: healthy 1, warning 0.5, critical 0
  health_expires_at TIMESTAMP,         -- expiry of the access token, not a quota reset
  error_count INTEGER, cooldown_until TIMESTAMP, plan VARCHAR
);
CREATE TABLE latest_account_profile_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL, gone BOOLEAN NOT NULL,
  provider VARCHAR NOT NULL, tool VARCHAR NOT NULL, profile_name VARCHAR NOT NULL,
  account_key VARCHAR NOT NULL, account_label VARCHAR, active BOOLEAN, system BOOLEAN, logged_in BOOLEAN,
  health_status VARCHAR, health_score DOUBLE, health_expires_at TIMESTAMP,
  error_count INTEGER, cooldown_until TIMESTAMP, plan VARCHAR
);
CREATE TABLE account_limits_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  provider VARCHAR NOT NULL, profile_name VARCHAR NOT NULL, account_key VARCHAR NOT NULL,
  window_name VARCHAR NOT NULL,        -- none: no window came with this answer
  utilization_pct DOUBLE, resets_at TIMESTAMP, observed_at TIMESTAMP NOT NULL,
  plan VARCHAR, credits VARCHAR,
  status VARCHAR NOT NULL,             -- ok | suspect | error | no_data
  error VARCHAR
);
CREATE TABLE latest_account_limits_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  provider VARCHAR NOT NULL, profile_name VARCHAR NOT NULL, account_key VARCHAR NOT NULL, window_name VARCHAR NOT NULL,
  utilization_pct DOUBLE, resets_at TIMESTAMP, observed_at TIMESTAMP NOT NULL,
  plan VARCHAR, credits VARCHAR, status VARCHAR NOT NULL, error VARCHAR,
  PRIMARY KEY (machine_id, provider, profile_name, window_name)
);
