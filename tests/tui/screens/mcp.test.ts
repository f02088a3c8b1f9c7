import type { Screen } from '../../../src/tui/screen.ts'
import { mcp } from '../../../src/tui/screens/mcp.ts'
import { holdsScreen } from './recorded.ts'

holdsScreen(mcp as unknown as Screen)
