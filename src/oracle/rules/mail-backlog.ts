import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import { counted } from '../counted.ts'
import type { Rule } from '../rule.ts'

const URGENT_UNREAD = 5

export const mailBacklog: Rule<MachineSignals> = {
  id: 'mail_backlog',
  about: 'more than 5 urgent messages between agents are unread',
  holdMs: 0,
  clearMs: 0,
  judge({ machine, mail }) {
    const says = sourceSays(machine, ['agent_mail'])
    if (says !== 'fresh') return says === 'red' ? null : []
    if (mail === null || mail.urgentUnread <= URGENT_UNREAD) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'mail',
        severity: 'warning',
        title: `${counted(mail.urgentUnread, 'urgent message', 'urgent messages')} of agents on ${machineId} ${mail.urgentUnread === 1 ? 'is' : 'are'} unread`,
        evidence: { urgent_unread: mail.urgentUnread, above: URGENT_UNREAD },
      },
    ]
  },
}
