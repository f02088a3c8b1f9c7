import type { ActWish, Deed, DeedResult, Refusal } from '../../core/action.ts'
import type { Managed } from './book.ts'
import { managedNamed } from './named.ts'
import type { EnginePorts } from './ports.ts'
import { proposalOf } from './proposal.ts'

/** Nothing of these is to be started or handed anything: there is nothing to hold back. */
const OVER: ReadonlySet<string> = new Set(['stopped', 'forgotten', 'refused'])

type To = 'paused' | 'run'

const troubleOf = (agent: Managed | undefined, to: To): Refusal | null => {
  if (agent === undefined)
    return { code: 'unknown_agent', message: 'vc keeps this agent no more', fix: 'vc agent list --managed' }
  const id = agent.agent_id
  if (to === 'run')
    return agent.wanted === 'paused'
      ? null
      : { code: 'not_paused', message: `${id} is not paused`, fix: `vc agent show ${id}` }
  if (agent.wanted === 'paused')
    return { code: 'already_paused', message: `${id} is paused already`, fix: `vc agent unpause ${id}` }
  return OVER.has(agent.status) || agent.wanted !== 'run'
    ? { code: 'agent_over', message: `${id} is ${agent.status}; nothing is started again`, fix: `vc agent show ${id}` }
    : null
}

const keep = (ports: EnginePorts, agentId: string, to: To, by: string): Promise<DeedResult | Refusal> =>
  ports.book.inTurn(agentId, async () => {
    const agent = ports.book.get(agentId)
    const trouble = troubleOf(agent, to)
    if (agent === undefined || trouble !== null) return trouble ?? { code: 'unknown_agent', message: agentId, fix: '' }
    const paused = to === 'paused'
    // A restart that was refused for a while is judged anew at once when it may run again.
    await ports.book.change({ ...agent, wanted: to, next_restart_at: null }, [
      { type: paused ? 'pause' : 'unpause', detail: `by ${by}`, data: { status: agent.status } },
    ])
    const what = paused ? `${agentId} is paused; its process is left as it is` : `${agentId} is paused no more`
    return { outcome: 'recorded', effects: [{ what, observed: true, evidence: 'its row' }] }
  })

const WHY = {
  paused: 'neither start it again nor hand it anything until you say so; its process goes on',
  run: 'restart it by its policy and hand it missions again',
} as const

const pauseTo =
  (verb: string, to: To) =>
  (ports: EnginePorts) =>
  async (given: ActWish): Promise<Deed> => {
    const agent = managedNamed(ports.book, given.params.agent)
    const blocked = troubleOf(agent, to)
    return {
      proposal: await proposalOf(ports, given, agent, { verb, class: 'reversible', why: WHY[to], params: {} }),
      ...(blocked === null ? {} : { blocked }),
      shown: [`status ${agent.status}, restart policy ${agent.restart_policy}; it keeps its place either way`],
      check: async () => troubleOf(ports.book.get(agent.agent_id), to),
      act: () => keep(ports, agent.agent_id, to, given.actor),
    }
  }

/** `agent.pause`: vc starts it no more, hands it no mission and reminds it of nothing; process and place stay as they are. */
export const pauseDeed = pauseTo('agent.pause', 'paused')

/** `agent.unpause`: what its owner agreed to is in force again. */
export const unpauseDeed = pauseTo('agent.unpause', 'run')
