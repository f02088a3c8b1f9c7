import { isRevokedKey } from '../../core/faults.ts'
import type { MachineView } from '../fleet-picture.ts'
import type { Rule } from '../rule.ts'

/** A way that comes and goes every minute is one trouble: only a machine that answers for this long is back. */
const STEADY_MS = 2 * 60_000

const keyTitle = ({ machineId, statusReason }: MachineView): string =>
  isRevokedKey(statusReason)
    ? `${machineId} offers a host key that is revoked`
    : `${machineId} offers another host key than known_hosts holds`

/** The way to a machine failed at least twice in a row. A changed host key is a security matter and always critical. */
export const unreachable: Rule<MachineView> = {
  id: 'machine_unreachable',
  about: 'the way to a machine failed at least twice in a row',
  holdMs: 0,
  clearMs: STEADY_MS,
  judge(m) {
    const changedKey = m.transportFault === 'host_key_changed'
    if (!m.enabled) return []
    // One failure is neither a broken way nor an answer.
    if (m.transportFailures < (changedKey ? 1 : 2)) return m.transportFailures === 0 ? [] : null
    const why = m.statusReason ?? m.transportFault ?? 'no answer'
    return [
      {
        machineId: m.machineId,
        // An alert of its own: one that fires already because the machine was down would tell nobody of another key.
        subject: changedKey ? 'host_key' : 'transport',
        severity: changedKey ? 'critical' : m.ageS === null ? 'warning' : 'critical',
        title: changedKey ? keyTitle(m) : `${m.machineId} is unreachable: ${why}`,
        evidence: { failures: m.transportFailures, fault: m.transportFault, last_answer_age_s: m.ageS },
      },
    ]
  },
}
