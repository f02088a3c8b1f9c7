import type { Screen } from '../../../src/tui/screen.ts'
import { accounts } from '../../../src/tui/screens/accounts.ts'
import { holdsScreen } from './recorded.ts'

holdsScreen(accounts as unknown as Screen)
