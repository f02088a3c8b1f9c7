import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

export const oomKills: Rule<MachineSignals> = {
  id: 'oom_kills',
  about: 'the kernel killed a process for want of memory within the last hour',
  holdMs: 0,
  clearMs: 60_000,
  judge({ machine, system }) {
    if (system === null || system.oomKillsHour === null) return []
    const { machineId } = machine
    const kills = system.oomKillsHour
    if (kills <= 0) return []
    return [
      {
        machineId,
        subject: 'oom',
        severity: 'critical',
        title: `the kernel of ${machineId} killed ${kills === 1 ? 'a process' : `${kills} processes`} for want of memory`,
        evidence: { kills_last_hour: kills },
      },
    ]
  },
}
