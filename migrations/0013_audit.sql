-- What was done to machines and agents, by whom, and what came of it.
-- One action has one audit id and up to two rows: its intent, committed before anything is touched, and its result; or one
-- row of step `refused`. An intent whose owner died before the result is closed as outcome_unknown by the next owner.
CREATE TABLE audit_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  audit_id VARCHAR NOT NULL,
  step VARCHAR NOT NULL,               -- refused | intent | result
  ts TIMESTAMP NOT NULL,
  verb VARCHAR NOT NULL,               -- agent.send, agent.spawn, …
  class VARCHAR NOT NULL,              -- read | reversible | irreversible; unknown: the wish was never understood
  agent_id VARCHAR, subject VARCHAR,
  origin VARCHAR NOT NULL,             -- person | agent | guardian
  actor VARCHAR NOT NULL,
  caller_pid INTEGER, caller_agent VARCHAR,   -- agent CLI among the caller's ancestors; null: none
  mandate VARCHAR,                     -- audit id of the action that granted it
  why VARCHAR NOT NULL,
  params_json VARCHAR NOT NULL,        -- typed placeholders; text that was delivered stands as length and hash
  dialog_hash VARCHAR,
  outcome VARCHAR,                     -- recorded | queued | done | verified | refused | outcome_unknown; null: intent
  code VARCHAR, detail VARCHAR,        -- why it was refused or is not known
  effects_json VARCHAR NOT NULL        -- [{"what", "observed", "evidence"}]
);
