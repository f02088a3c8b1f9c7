import type { Screen } from '../../../src/tui/screen.ts'
import { agents } from '../../../src/tui/screens/agents.ts'
import { holdsScreen } from './recorded.ts'

holdsScreen(agents as unknown as Screen)
