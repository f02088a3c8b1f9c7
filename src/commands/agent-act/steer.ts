import type { DeedMaker } from '../../core/action.ts'
import { agentDeed, agentOf } from './deed.ts'
import type { AgentActPorts } from './reach.ts'

/** `agent.interrupt`: ends the turn under way; the agent stays. */
export const interruptMaker =
  (ports: AgentActPorts): DeedMaker =>
  async (wish) =>
    agentDeed(ports, wish, await agentOf(ports, wish), {
      class: 'irreversible',
      why: 'interrupt its turn',
      ask: { verb: 'interrupt' },
    })

/** `agent.compact`: has the CLI summarise its context. */
export const compactMaker =
  (ports: AgentActPorts): DeedMaker =>
  async (wish) =>
    agentDeed(ports, wish, await agentOf(ports, wish), {
      class: 'irreversible',
      why: 'have it summarise its context',
      ask: { verb: 'compact' },
    })
