import type { Refusal } from '../../core/action.ts'
import { type Db, wantedOf } from '../../store/index.ts'
import type { Managed } from './book.ts'

/** Nobody starts, feeds or reminds an agent that a person paused. Null: it is not paused. */
export const pausedRefusal = (agent: Pick<Managed, 'agent_id' | 'wanted'>): Refusal | null =>
  agent.wanted === 'paused'
    ? {
        code: 'agent_paused',
        message: `${agent.agent_id} is paused by a person`,
        fix: `vc agent unpause ${agent.agent_id}`,
      }
    : null

/** The same for a name that may or may not be an agent that vc keeps. */
export const pausedNow = async (db: Db, agentId: string): Promise<Refusal | null> =>
  pausedRefusal({ agent_id: agentId, wanted: (await wantedOf(db, agentId)) ?? 'run' })
