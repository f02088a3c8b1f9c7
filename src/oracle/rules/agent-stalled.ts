import { ageWords } from '../age-words.ts'
import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

/** The state itself says so: silence alone is no proof, and nothing is guessed here from silence. */
export const agentStalled: Rule<MachineSignals> = {
  id: 'agent_stalled',
  about: 'an agent is stalled: it should go on and does not',
  holdMs: 60_000,
  clearMs: 30_000,
  judge: ({ machine, agents }) =>
    agents
      .filter((agent) => agent.state === 'stalled')
      .map((agent) => ({
        machineId: machine.machineId,
        subject: agent.agentId,
        severity: 'warning',
        title: `${agent.agentId} is stalled${agent.stateAgeS === null ? '' : ` for ${ageWords(agent.stateAgeS)}`}`,
        evidence: { state: agent.state, reason: agent.reason, cli: agent.cli },
      })),
}
