-- Beads: issues, dependencies and what their graph says.
-- Per project the newest picture stands in latest_*; changed and vanished rows are kept as history.

-- One place that holds issues: a .beads folder or a branch of a Dolt database.
CREATE TABLE beads_projects (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the project; '' = the whole source
  project VARCHAR NOT NULL,             -- path of the .beads folder, or dolt://host:port/database/branch
  repo_id VARCHAR NOT NULL,             -- hash of project id, else of the git remote, else of machine and path
  git_repo_id VARCHAR,                  -- repo_id in repos, where git knows the folder
  name VARCHAR, rig VARCHAR, branch VARCHAR,
  backend VARCHAR NOT NULL,             -- jsonl | bd | br | dolt
  state VARCHAR NOT NULL,               -- ok | degraded | no_issues | denied | too_large, or a fault
  detail VARCHAR,
  head_hash VARCHAR,                    -- of the Dolt database, or of the file
  source_changed_at TIMESTAMP,          -- of the file that was read
  issues INTEGER, ready INTEGER, in_progress INTEGER, blocked INTEGER, deferred INTEGER, held INTEGER, done INTEGER,
  bad_lines INTEGER, duplicate_ids INTEGER,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_beads_projects (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  project VARCHAR NOT NULL,
  repo_id VARCHAR NOT NULL,
  git_repo_id VARCHAR,
  name VARCHAR, rig VARCHAR, branch VARCHAR,
  backend VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  detail VARCHAR,
  head_hash VARCHAR,
  source_changed_at TIMESTAMP,
  issues INTEGER, ready INTEGER, in_progress INTEGER, blocked INTEGER, deferred INTEGER, held INTEGER, done INTEGER,
  bad_lines INTEGER, duplicate_ids INTEGER,
  gone BOOLEAN NOT NULL
);

-- Issues as they stand; texts other than the title are a length and a hash.
CREATE TABLE beads_issues (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the project; '' = the whole source
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL, issue_id VARCHAR NOT NULL,
  title VARCHAR, status VARCHAR, standing VARCHAR NOT NULL,   -- ready | in_progress | blocked | deferred | held | done
  priority INTEGER,                     -- 0 most urgent, 4 least
  issue_type VARCHAR, assignee VARCHAR, labels_json VARCHAR,
  created_at TIMESTAMP, started_at TIMESTAMP, updated_at TIMESTAMP, closed_at TIMESTAMP, due_at TIMESTAMP, defer_until TIMESTAMP,
  estimated_minutes INTEGER, external_ref VARCHAR, comment_count INTEGER,
  body_chars INTEGER, body_sha256 VARCHAR,
  waits_on_json VARCHAR,                -- open issues it waits on
  unblocks INTEGER, score DOUBLE, reasons_json VARCHAR,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_beads_issues (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL, issue_id VARCHAR NOT NULL,
  title VARCHAR, status VARCHAR, standing VARCHAR NOT NULL,
  priority INTEGER,
  issue_type VARCHAR, assignee VARCHAR, labels_json VARCHAR,
  created_at TIMESTAMP, started_at TIMESTAMP, updated_at TIMESTAMP, closed_at TIMESTAMP, due_at TIMESTAMP, defer_until TIMESTAMP,
  estimated_minutes INTEGER, external_ref VARCHAR, comment_count INTEGER,
  body_chars INTEGER, body_sha256 VARCHAR,
  waits_on_json VARCHAR,
  unblocks INTEGER, score DOUBLE, reasons_json VARCHAR,
  gone BOOLEAN NOT NULL
);

-- issue_id waits on (or is otherwise related to) depends_on_id.
CREATE TABLE beads_dependencies (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the project; '' = the whole source
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL,
  issue_id VARCHAR NOT NULL, depends_on_id VARCHAR NOT NULL, dep_type VARCHAR NOT NULL,
  created_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_beads_dependencies (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL,
  issue_id VARCHAR NOT NULL, depends_on_id VARCHAR NOT NULL, dep_type VARCHAR NOT NULL,
  created_at TIMESTAMP,
  gone BOOLEAN NOT NULL
);

-- What bv itself recommends.
CREATE TABLE beads_triage_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the project; '' = the whole source
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL,
  tool_version VARCHAR, data_hash VARCHAR, generated_at TIMESTAMP,
  counts_mean VARCHAR NOT NULL,         -- strict | open_is_not_closed (older bv)
  open_count INTEGER, actionable_count INTEGER, blocked_count INTEGER, in_progress_count INTEGER, not_closed_count INTEGER,
  quick_ref_json VARCHAR, recommendations_json VARCHAR, blockers_json VARCHAR,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_beads_triage_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL,
  tool_version VARCHAR, data_hash VARCHAR, generated_at TIMESTAMP,
  counts_mean VARCHAR NOT NULL,
  open_count INTEGER, actionable_count INTEGER, blocked_count INTEGER, in_progress_count INTEGER, not_closed_count INTEGER,
  quick_ref_json VARCHAR, recommendations_json VARCHAR, blockers_json VARCHAR,
  gone BOOLEAN NOT NULL
);

-- The graph of `blocks`, as vc computes it; each map holds at most the 200 largest.
CREATE TABLE beads_graph_metrics (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,               -- the project; '' = the whole source
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL,
  nodes INTEGER NOT NULL, edges INTEGER NOT NULL, cycles INTEGER NOT NULL,
  pagerank_json VARCHAR NOT NULL,
  betweenness_json VARCHAR,             -- null: too large to compute
  critical_path_json VARCHAR NOT NULL,  -- issues in the longest chain that waits on each
  longest_chain_json VARCHAR NOT NULL,  -- of open issues, first to be done first
  cycles_json VARCHAR NOT NULL,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_beads_graph_metrics (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL,
  nodes INTEGER NOT NULL, edges INTEGER NOT NULL, cycles INTEGER NOT NULL,
  pagerank_json VARCHAR NOT NULL,
  betweenness_json VARCHAR,
  critical_path_json VARCHAR NOT NULL,
  longest_chain_json VARCHAR NOT NULL,
  cycles_json VARCHAR NOT NULL,
  gone BOOLEAN NOT NULL
);

-- What happened to issues, where the source keeps it (Dolt); free texts are not kept.
CREATE TABLE beads_issue_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL, event_id VARCHAR NOT NULL, issue_id VARCHAR NOT NULL,
  event_type VARCHAR NOT NULL, actor VARCHAR, old_status VARCHAR, new_status VARCHAR, ts TIMESTAMP NOT NULL
);

-- Commits of a Dolt database on the branch that was read.
CREATE TABLE beads_commits (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  project VARCHAR NOT NULL, repo_id VARCHAR NOT NULL, commit_hash VARCHAR NOT NULL,
  committer VARCHAR, message VARCHAR, ts TIMESTAMP NOT NULL
);
