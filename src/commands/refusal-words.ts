import { messageOf, VcError } from '../core/errors.ts'
import type { Warning } from '../core/rows.ts'

/** What a daemon has to say that goes on with the file as it was before. */
export const refusalWords = (refusal: unknown): Warning => {
  const fix = refusal instanceof VcError ? refusal.fix : null
  // Of a file that only cannot be taken over now, lint has nothing to say.
  const ofLint = fix === null || (refusal instanceof VcError && 'problems' in refusal)
  return {
    code: 'config_refused',
    message: `the configuration is refused, and the daemon goes on with the one before: ${messageOf(refusal)}`,
    fix: [fix, ofLint ? 'all of it: vc config lint' : null].filter((part) => part !== null).join('; '),
  }
}
