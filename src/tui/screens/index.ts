import type { Screen } from '../screen.ts'
import { agents } from './agents.ts'
import { beads } from './beads.ts'
import { events } from './events.ts'
import { machine } from './machine.ts'
import { mail } from './mail.ts'
import { overview } from './overview.ts'
import { repos } from './repos.ts'

/** Every screen of the cockpit, in the order of the bar at the top: one line per screen. */
export const screens: readonly Screen[] = [
  overview,
  machine,
  agents,
  repos,
  beads,
  mail,
  events,
] as unknown as readonly Screen[]
