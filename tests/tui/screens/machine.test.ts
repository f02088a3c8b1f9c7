import type { Screen } from '../../../src/tui/screen.ts'
import { machine } from '../../../src/tui/screens/machine.ts'
import { holdsScreen } from './recorded.ts'

holdsScreen(machine as unknown as Screen)
