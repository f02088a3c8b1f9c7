import type { DeedMakers } from '../../core/action.ts'
import { adoptMaker, releaseMaker } from './adopt.ts'
import { answerMaker } from './answer.ts'
import { nudgeMaker, sendMaker } from './deliver.ts'
import { keysMaker } from './keys.ts'
import type { AgentActPorts } from './reach.ts'
import { compactMaker, interruptMaker } from './steer.ts'

/** What can be done to one agent that runs already. */
export const agentMakers = (ports: AgentActPorts): DeedMakers => ({
  'agent.send': sendMaker(ports),
  'agent.nudge': nudgeMaker(ports),
  'agent.approve': answerMaker(ports, 'approve'),
  'agent.reject': answerMaker(ports, 'reject'),
  'agent.keys': keysMaker(ports),
  'agent.interrupt': interruptMaker(ports),
  'agent.compact': compactMaker(ports),
  'agent.adopt': adoptMaker(ports),
  'agent.release': releaseMaker(ports),
})
