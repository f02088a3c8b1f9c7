import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import { counted } from '../counted.ts'
import type { Rule } from '../rule.ts'

export const networkUnknown: Rule<MachineSignals> = {
  id: 'network_unknown',
  about: 'rano saw connections to a provider it does not know within the last hour',
  holdMs: 0,
  clearMs: 60_000,
  judge({ machine, unknownNetwork }) {
    const says = sourceSays(machine, ['rano'])
    if (says !== 'fresh') return says === 'red' ? null : []
    if (unknownNetwork === null || unknownNetwork.connections === 0) return []
    const { connections, examples } = unknownNetwork
    const { machineId } = machine
    const where = examples.length > 0 ? `, e.g. ${examples.join(', ')}` : ''
    return [
      {
        machineId,
        subject: 'network',
        severity: 'warning',
        title: `${counted(connections, 'connection', 'connections')} of agents on ${machineId} ${connections === 1 ? 'goes to an unknown provider' : 'go to unknown providers'}${where}`,
        evidence: { connections_last_hour: connections, examples },
      },
    ]
  },
}
