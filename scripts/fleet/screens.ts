import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const SCREENS = join(import.meta.dirname, '../../tests/fixtures/screens')

/** A recorded screen of an agent CLI, without the empty lines at its end. */
export const recordedScreen = (path: string): string => readFileSync(join(SCREENS, `${path}.txt`), 'utf8').trimEnd()

export const CLAUDE_WORKING = `● Reading src/limits.ts

✶ Percolating… (41s · ↓ 1.2k tokens · esc to interrupt)

❯
  ⏵⏵ accept edits on (shift+tab to cycle)`

export const CLAUDE_IDLE = `● Done. All 41 tests pass.

❯
  ⏵⏵ accept edits on (shift+tab to cycle)`

export const CLAUDE_APPROVAL = `● Bash(npm run migrate)

────────────────────────────────────────
 Bash command

   npm run migrate
   Apply the schema to the staging database

 Do you want to proceed?
 ❯ 1. Yes
   2. Yes, and don't ask again for npm run migrate
   3. No, and tell Claude what to do differently (esc)
`

const RULE = '─'.repeat(80)

export const CLAUDE_QUESTION = `● I need one decision.
${RULE}
←  ☐ Rounding  ✔ Submit  →

Which rounding mode should the importer use?

❯ 1. Half up
     Common in invoices
  2. Half even
     Banker rounding
  3. Type something.
${RULE}
  4. Chat about this

Enter to select · Tab/Arrow keys to navigate · Esc to cancel`
