-- Repositories as ru and GitHub see them; settings of agents.

-- ── repositories ────────────────────────────────────────────────────────────
-- What ru says of a checkout, in its own word: current | behind | ahead | diverged | missing | not_git | no_upstream.
-- `mismatch`: its remote is not the configured one, or it has none. Null in rows of git.
ALTER TABLE repo_status_snapshots ADD COLUMN status VARCHAR;
ALTER TABLE repo_status_snapshots ADD COLUMN mismatch BOOLEAN;
ALTER TABLE latest_repo_status_snapshots ADD COLUMN status VARCHAR;
ALTER TABLE latest_repo_status_snapshots ADD COLUMN mismatch BOOLEAN;

-- Commits of HEAD by committer date. Authors are counted where the checkout lies; no name or address leaves it.
CREATE TABLE repo_commit_stats (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  repo_id VARCHAR NOT NULL, path VARCHAR NOT NULL, head_oid VARCHAR,
  commits_7d INTEGER, commits_30d INTEGER, authors_30d INTEGER, active_days_30d INTEGER,
  last_day VARCHAR,                     -- UTC day the counts end with
  commits_by_day VARCHAR,               -- 30 counts, oldest first, the last one is `last_day`; JSON array
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_repo_commit_stats (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  repo_id VARCHAR NOT NULL, path VARCHAR NOT NULL, head_oid VARCHAR,
  commits_7d INTEGER, commits_30d INTEGER, authors_30d INTEGER, active_days_30d INTEGER,
  last_day VARCHAR, commits_by_day VARCHAR,
  gone BOOLEAN NOT NULL
);

-- ── GitHub ──────────────────────────────────────────────────────────────────
-- One row per repository that gh was asked about; counts are lower bounds where `capped`.
CREATE TABLE github_repos (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the repository: a run asks a few of them
  repo_id VARCHAR NOT NULL, repo VARCHAR NOT NULL,   -- owner/name
  state VARCHAR NOT NULL,               -- ok | not_found | failed
  open_prs INTEGER, open_issues INTEGER, issues_off BOOLEAN, capped BOOLEAN,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_github_repos (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the repository: a run asks a few of them
  repo_id VARCHAR NOT NULL, repo VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  open_prs INTEGER, open_issues INTEGER, issues_off BOOLEAN, capped BOOLEAN,
  gone BOOLEAN NOT NULL
);
-- Open issues and pull requests; what is closed is `gone`. No bodies, no people.
CREATE TABLE github_items (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the repository
  repo_id VARCHAR NOT NULL, repo VARCHAR NOT NULL, kind VARCHAR NOT NULL,  -- issue | pr
  number INTEGER NOT NULL, title VARCHAR, state VARCHAR, is_draft BOOLEAN, labels_json VARCHAR,
  review_decision VARCHAR,              -- approved | changes_requested | review_required; null: none asked for
  checks VARCHAR,                       -- passing | failing | pending; null: no checks
  url VARCHAR, created_at TIMESTAMP, updated_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_github_items (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the repository
  repo_id VARCHAR NOT NULL, repo VARCHAR NOT NULL, kind VARCHAR NOT NULL,
  number INTEGER NOT NULL, title VARCHAR, state VARCHAR, is_draft BOOLEAN, labels_json VARCHAR,
  review_decision VARCHAR, checks VARCHAR,
  url VARCHAR, created_at TIMESTAMP, updated_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);

-- ── agents' own settings ────────────────────────────────────────────────────
-- One row per settings file that exists; `state` other than ok: nothing of it is known.
CREATE TABLE agent_config_files (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  source_file VARCHAR NOT NULL, cli VARCHAR NOT NULL,
  level VARCHAR NOT NULL,               -- default | global | project | local
  project_path VARCHAR,
  state VARCHAR NOT NULL,               -- ok | broken | denied | linked | too_large | foreign
  detail VARCHAR, bytes BIGINT, modified_at TIMESTAMP, entries INTEGER,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_agent_config_files (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  source_file VARCHAR NOT NULL, cli VARCHAR NOT NULL,
  level VARCHAR NOT NULL,
  project_path VARCHAR,
  state VARCHAR NOT NULL,
  detail VARCHAR, bytes BIGINT, modified_at TIMESTAMP, entries INTEGER,
  gone BOOLEAN NOT NULL
);
-- Values are kept of harmless settings only; of others a checksum and a length, made on the machine.
-- Of env and headers only the names ever leave it.
CREATE TABLE agent_config (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  source_file VARCHAR NOT NULL, cli VARCHAR NOT NULL,
  level VARCHAR NOT NULL,               -- default | global | project | local
  project_path VARCHAR NOT NULL,        -- '' = everywhere
  kind VARCHAR NOT NULL,                -- setting | mcp_server | hook | permission
  name VARCHAR NOT NULL,
  value VARCHAR, value_hash VARCHAR, value_length INTEGER, items INTEGER, enabled BOOLEAN,
  transport VARCHAR,                    -- stdio | http | sse
  command VARCHAR,                      -- last part of the program's path, never its arguments
  url_host VARCHAR, env_names VARCHAR, header_names VARCHAR,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_agent_config (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- part of the picture this row belongs to; '' = the whole source
  source_file VARCHAR NOT NULL, cli VARCHAR NOT NULL,
  level VARCHAR NOT NULL,
  project_path VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  value VARCHAR, value_hash VARCHAR, value_length INTEGER, items INTEGER, enabled BOOLEAN,
  transport VARCHAR, command VARCHAR, url_host VARCHAR, env_names VARCHAR, header_names VARCHAR,
  gone BOOLEAN NOT NULL
);
