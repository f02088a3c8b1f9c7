import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const WAITING: Readonly<Record<string, string>> = {
  needs_approval: 'waits for an approval',
  asked_question: 'asked a question',
}

/** The time an agent waits is in its state, so that a restart of vc neither forgets nor repeats it. */
export const agentWaits: Rule<MachineSignals> = {
  id: 'agent_waits',
  about: 'an agent waits for a person longer than alerts.unanswered_minutes',
  holdMs: 0,
  clearMs: 0,
  judge: ({ machine, agents, unansweredMinutes }) =>
    agents.flatMap((agent) => {
      const what = WAITING[agent.state ?? '']
      if (what === undefined || agent.stateAgeS === null || agent.stateAgeS < unansweredMinutes * 60) return []
      return [
        {
          machineId: machine.machineId,
          subject: agent.agentId,
          severity: 'warning' as const,
          title: `${agent.agentId} ${what}, unanswered for more than ${unansweredMinutes} minutes`,
          evidence: { state: agent.state, reason: agent.reason, since_s: agent.stateAgeS, cli: agent.cli },
        },
      ]
    }),
}
