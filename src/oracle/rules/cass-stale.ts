import { ageWords } from '../age-words.ts'
import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const STALE_S = 24 * 3600

/** An index that was never made is somebody's choice, not a fault. */
export const cassStale: Rule<MachineSignals> = {
  id: 'cass_stale',
  about: 'the index of cass was not refreshed for more than 24 hours',
  holdMs: 0,
  clearMs: 0,
  judge({ machine, cass }) {
    const says = sourceSays(machine, ['cass'])
    if (says !== 'fresh') return says === 'red' ? null : []
    if (cass === null || cass.state === 'not_initialized' || cass.indexAgeS === null) return []
    if (cass.indexAgeS <= STALE_S) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'cass',
        severity: 'info',
        title: `the index of cass on ${machineId} is ${ageWords(cass.indexAgeS)} old`,
        evidence: { index_age_s: cass.indexAgeS, above_s: STALE_S, state: cass.state },
      },
    ]
  },
}
