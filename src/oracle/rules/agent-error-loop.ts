import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const FAILURES = 3

export const agentErrorLoop: Rule<MachineSignals> = {
  id: 'agent_error_loop',
  about: 'an agent failed at least 3 times within half an hour',
  holdMs: 0,
  clearMs: 60_000,
  judge: ({ machine, agents }) =>
    agents
      .filter((agent) => agent.failures >= FAILURES)
      .map((agent) => ({
        machineId: machine.machineId,
        subject: agent.agentId,
        severity: 'warning',
        title: `${agent.agentId} failed ${agent.failures} times within half an hour`,
        evidence: { failures: agent.failures, state: agent.state, reason: agent.reason },
      })),
}
