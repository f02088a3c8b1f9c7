-- Missions: work that vc hands out, batches of it, and the worktrees it is done in.

-- ── missions ────────────────────────────────────────────────────────────────
-- One row per mission as it stands; mission_events has every step. What it says stands in mission_texts.
CREATE TABLE missions (
  mission_id VARCHAR PRIMARY KEY,      -- m-<seq>
  seq BIGINT NOT NULL,                 -- order of creation
  title VARCHAR NOT NULL,
  mission_type VARCHAR NOT NULL,       -- coding | review | analysis | … : free, lower case
  lane VARCHAR NOT NULL,               -- critical | standard | experimental
  priority VARCHAR NOT NULL,           -- critical | high | normal | low
  status VARCHAR NOT NULL,             -- pending | claimed | done | failed | cancelled
  event_type VARCHAR,                  -- a mission that tells of something (vc event emit); null: work
  to_agent VARCHAR, to_role VARCHAR,   -- only they may claim it; both null: anybody
  machine_id VARCHAR,                  -- where it belongs; null: anywhere
  convoy_id VARCHAR,
  depends_on_json VARCHAR NOT NULL,    -- mission ids that must be done first
  bead_id VARCHAR, bead_project VARCHAR,   -- issue it was made from, and its project on machine_id
  idem_key VARCHAR,                    -- the same key again makes no second mission
  timeout_ms BIGINT,                   -- longest an attempt may take; null: as long as its lease is renewed
  lease_ms BIGINT NOT NULL,            -- how long a claim holds without a heartbeat
  max_retries INTEGER NOT NULL,
  attempts INTEGER NOT NULL,           -- claims so far
  attempts_allowed INTEGER NOT NULL,   -- retries by hand raise it
  not_before TIMESTAMP,                -- after a failure: no sooner than this
  created_at TIMESTAMP NOT NULL, created_by VARCHAR NOT NULL,
  claim_id VARCHAR,                    -- of the running or last attempt: whoever reports must know it
  claimed_by VARCHAR, claimed_at TIMESTAMP, lease_until TIMESTAMP, heartbeat_at TIMESTAMP,
  finished_at TIMESTAMP, finished_by VARCHAR,
  failure_code VARCHAR, failure_message VARCHAR,   -- of the last attempt that failed
  input_tokens BIGINT, output_tokens BIGINT, cost_microusd BIGINT,   -- as reported, all attempts; null: never reported
  work_ms BIGINT                       -- time between claim and report, all attempts
);
CREATE TABLE mission_events (
  event_at TIMESTAMP NOT NULL,
  mission_id VARCHAR NOT NULL, seq BIGINT, title VARCHAR, mission_type VARCHAR, lane VARCHAR, priority VARCHAR, status VARCHAR,
  event_type VARCHAR, to_agent VARCHAR, to_role VARCHAR, machine_id VARCHAR, convoy_id VARCHAR, depends_on_json VARCHAR,
  bead_id VARCHAR, bead_project VARCHAR, idem_key VARCHAR, timeout_ms BIGINT, lease_ms BIGINT, max_retries INTEGER,
  attempts INTEGER, attempts_allowed INTEGER, not_before TIMESTAMP, created_at TIMESTAMP, created_by VARCHAR,
  claim_id VARCHAR, claimed_by VARCHAR, claimed_at TIMESTAMP, lease_until TIMESTAMP, heartbeat_at TIMESTAMP,
  finished_at TIMESTAMP, finished_by VARCHAR, failure_code VARCHAR, failure_message VARCHAR,
  input_tokens BIGINT, output_tokens BIGINT, cost_microusd BIGINT, work_ms BIGINT
);
-- What people and agents wrote about a mission, redacted and capped.
CREATE TABLE mission_texts (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  mission_id VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,               -- prompt | context | payload | output | error
  attempt INTEGER NOT NULL,            -- 0: given with the mission
  ts TIMESTAMP NOT NULL,
  author VARCHAR NOT NULL, body VARCHAR NOT NULL
);

-- ── convoys ─────────────────────────────────────────────────────────────────
-- A batch of missions; its progress is counted from them.
CREATE TABLE mission_convoys (
  convoy_id VARCHAR PRIMARY KEY,       -- c-<seq>
  seq BIGINT NOT NULL, title VARCHAR NOT NULL, lane VARCHAR NOT NULL,
  created_at TIMESTAMP NOT NULL, created_by VARCHAR NOT NULL
);
CREATE TABLE mission_convoy_events (
  event_at TIMESTAMP NOT NULL,
  convoy_id VARCHAR NOT NULL, seq BIGINT, title VARCHAR, lane VARCHAR, created_at TIMESTAMP, created_by VARCHAR
);

-- ── worktrees ───────────────────────────────────────────────────────────────
-- Worktrees that vc made. It never removes one without proof that nothing is lost.
CREATE TABLE worktrees (
  machine_id VARCHAR NOT NULL,
  path VARCHAR NOT NULL,               -- absolute, links resolved
  repo VARCHAR NOT NULL,               -- top folder of the repository it belongs to
  branch VARCHAR NOT NULL, base_branch VARCHAR NOT NULL,
  agent_id VARCHAR, mission_id VARCHAR, bead_id VARCHAR,   -- whose it is now, and what for
  status VARCHAR NOT NULL,             -- active | finished | merged | needs_cleanup | removed
  detail VARCHAR,                      -- why it needs a person
  base_commit VARCHAR,                 -- commit it was made from
  head_commit VARCHAR,                 -- as last looked at
  merge_commit VARCHAR,                -- where it went into its base
  snapshot_ref VARCHAR,                -- where its last commit stays reachable
  created_at TIMESTAMP NOT NULL, created_by VARCHAR NOT NULL,
  finished_at TIMESTAMP, merged_at TIMESTAMP, removed_at TIMESTAMP, looked_at TIMESTAMP,
  PRIMARY KEY (machine_id, path)
);
CREATE TABLE worktree_events (
  event_at TIMESTAMP NOT NULL,
  machine_id VARCHAR NOT NULL, path VARCHAR NOT NULL, repo VARCHAR, branch VARCHAR, base_branch VARCHAR,
  agent_id VARCHAR, mission_id VARCHAR, bead_id VARCHAR, status VARCHAR, detail VARCHAR,
  base_commit VARCHAR, head_commit VARCHAR, merge_commit VARCHAR, snapshot_ref VARCHAR,
  created_at TIMESTAMP, created_by VARCHAR, finished_at TIMESTAMP, merged_at TIMESTAMP, removed_at TIMESTAMP, looked_at TIMESTAMP
);
