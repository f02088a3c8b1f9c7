import { isRevokedKey } from '../core/faults.ts'
import type { Row, ScrapeRun } from '../core/rows.ts'

/** Remembers which machines offer a wrong key, so that a change is one security event and not one per attempt. */
export const openSecurityWatch = () => {
  const changed = new Map<string, string>()
  return {
    /** The event row this run calls for, or null. A key that is right again is an event too. */
    eventOf(run: ScrapeRun): Row | null {
      const before = changed.get(run.machineId)
      if (run.fault === 'host_key_changed') {
        const detail = run.detail ?? 'another host key than known_hosts holds'
        if (before === detail) return null
        changed.set(run.machineId, detail)
        return { kind: isRevokedKey(detail) ? 'host_key_revoked' : 'host_key_changed', detail, actor: null }
      }
      if (before === undefined || !run.up) return null
      changed.delete(run.machineId)
      return { kind: 'host_key_right_again', detail: null, actor: null }
    },
  }
}
