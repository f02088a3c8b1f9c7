import type { TableSpec } from './spec.ts'

/** How agents work, and what they do to one another. */
export const SWARM_TABLES = [
  {
    name: 'agent_profiles',
    mode: 'state',
    key: ['profile_key'],
    time: 'collected_at',
    latest: 'latest_agent_profiles',
    quiet: ['since_at'],
    retentionDays: 90,
    text: ['affinity_json'],
  },
  {
    name: 'swarm_patterns',
    mode: 'state',
    key: ['pattern_key'],
    time: 'collected_at',
    latest: 'latest_swarm_patterns',
    quiet: ['since_at'],
    retentionDays: null,
    text: ['words', 'evidence_json'],
  },
  { name: 'swarm_looks', mode: 'event', key: ['kind', 'looked_at'], time: 'looked_at', retentionDays: 90 },
] as const satisfies readonly TableSpec[]
