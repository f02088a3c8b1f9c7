import type { MachineView } from '../fleet-picture.ts'
import type { Rule } from '../rule.ts'
import { isTransportFault, redReason } from '../status.ts'

/** A source that should answer does not. Sources of an unreachable machine are one alert of the machine, not thirty. */
export const collectorRed: Rule<MachineView> = {
  id: 'collector_red',
  about: 'a source failed three times in a row, or missed three turns, on a machine that answers',
  holdMs: 0,
  clearMs: 0,
  judge(m) {
    if (!m.enabled || m.transportFailures > 0) return []
    return m.sources.flatMap((source) => {
      const why = redReason(source)
      const steady = source.up || source.consecutiveFailures >= 3 || source.fault === 'persist_failed'
      if (why === null || !steady || isTransportFault(source.fault, source.bytes)) return []
      return [
        {
          machineId: m.machineId,
          subject: source.source,
          severity: 'warning' as const,
          title: `${source.source} on ${m.machineId}: ${why}`,
          evidence: {
            fault: source.fault,
            failures: source.consecutiveFailures,
            ok_age_s: source.okAgeS,
            interval_s: source.intervalS,
          },
        },
      ]
    })
  },
}
