import { ACCOUNTS_TABLES } from './tables/accounts.ts'
import { AGENTS_TABLES } from './tables/agents.ts'
import { ALERTS_TABLES } from './tables/alerts.ts'
import { AUDIT_TABLES } from './tables/audit.ts'
import { BEADS_TABLES } from './tables/beads.ts'
import { BUILDS_TABLES } from './tables/builds.ts'
import { CONTENT_TABLES } from './tables/content.ts'
import { ENGINE_TABLES } from './tables/engine.ts'
import { GUARDS_TABLES } from './tables/guards.ts'
import { HEALTH_TABLES } from './tables/health.ts'
import { HOOKS_TABLES } from './tables/hooks.ts'
import { INCIDENTS_TABLES } from './tables/incidents.ts'
import { MACHINES_TABLES } from './tables/machines.ts'
import { MISSIONS_TABLES } from './tables/missions.ts'
import { ORCHESTRATORS_TABLES } from './tables/orchestrators.ts'
import { REPOS_TABLES } from './tables/repos.ts'
import { SETTINGS_TABLES } from './tables/settings.ts'
import type { TableSpec } from './tables/spec.ts'
import { SWARM_TABLES } from './tables/swarm.ts'
import { SYSTEM_TABLES } from './tables/system.ts'
import { USAGE_TABLES } from './tables/usage.ts'

export type { TableMode, TableSpec } from './tables/spec.ts'

/** Every table, by subject: one file and one line each. */
export const TABLES = [
  ...MACHINES_TABLES,
  ...SYSTEM_TABLES,
  ...AGENTS_TABLES,
  ...USAGE_TABLES,
  ...ACCOUNTS_TABLES,
  ...REPOS_TABLES,
  ...SETTINGS_TABLES,
  ...ORCHESTRATORS_TABLES,
  ...ALERTS_TABLES,
  ...HEALTH_TABLES,
  ...CONTENT_TABLES,
  ...BUILDS_TABLES,
  ...HOOKS_TABLES,
  ...GUARDS_TABLES,
  ...BEADS_TABLES,
  ...INCIDENTS_TABLES,
  ...SWARM_TABLES,
  ...MISSIONS_TABLES,
  ...AUDIT_TABLES,
  ...ENGINE_TABLES,
] as const satisfies readonly TableSpec[]

export type TableName = (typeof TABLES)[number]['name']

const byName = new Map<string, TableSpec>(TABLES.map((table) => [table.name, table]))

/** The spec of a table, or undefined for a name nobody registered. */
export const tableSpec = (name: string): TableSpec | undefined => byName.get(name)
