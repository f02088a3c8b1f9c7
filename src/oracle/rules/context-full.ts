import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const FULL_PCT = 90
const LETS_GO_PCT = 85

export const contextFull: Rule<MachineSignals> = {
  id: 'context_full',
  about: 'the context window of a living agent is 90 % full',
  holdMs: 0,
  clearMs: 0,
  judge: ({ machine, agents }, stands) =>
    agents.flatMap((agent) => {
      const limit = stands(agent.agentId) ? LETS_GO_PCT : FULL_PCT
      if (agent.contextPct === null || agent.contextPct < limit) return []
      return [
        {
          machineId: machine.machineId,
          subject: agent.agentId,
          severity: 'info' as const,
          title: `the context window of ${agent.agentId} is ${Math.round(agent.contextPct)} % full`,
          evidence: { context_pct: Number(agent.contextPct.toFixed(1)), cli: agent.cli },
        },
      ]
    }),
}
