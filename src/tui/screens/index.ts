import type { Screen } from '../screen.ts'

/** A screen by name; its file is loaded when it is needed, so that the first picture waits for one screen only. */
export interface ScreenEntry {
  readonly id: string
  readonly key: string
  readonly title: string
  readonly load: () => Promise<Screen>
}

/** Every screen of the cockpit, in the order of the bar at the top: one line per screen. */
export const screenEntries: readonly ScreenEntry[] = [
  { id: 'overview', key: '1', title: 'Overview', load: async () => (await import('./overview.ts')).overview },
  { id: 'machine', key: '2', title: 'Machine', load: async () => (await import('./machine.ts')).machine },
  { id: 'agents', key: '3', title: 'Agents', load: async () => (await import('./agents.ts')).agents },
  { id: 'accounts', key: '4', title: 'Accounts', load: async () => (await import('./accounts.ts')).accounts },
  { id: 'repos', key: '5', title: 'Repos', load: async () => (await import('./repos.ts')).repos },
  { id: 'beads', key: '6', title: 'Beads', load: async () => (await import('./beads.ts')).beads },
  { id: 'mail', key: '7', title: 'Mail', load: async () => (await import('./mail.ts')).mail },
  { id: 'events', key: '8', title: 'Events', load: async () => (await import('./events.ts')).events },
  { id: 'oracle', key: '9', title: 'Oracle', load: async () => (await import('./oracle.ts')).oracle },
  { id: 'guardian', key: '0', title: 'Guardian', load: async () => (await import('./guardian.ts')).guardian },
  { id: 'costs', key: 'c', title: 'Costs', load: async () => (await import('./costs.ts')).costs },
  { id: 'analytics', key: 'a', title: 'Analytics', load: async () => (await import('./analytics.ts')).analytics },
  { id: 'incidents', key: 'i', title: 'Incidents', load: async () => (await import('./incidents.ts')).incidents },
  { id: 'sessions', key: 's', title: 'Sessions', load: async () => (await import('./sessions.ts')).sessions },
  { id: 'missions', key: 'm', title: 'Missions', load: async () => (await import('./missions.ts')).missions },
  { id: 'config', key: 'o', title: 'Config', load: async () => (await import('./config.ts')).config },
  { id: 'mcp', key: 'p', title: 'MCP servers', load: async () => (await import('./mcp.ts')).mcp },
  { id: 'doctor', key: 'd', title: 'Doctor', load: async () => (await import('./doctor.ts')).doctor },
]

/** All of them, loaded. */
export const loadScreens = (): Promise<readonly Screen[]> => Promise.all(screenEntries.map(({ load }) => load()))
