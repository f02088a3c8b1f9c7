import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const PER_HOUR = 10

/** An agent that runs into the command guard again and again, or into a rule that dcg calls critical for the first time. */
export const dcgDenies: Rule<MachineSignals> = {
  id: 'dcg_denies',
  about: 'dcg refused more than 10 commands within an hour, or met a critical rule never seen before',
  holdMs: 0,
  clearMs: 60_000,
  judge({ machine, dcg }) {
    const says = sourceSays(machine, ['dcg'])
    if (says !== 'fresh') return says === 'red' ? null : []
    if (dcg === null) return []
    const { machineId } = machine
    const spike = dcg.deniesHour > PER_HOUR
    return [
      ...(spike
        ? [
            {
              machineId,
              subject: 'denies',
              severity: 'warning' as const,
              title: `dcg on ${machineId} refused ${dcg.deniesHour} commands within an hour`,
              evidence: { denies_last_hour: dcg.deniesHour, above: PER_HOUR },
            },
          ]
        : []),
      ...dcg.newCritical.map((rule) => ({
        machineId,
        subject: `rule ${rule}`,
        severity: 'critical' as const,
        title: `dcg on ${machineId} met its critical rule ${rule} for the first time`,
        evidence: { rule_id: rule },
      })),
    ]
  },
}
