import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'
import { skewWords } from '../skew-words.ts'

const WARNING_MS = 5_000
const CRITICAL_MS = 60_000

/** Times of two machines are compared everywhere; a wrong clock makes ages and orders wrong. */
export const clockSkew: Rule<MachineSignals> = {
  id: 'clock_skew',
  about: 'the clock of a machine differs from the one of vc by more than 5 seconds',
  holdMs: 60_000,
  clearMs: 60_000,
  judge({ machine, system }, stands) {
    const says = sourceSays(machine, ['probe'])
    if (says !== 'fresh') return says === 'red' ? null : []
    const skew = system?.clockSkewMs ?? null
    // An exchange too long to tell the clock from the way says nothing: a clock that was wrong is not right by that.
    if (skew === null) return null
    if (Math.abs(skew) <= (stands('clock') ? WARNING_MS / 2 : WARNING_MS)) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'clock',
        severity: Math.abs(skew) > CRITICAL_MS ? 'critical' : 'warning',
        title: `the clock of ${machineId} is ${skewWords(skew)} the one of vc`,
        evidence: { skew_ms: skew, warning_above_ms: WARNING_MS },
      },
    ]
  },
}
