-- What agent CLIs tell vc's own tee, where a person installed it (`vc hooks`).
CREATE TABLE hook_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL,
  cli VARCHAR NOT NULL, session_id VARCHAR NOT NULL,   -- '': the CLI named none
  event VARCHAR NOT NULL,                              -- the CLI's own name of it
  detail VARCHAR NOT NULL,                             -- kind, error, source or reason in the CLI's word; '' when it gave none
  tool VARCHAR, permission_mode VARCHAR
);
