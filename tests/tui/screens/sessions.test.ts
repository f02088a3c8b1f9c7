import type { Screen } from '../../../src/tui/screen.ts'
import { sessions } from '../../../src/tui/screens/sessions.ts'
import { holdsScreen } from './recorded.ts'

holdsScreen(sessions as unknown as Screen)
