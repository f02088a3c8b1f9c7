import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import { counted } from '../counted.ts'
import type { Rule } from '../rule.ts'

const QUEUE = 10

export const rchSaturated: Rule<MachineSignals> = {
  id: 'rch_saturated',
  about: 'more than 10 builds wait while rch has no worker to give them to',
  holdMs: 0,
  clearMs: 60_000,
  judge({ machine, rch }) {
    const says = sourceSays(machine, ['rch'])
    if (says !== 'fresh') return says === 'red' ? null : []
    if (rch === null || rch.queueDepth === null || rch.workersAvailable === null) return []
    if (rch.queueDepth <= QUEUE || rch.workersAvailable > 0) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'rch',
        severity: 'critical',
        title: `${counted(rch.queueDepth, 'build waits', 'builds wait')} on ${machineId} and no worker is available`,
        evidence: { queue_depth: rch.queueDepth, workers_available: rch.workersAvailable, above: QUEUE },
      },
    ]
  },
}
