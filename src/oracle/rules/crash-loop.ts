import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const CRASHES = 3

export const crashLoop: Rule<MachineSignals> = {
  id: 'crash_loop',
  about:
    'agents of one CLI in one folder failed and ended at least 3 times within half an hour, minutes after their start',
  holdMs: 0,
  clearMs: 60_000,
  judge: ({ machine, crashes }) =>
    crashes
      .filter(({ count }) => count >= CRASHES)
      .map(({ cli, place, count }) => ({
        machineId: machine.machineId,
        subject: `${cli} ${place}`,
        severity: 'warning',
        title: `${cli} in ${place} on ${machine.machineId} failed and ended ${count} times within half an hour`,
        evidence: { cli, place, ended: count },
      })),
}
