-- The engine: agents vc started or was given, what happened to them, and who waits for a place.

-- One row per agent that vc keeps: what it was started as, where it runs, what shall be done when it ends.
CREATE TABLE managed_agents (
  agent_id VARCHAR PRIMARY KEY,        -- as in agents
  machine_id VARCHAR NOT NULL,
  cli VARCHAR NOT NULL,
  role VARCHAR NOT NULL, label VARCHAR,               -- label: another orchestrator's name for the job, e.g. polecat
  tier VARCHAR NOT NULL, tier_reason VARCHAR NOT NULL, model VARCHAR,   -- model: as given to the CLI; null: its own default
  isolation VARCHAR NOT NULL,          -- shared | worktree
  cwd VARCHAR NOT NULL, worktree VARCHAR, branch VARCHAR,
  spec_json VARCHAR NOT NULL,          -- what the adapter is handed when it is started again; texts of prompts are never in it
  argv_json VARCHAR NOT NULL,          -- as started last; [] before the first start
  session_id VARCHAR,                  -- the CLI's own session, resumable
  host VARCHAR NOT NULL, socket VARCHAR, server_pid INTEGER, server_start BIGINT, session_name VARCHAR,
  pane_id VARCHAR, pane_pid INTEGER, pane_start_ticks BIGINT, boot_id VARCHAR, log_path VARCHAR,
  launches INTEGER NOT NULL,           -- how often it was started; the newest stands in its terminal's tags
  restart_policy VARCHAR NOT NULL,     -- never | on_failure | always
  mandate VARCHAR,                     -- audit id of the action by which a person allowed these restarts
  schedule_json VARCHAR,               -- standing agents: {"cron", "mission_id", …}; null: none
  wanted VARCHAR NOT NULL,             -- run | paused | stop | forgotten
  status VARCHAR NOT NULL,             -- queued | starting | running | crashed | backing_off | held | crash_loop | lost | stopped | forgotten | refused
  status_reason VARCHAR, status_at TIMESTAMP NOT NULL,
  restarts INTEGER NOT NULL,           -- by policy, ever
  crashes_json VARCHAR NOT NULL,       -- times of the newest unasked endings, ISO, oldest first
  created_at TIMESTAMP NOT NULL, created_by VARCHAR NOT NULL,
  started_at TIMESTAMP, ended_at TIMESTAMP, exit_code INTEGER,
  next_restart_at TIMESTAMP,
  last_seen_at TIMESTAMP               -- when its process was last proven to live
);
CREATE TABLE managed_agent_events (
  event_at TIMESTAMP NOT NULL, agent_id VARCHAR NOT NULL, machine_id VARCHAR, cli VARCHAR, role VARCHAR, label VARCHAR,
  tier VARCHAR, tier_reason VARCHAR, model VARCHAR, isolation VARCHAR, cwd VARCHAR, worktree VARCHAR, branch VARCHAR,
  spec_json VARCHAR, argv_json VARCHAR, session_id VARCHAR,
  host VARCHAR, socket VARCHAR, server_pid INTEGER, server_start BIGINT, session_name VARCHAR,
  pane_id VARCHAR, pane_pid INTEGER, pane_start_ticks BIGINT, boot_id VARCHAR, log_path VARCHAR,
  launches INTEGER, restart_policy VARCHAR, mandate VARCHAR, schedule_json VARCHAR, wanted VARCHAR, status VARCHAR, status_reason VARCHAR, status_at TIMESTAMP,
  restarts INTEGER, crashes_json VARCHAR, created_at TIMESTAMP, created_by VARCHAR,
  started_at TIMESTAMP, ended_at TIMESTAMP, exit_code INTEGER, next_restart_at TIMESTAMP, last_seen_at TIMESTAMP
);

-- What happened to them, as streamed by vc watch.
CREATE TABLE engine_events (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  event_id VARCHAR NOT NULL, agent_id VARCHAR NOT NULL,
  ts TIMESTAMP NOT NULL,
  type VARCHAR NOT NULL,               -- spawn | crash | restart | health | task_start | task_complete | readopt | stop | lost | recover | hold | give_up | queue
  detail VARCHAR,
  data_json VARCHAR NOT NULL
);

-- Spawns that wait for a free place on their machine.
CREATE TABLE pool_queue (
  request_id VARCHAR PRIMARY KEY,
  machine_id VARCHAR NOT NULL,
  agent_id VARCHAR NOT NULL,           -- minted when asked; its managed_agents row says what is wanted
  priority VARCHAR NOT NULL,           -- critical | high | normal | low
  asked_at TIMESTAMP NOT NULL, asked_by VARCHAR NOT NULL,
  status VARCHAR NOT NULL,             -- waiting | started | refused | cancelled
  reason VARCHAR, settled_at TIMESTAMP
);
CREATE TABLE pool_queue_events (
  event_at TIMESTAMP NOT NULL, request_id VARCHAR NOT NULL, machine_id VARCHAR, agent_id VARCHAR, priority VARCHAR,
  asked_at TIMESTAMP, asked_by VARCHAR, status VARCHAR, reason VARCHAR, settled_at TIMESTAMP
);

-- Processes that vc started, directly or through an agent, and that nobody owns any more; told apart by pid and start time.
CREATE TABLE engine_orphans (
  machine_id VARCHAR NOT NULL, boot_id VARCHAR NOT NULL, pid INTEGER NOT NULL, start_ticks BIGINT NOT NULL,
  agent_id VARCHAR NOT NULL,           -- the agent it was started for
  comm VARCHAR NOT NULL, rss_bytes BIGINT,
  why VARCHAR NOT NULL,                -- agent_stopped | agent_ended | agent_unknown | survived_stop
  first_seen_at TIMESTAMP NOT NULL, seen_at TIMESTAMP NOT NULL, gone_at TIMESTAMP,
  PRIMARY KEY (machine_id, boot_id, pid, start_ticks)
);
CREATE TABLE engine_orphan_events (
  event_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL, boot_id VARCHAR NOT NULL, pid INTEGER NOT NULL, start_ticks BIGINT NOT NULL,
  agent_id VARCHAR, comm VARCHAR, rss_bytes BIGINT, why VARCHAR, first_seen_at TIMESTAMP, seen_at TIMESTAMP, gone_at TIMESTAMP
);
