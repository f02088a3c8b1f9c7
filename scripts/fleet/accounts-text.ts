import type { DemoMachine } from './describe.ts'
import { sectionsText } from './sections-text.ts'
import { HOME } from './session-facts.ts'

const DB = `${HOME}/.caam/data/caam.db`

const has = ({ id }: DemoMachine): boolean => id === 'atlas'

/** Where the account tools of this machine lie. */
export const accountTools = (machine: DemoMachine): Readonly<Record<string, string>> =>
  has(machine) ? { caut: `${HOME}/.local/bin/caut`, caam: `${HOME}/.local/bin/caam` } : {}

/** What these tools call their version. */
export const ACCOUNT_VERSIONS: Readonly<Record<string, string>> = {
  caut: 'caut 0.1.0',
  caam: 'caam v0.1.9 (1589a72) built on 2026-01-27 with go1.25',
}

const window = (usedPercent: number, windowMinutes: number, resetS: number) => ({
  usedPercent,
  windowMinutes,
  resetsAt: `@{start.iso+${resetS}}`,
})

const cautText = (): string => {
  const usage = {
    primary: window(89, 300, 5_400),
    secondary: window(64, 10_080, 230_000),
    updatedAt: '@{start.iso-12}',
  }
  const status = { indicator: 'minor', description: 'Partially Degraded Service' }
  const data = [{ provider: 'claude', account: 'dev@example.org', source: 'oauth', usage, status }]
  const envelope = { schemaVersion: 'caut.v1', generatedAt: '@{start.iso-12}', command: 'usage', data, errors: [] }
  return sectionsText([['usage', JSON.stringify(envelope), 0]])
}

const profile = (name: string, active: boolean, more: object = {}) => ({
  ...{ name, active, system: false, health: { status: 'healthy', error_count_1h: 0 } },
  ...more,
})

const limit = (provider: string, profile_name: string, usage: object) => ({
  provider,
  profile_name,
  usage: {
    provider,
    profile_name,
    fetched_at: '@{start.iso-20}',
    estimated_depletion: '0001-01-01T00:00:00Z',
    ...usage,
  },
})

const caamWindow = (utilization: number, hours: number, resetS: number) => ({
  ...{ utilization, used_percent: Math.floor(utilization * 100), window_duration: hours * 3_600_000_000_000 },
  resets_at: `@{start.iso+${resetS}}`,
})

/** Two logins of Claude, one of Codex: what `unknown` rollouts of this machine belong to. */
const caamText = (): string => {
  const data = {
    version: 'v0.1.9',
    providers: [
      {
        id: 'claude',
        logged_in: true,
        profiles: [profile('dev@example.org', true), profile('spare@example.org', false)],
      },
      { id: 'codex', logged_in: true, profiles: [profile('dev@example.org', true)] },
    ],
  }
  const limits = [
    limit('claude', 'dev@example.org', { primary_window: caamWindow(0.88, 5, 5_400), plan_type: 'max' }),
    limit('claude', 'spare@example.org', {
      ...{ primary_window: caamWindow(0.06, 5, 14_000), secondary_window: caamWindow(0.22, 168, 400_000) },
    }),
  ]
  return sectionsText([
    ['db', DB, 0],
    ['status', JSON.stringify({ success: true, command: 'status', data }), 0],
    ['limits', JSON.stringify(limits), 0],
  ])
}

const DB_SQL = `CREATE TABLE activity_log(id INTEGER PRIMARY KEY, timestamp TEXT, event_type TEXT, provider TEXT, profile_name TEXT, details TEXT, duration_seconds INTEGER);
CREATE TABLE limit_events(id INTEGER PRIMARY KEY, provider TEXT, profile_name TEXT, hit_at TEXT, cooldown_until TEXT, notes TEXT);
INSERT INTO activity_log VALUES (1, '2026-01-01 06:00:00', 'activate', 'codex', 'dev@example.org', NULL, 0);
INSERT INTO limit_events VALUES (1, 'claude', 'spare@example.org', '2026-01-01 05:00:00', '2026-01-01 09:00:00', NULL);
`

const MISSING = sectionsText([['missing', '', 127]])

/** Outputs of caut and caam; a machine without them says so. */
export const accountOutputs = (machine: DemoMachine) => ({
  'caut.txt': { ask: 'caut.usage', text: has(machine) ? cautText() : MISSING, durationMs: 640 },
  'caam.txt': { ask: 'caam.profiles', text: has(machine) ? caamText() : MISSING, durationMs: 410 },
})

/** The log that caam keeps. */
export const accountFiles = (machine: DemoMachine): readonly (readonly [string, string])[] =>
  has(machine) ? [[`${DB}.sql`, DB_SQL]] : []
