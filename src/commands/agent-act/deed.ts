import type { ActionClass, ActionParams, ActWish, Deed, Refusal } from '../../core/action.ts'
import { isRefusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import { redact } from '../../core/redact.ts'
import { displayText } from '../../core/text.ts'
import type { AgentAsk } from '../../engine/perform.ts'
import { chooseAgent } from '../../queries/explain.ts'
import { readAgentNames } from '../../queries/rows-evidence.ts'
import { type AgentRow, agentNamed } from '../../store/index.ts'
import { pausedNow } from '../engine/paused.ts'
import type { AgentActPorts } from './reach.ts'

/** The one agent that a wish names by id, alias or beginning. Throws a usage error for none and for several. */
export const agentOf = async ({ db }: AgentActPorts, { params }: ActWish): Promise<AgentRow> => {
  const wanted = params.agent
  if (typeof wanted !== 'string' || wanted === '') throw usageError('no_agent', 'no agent was named', 'vc agent list')
  const name = displayText(wanted)
  const id = chooseAgent(name, await readAgentNames({ db }, null, name))
  const row = await agentNamed(db, id)
  if (row === null) throw usageError('unknown_agent', `no agent is called '${displayText(id, 80)}'`, 'vc agent list')
  return row
}

/** What a verb does with one agent: what it is called, what is asked of the engine, and what the person sees before the yes. */
export interface AgentDeed {
  readonly class: ActionClass
  readonly why: string
  readonly params?: ActionParams
  readonly shown?: readonly string[]
  readonly dialogHash?: string
  readonly blocked?: Refusal
  /** It is refused while a person paused the agent. */
  readonly heldByPause?: true
  readonly ask: AgentAsk
}

// Refusals may quote the headline of a dialog, which an agent wrote.
const clean = ({ code, message, fix }: Refusal): Refusal => ({
  code,
  message: lineOf(message),
  fix: displayText(fix, 300),
})

const lineOf = (text: string): string => displayText(redact(text), 400)

/** One verb on one agent's terminal. The plan is made from a look after the yes and held against another one before each key. */
export const agentDeed = (
  { reach, db }: AgentActPorts,
  wish: ActWish,
  agent: AgentRow,
  { ask, heldByPause, ...deed }: AgentDeed,
): Deed => ({
  proposal: {
    verb: wish.verb,
    target: { machineId: agent.machine_id, agentId: agent.agent_id },
    params: deed.params ?? {},
    class: deed.class,
    why: deed.why,
    origin: wish.origin,
    actor: wish.actor,
    ...(deed.dialogHash === undefined ? {} : { dialogHash: deed.dialogHash }),
  },
  ...(deed.shown === undefined ? {} : { shown: deed.shown }),
  ...(deed.blocked === undefined ? {} : { blocked: deed.blocked }),
  async foresee() {
    const paused = heldByPause === true ? await pausedNow(db, agent.agent_id) : null
    if (paused !== null) return paused
    const says = await reach.foresee(agent, ask)
    return isRefusal(says) ? clean(says) : [`vc would ${lineOf(says)}`]
  },
  async check() {
    const now = await agentNamed(db, agent.agent_id)
    if (now === null || now.kind !== agent.kind || now.ended !== agent.ended || now.root_pid !== agent.root_pid)
      return {
        code: 'agent_changed',
        message: `${agent.agent_id} is not as it was`,
        fix: `vc agent show ${agent.agent_id}`,
      }
    const paused = heldByPause === true ? await pausedNow(db, agent.agent_id) : null
    return paused ?? reach.check(now)
  },
  async act() {
    const done = await reach.carryOut(agent, ask)
    return isRefusal(done) ? clean(done) : done
  },
})
