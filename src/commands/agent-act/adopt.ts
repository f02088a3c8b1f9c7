import {
  type ActWish,
  ADOPT_RULE,
  type Deed,
  type DeedMaker,
  type DeedResult,
  type Refusal,
} from '../../core/action.ts'
import type { Row } from '../../core/rows.ts'
import { type AgentRow, agentNamed } from '../../store/index.ts'
import { agentOf } from './deed.ts'
import type { AgentActPorts } from './reach.ts'

type Kind = 'adopted' | 'observed'

const refused = (code: string, message: string, fix: string): Refusal => ({ code, message, fix })

const troubleOf = ({ agent_id: id, kind, ended, pane_key }: AgentRow, to: Kind): Refusal | null => {
  if (ended !== null) return refused('agent_ended', `${id} has ended`, 'vc agent list')
  if (kind === 'managed')
    return refused(
      'agent_managed',
      `${id} was started by vc, it is vc's to steer already`,
      to === 'adopted' ? `vc agent show ${id}` : `vc agent stop ${id}`,
    )
  if (kind === to) return refused('nothing_to_do', `${id} is ${to} already`, `vc agent show ${id}`)
  if (to === 'adopted' && pane_key === null)
    return refused(
      'no_terminal_seen',
      `vc sees no terminal of ${id} that it could reach`,
      'start it in tmux, or with: vc agent spawn',
    )
  return null
}

const TIMES = new Set(['first_seen', 'ended'])

const rowOf = (agent: AgentRow, kind: Kind): Row =>
  Object.fromEntries(
    Object.entries({ ...agent, kind }).map(([name, value]) => [
      name,
      TIMES.has(name) && typeof value === 'string' ? new Date(value) : value,
    ]),
  )

/** Written once more where a judgement under way had read the old row and put it back. */
const store = async (ports: AgentActPorts, agentId: string, kind: Kind): Promise<boolean> => {
  for (let round = 0; round < 2; round++) {
    const agent = await agentNamed(ports.db, agentId)
    if (agent === null) return false
    if (round > 0 && agent.kind === kind) return true
    const batches = [{ table: 'agents', rows: [rowOf(agent, kind)] }]
    await ports.keep({ machineId: agent.machine_id, source: 'doer', batches })
    await ports.settled()
  }
  return (await agentNamed(ports.db, agentId))?.kind === kind
}

const kindDeed = (ports: AgentActPorts, wish: ActWish, agent: AgentRow, to: Kind): Deed => {
  const id = agent.agent_id
  const blocked = troubleOf(agent, to)
  const why = to === 'adopted' ? 'let vc type into its terminal when you say so' : 'only look at it from now on'
  return {
    proposal: {
      verb: wish.verb,
      target: { machineId: agent.machine_id, agentId: id },
      params: { from: agent.kind, to },
      class: 'reversible',
      why,
      origin: wish.origin,
      actor: wish.actor,
      ...(wish.origin === 'guardian' && to === 'adopted' ? { mandate: ADOPT_RULE } : {}),
    },
    ...(blocked === null ? {} : { blocked }),
    async check() {
      const now = await agentNamed(ports.db, id)
      return now === null ? refused('unknown_agent', `vc knows no agent ${id}`, 'vc agent list') : troubleOf(now, to)
    },
    async act(): Promise<DeedResult> {
      const observed = await store(ports, id, to)
      return {
        outcome: observed ? 'recorded' : 'outcome_unknown',
        effects: [{ what: `${id} is ${to}`, observed, evidence: observed ? "vc's own rows, read back" : null }],
      }
    },
  }
}

/** `agent.adopt`: an observed agent becomes one that vc may steer, with a person's yes each time. */
export const adoptMaker =
  (ports: AgentActPorts): DeedMaker =>
  async (wish) =>
    kindDeed(ports, wish, await agentOf(ports, wish), 'adopted')

/** `agent.release`: an adopted agent is only observed again. */
export const releaseMaker =
  (ports: AgentActPorts): DeedMaker =>
  async (wish) =>
    kindDeed(ports, wish, await agentOf(ports, wish), 'observed')
