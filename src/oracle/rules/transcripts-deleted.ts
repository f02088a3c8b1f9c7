import { displayText } from '../../core/text.ts'
import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

export const transcriptsDeleted: Rule<MachineSignals> = {
  id: 'transcripts_deleted',
  about: 'an agent CLI is set to delete its transcripts, and what vc did not count by then is lost',
  holdMs: 0,
  clearMs: 0,
  judge({ machine, retention }) {
    const says = sourceSays(machine, ['retention'])
    if (says !== 'fresh') return says === 'red' ? null : []
    return retention.map((message) => ({
      machineId: machine.machineId,
      subject: message.startsWith('Claude') ? 'claude' : message.startsWith('Gemini') ? 'gemini' : 'retention',
      severity: 'info',
      title: displayText(message),
      evidence: { warning: displayText(message) },
    }))
  },
}
