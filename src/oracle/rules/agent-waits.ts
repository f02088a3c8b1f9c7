import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const WAITING: Readonly<Record<string, string>> = {
  needs_approval: 'waits for an approval',
  asked_question: 'asked a question',
}

/**
 * For so long it must be seen waiting: the first look of a cockpit that slept or starts anew knows it only from before, and
 * it may have been answered meanwhile. The hold begins so much earlier, so that nobody hears of it later.
 */
const SEEN_MS = 60_000

/** The time an agent waits is in its state, so that a restart of vc neither forgets nor repeats it. */
export const agentWaits: Rule<MachineSignals> = {
  id: 'agent_waits',
  about: 'an agent waits for a person longer than alerts.unanswered_minutes',
  holdMs: SEEN_MS,
  clearMs: 0,
  judge: ({ machine, agents, unansweredMinutes }) =>
    agents.flatMap((agent) => {
      const what = WAITING[agent.state ?? '']
      const limitS = unansweredMinutes * 60
      if (what === undefined || agent.stateAgeS === null || agent.stateAgeS < limitS - SEEN_MS / 1000) return []
      const since = agent.stateAgeS < limitS ? 'unanswered' : `unanswered for more than ${unansweredMinutes} minutes`
      return [
        {
          machineId: machine.machineId,
          subject: agent.agentId,
          severity: 'warning' as const,
          title: `${agent.agentId} ${what}, ${since}`,
          evidence: { state: agent.state, reason: agent.reason, since_s: agent.stateAgeS, cli: agent.cli },
        },
      ]
    }),
}
