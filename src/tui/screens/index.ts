import type { Screen } from '../screen.ts'
import { accounts } from './accounts.ts'
import { agents } from './agents.ts'
import { analytics } from './analytics.ts'
import { beads } from './beads.ts'
import { config } from './config.ts'
import { costs } from './costs.ts'
import { doctor } from './doctor.ts'
import { events } from './events.ts'
import { incidents } from './incidents.ts'
import { machine } from './machine.ts'
import { mail } from './mail.ts'
import { mcp } from './mcp.ts'
import { oracle } from './oracle.ts'
import { overview } from './overview.ts'
import { repos } from './repos.ts'
import { sessions } from './sessions.ts'

/** Every screen of the cockpit, in the order of the bar at the top: one line per screen. */
export const screens: readonly Screen[] = [
  overview,
  machine,
  agents,
  accounts,
  repos,
  beads,
  mail,
  events,
  oracle,
  costs,
  analytics,
  incidents,
  sessions,
  config,
  mcp,
  doctor,
] as unknown as readonly Screen[]
