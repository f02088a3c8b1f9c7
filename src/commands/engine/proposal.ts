import type { ActWish, Proposal } from '../../core/action.ts'
import { mandateOf } from '../../store/index.ts'
import type { Managed } from './book.ts'
import type { EnginePorts } from './ports.ts'

/** What is proposed about one agent that vc keeps; vc itself acts on the mandate that its owner gave. */
export const proposalOf = async (
  ports: EnginePorts,
  given: ActWish,
  agent: Managed,
  rest: Pick<Proposal, 'verb' | 'class' | 'why' | 'params'>,
): Promise<Proposal> => {
  const mandate = given.origin === 'guardian' ? await mandateOf(ports.book.store.db, agent.agent_id) : null
  return {
    ...rest,
    target: { machineId: agent.machine_id, agentId: agent.agent_id },
    origin: given.origin,
    actor: given.actor,
    ...(mandate === null ? {} : { mandate }),
  }
}
