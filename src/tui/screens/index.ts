import type { Screen } from '../screen.ts'
import { machine } from './machine.ts'
import { overview } from './overview.ts'

/** Every screen of the cockpit, in the order of the bar at the top: one line per screen. */
export const screens: readonly Screen[] = [overview, machine] as unknown as readonly Screen[]
