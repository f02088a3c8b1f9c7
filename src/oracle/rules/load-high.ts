import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const PER_CORE = 1.5
/** What is firing lets go below this, so that a load around the line is one alert. */
const LETS_GO_PER_CORE = 1.2

export const loadHigh: Rule<MachineSignals> = {
  id: 'load_high',
  about: 'the five-minute load is above 1.5 per core for more than 10 minutes',
  holdMs: 10 * 60_000,
  clearMs: 60_000,
  judge({ machine }, stands) {
    const { load5, cores, machineId } = machine
    if (load5 === null || !cores) return sourceSays(machine, ['probe']) === 'red' ? null : []
    const limit = (stands('load') ? LETS_GO_PER_CORE : PER_CORE) * cores
    if (load5 <= limit) return []
    return [
      {
        machineId,
        subject: 'load',
        severity: load5 > cores * PER_CORE * 2 ? 'critical' : 'warning',
        title: `load of ${machineId} is ${load5.toFixed(1)} on ${cores} cores`,
        evidence: { load5: Number(load5.toFixed(2)), cores, above: cores * PER_CORE },
      },
    ]
  },
}
