import type { Rule } from '../rule.ts'
import type { StoreView } from './store-disk-full.ts'

/** Nobody looks for a backup before it is needed: that none could be made must be said while the older ones are young. */
export const backupFailed: Rule<StoreView> = {
  id: 'backup_failed',
  about: "the last backup of vc's own database could not be made; the older ones stay",
  holdMs: 0,
  clearMs: 0,
  judge({ backupFailure: why }) {
    if (why === undefined) return null
    if (why === null) return []
    return [
      {
        machineId: null,
        subject: 'backup',
        severity: 'warning',
        title: `the backup of vc's own database failed: ${why.slice(0, 300)}`,
        evidence: { why: why.slice(0, 1000) },
      },
    ]
  },
}
