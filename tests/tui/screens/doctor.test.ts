import type { Screen } from '../../../src/tui/screen.ts'
import { doctor } from '../../../src/tui/screens/doctor.ts'
import { holdsScreen } from './recorded.ts'

holdsScreen(doctor as unknown as Screen)
