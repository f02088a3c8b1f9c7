-- Profiles of agents and patterns of the swarm.

-- How an agent, or a kind of agent in a project, works. Figures with sample size and interval; silent ones are left out.
CREATE TABLE agent_profiles (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,   -- 'fleet': a kind of agent is met on several machines
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  profile_key VARCHAR NOT NULL,        -- agent:<id> | kind:<cli> <model> <project>
  kind VARCHAR NOT NULL,               -- agent | kind
  agent_id VARCHAR, cli VARCHAR NOT NULL, model VARCHAR, project VARCHAR,   -- null: several, or not known
  since_at TIMESTAMP NOT NULL,         -- what it rests on begins here
  active_hours DOUBLE NOT NULL, sampled_hours INTEGER NOT NULL,
  figures_json VARCHAR NOT NULL,       -- name to {value, low, high, n}: 95 % interval
  too_few_json VARCHAR NOT NULL,       -- name to n: figures that stay silent
  hours_json VARCHAR NOT NULL,         -- active hours by hour of day, UTC: 24 numbers
  affinity_json VARCHAR NOT NULL,      -- [{of, name, share, low, high, n}]
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_agent_profiles (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  profile_key VARCHAR NOT NULL, kind VARCHAR NOT NULL,
  agent_id VARCHAR, cli VARCHAR NOT NULL, model VARCHAR, project VARCHAR,
  since_at TIMESTAMP NOT NULL, active_hours DOUBLE NOT NULL, sampled_hours INTEGER NOT NULL,
  figures_json VARCHAR NOT NULL, too_few_json VARCHAR NOT NULL, hours_json VARCHAR NOT NULL, affinity_json VARCHAR NOT NULL,
  gone BOOLEAN NOT NULL
);

-- What agents do to one another, where a permutation test carries it.
CREATE TABLE swarm_patterns (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  pattern_key VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,               -- contention | synergy | cascade | drift
  agents_json VARCHAR NOT NULL, project VARCHAR,
  since_at TIMESTAMP NOT NULL,
  n INTEGER NOT NULL,                  -- hours, errors or days the test rests on
  p DOUBLE NOT NULL, p_adjusted DOUBLE NOT NULL,   -- after correction for all tests of the look (Holm)
  effect DOUBLE NOT NULL,
  words VARCHAR NOT NULL,
  evidence_json VARCHAR NOT NULL,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_swarm_patterns (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  pattern_key VARCHAR NOT NULL, kind VARCHAR NOT NULL,
  agents_json VARCHAR NOT NULL, project VARCHAR, since_at TIMESTAMP NOT NULL,
  n INTEGER NOT NULL, p DOUBLE NOT NULL, p_adjusted DOUBLE NOT NULL, effect DOUBLE NOT NULL,
  words VARCHAR NOT NULL, evidence_json VARCHAR NOT NULL,
  gone BOOLEAN NOT NULL
);

-- Each look at profiles and patterns, those that found nothing too.
CREATE TABLE swarm_looks (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  kind VARCHAR NOT NULL,               -- dna | patterns
  looked_at TIMESTAMP NOT NULL, since_at TIMESTAMP NOT NULL,
  tests INTEGER NOT NULL,              -- profiles weighed, or patterns tested
  found INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL
);
