import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import { counted } from '../counted.ts'
import type { Rule } from '../rule.ts'

const OVERDUE = 3

export const mailOverdue: Rule<MachineSignals> = {
  id: 'mail_overdue',
  about: 'more than 3 messages that ask for an acknowledgement have waited for it longer than an hour',
  holdMs: 0,
  clearMs: 0,
  judge({ machine, mail }) {
    const says = sourceSays(machine, ['agent_mail'])
    if (says !== 'fresh') return says === 'red' ? null : []
    if (mail === null || mail.overdueAcks <= OVERDUE) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'mail',
        severity: 'warning',
        title: `${counted(mail.overdueAcks, 'message', 'messages')} of agents on ${machineId} ${mail.overdueAcks === 1 ? 'waits' : 'wait'} for an acknowledgement longer than an hour`,
        evidence: { overdue: mail.overdueAcks, above: OVERDUE, after_minutes: 60 },
      },
    ]
  },
}
