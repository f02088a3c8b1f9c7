import type { Screen } from '../../../src/tui/screen.ts'
import { overview } from '../../../src/tui/screens/overview.ts'
import { holdsScreen } from './recorded.ts'

holdsScreen(overview as unknown as Screen)
