import { pasteable } from '../core/shell-word.ts'
import { type Advice, causeOf, RANK } from './triage.ts'

export interface AgentStanding {
  readonly agent_id: string
  readonly machine_id: string
  readonly cli: string
  readonly cwd: string | null
  readonly state: string | null
  readonly reason: string | null
  readonly since: string | null
  readonly rule: string | null
  readonly ended: string | null
}

const WAITING = {
  needs_approval: { title: 'waits for an approval', action: 'read the dialog and answer it' },
  asked_question: { title: 'asked a question', action: 'answer it' },
  failed: { title: 'failed', action: 'see why, then continue or restart it' },
  stalled: { title: 'is stalled', action: 'see what it waits for' },
  rate_limited: { title: 'is rate-limited', action: 'wait for the reset or use another account' },
} as const

const isWaiting = (state: string | null): state is keyof typeof WAITING => state !== null && state in WAITING

/** Agents that need a person. */
export const adviceFromAgents = (agents: readonly AgentStanding[]): readonly Advice[] =>
  agents.flatMap((agent) => {
    const { state } = agent
    if (!isWaiting(state) || agent.ended !== null) return []
    const waiting = WAITING[state]
    return [
      {
        id: `agent:${agent.agent_id}:${state}`,
        cause: causeOf('agent', agent.machine_id, agent.agent_id),
        rank: RANK[state],
        title: `${agent.agent_id} ${waiting.title}${agent.reason ? `: ${agent.reason}` : ''}`,
        description: `${agent.cli} in ${agent.cwd ?? 'an unknown folder'}, ${state} since ${agent.since ?? 'an unknown time'}, rule ${agent.rule ?? 'none'}`,
        since: agent.since,
        scope: `agent:${agent.agent_id}`,
        action: waiting.action,
        command: pasteable(['vc', 'explain', agent.agent_id]),
        confidence: 0.8,
      },
    ]
  })
