import type { Effect, Refusal } from '../../core/action.ts'
import type { Ended, HostProcess, HostTrouble, PaneRef } from '../../core/session-host.ts'
import { displayText } from '../../core/text.ts'
import { AGENT_TAG } from '../../engine/reconcile.ts'
import type { EngineOrphanRow } from '../../store/index.ts'
import type { Managed } from './book.ts'
import { endedRows, refOf, unplaced } from './place.ts'
import type { EnginePorts } from './ports.ts'

export type StopEnd =
  | { readonly is: 'stopped'; readonly effects: readonly Effect[] }
  | { readonly is: 'refused'; readonly refusal: Refusal }
  | { readonly is: 'unknown'; readonly refusal: Refusal }

const named = ({ pid, comm }: HostProcess): string => `pid ${pid} (${displayText(comm, 32)})`

const effectsOf = (agentId: string, ended: Extract<Ended, { is: 'ended' }>): readonly Effect[] => [
  {
    what:
      ended.ended.length === 0
        ? `${agentId}: no process of it was left`
        : `${agentId}: ${ended.ended.length} process(es) ended`,
    observed: true,
    evidence: ['process table', ended.ended.map(({ pid }) => pid).join(' ')]
      .filter((part) => part !== '')
      .join(': ')
      .slice(0, 400),
  },
  ...ended.survivors.map((one) => ({
    what: `${named(one)} of ${agentId} ended`,
    observed: false,
    evidence: 'process table: still alive after KILL',
  })),
]

const orphanOf = (agent: Managed, { pid, startTicks, comm }: HostProcess, at: string): EngineOrphanRow => ({
  machine_id: agent.machine_id,
  boot_id: agent.boot_id ?? 'unknown',
  pid,
  start_ticks: startTicks,
  agent_id: agent.agent_id,
  comm: displayText(comm, 64),
  rss_bytes: null,
  why: 'survived_stop',
  first_seen_at: at,
  seen_at: at,
  gone_at: null,
})

/** A terminal that bears the agent's tags although its row names none: vc was interrupted in between. */
const taggedRef = async (ports: EnginePorts, agent: Managed): Promise<PaneRef | HostTrouble | null> => {
  const listed = await (await ports.host(agent.machine_id)).list()
  if (listed.is === 'trouble') return listed
  return listed.panes.find((pane) => pane.tags[AGENT_TAG] === agent.agent_id)?.ref ?? null
}

/** Ends what runs of an agent and says what survived; the agent's row is left to the caller. */
export const endProcesses = async (ports: EnginePorts, agent: Managed): Promise<StopEnd> => {
  const ref = refOf(agent) ?? (await taggedRef(ports, agent))
  if (ref === null)
    return {
      is: 'stopped',
      effects: [{ what: `${agent.agent_id} runs nowhere`, observed: true, evidence: 'list of terminals' }],
    }
  if ('is' in ref)
    return { is: 'refused', refusal: { code: ref.code, message: displayText(ref.message, 300), fix: ref.fix } }
  const host = await ports.host(agent.machine_id)
  const ended = await host.end(ref, ports.keys().stopGraceMs)
  if (ended.is === 'outcome_unknown')
    return {
      is: 'unknown',
      refusal: { code: 'end_unknown', message: displayText(ended.detail, 300), fix: `vc agent show ${agent.agent_id}` },
    }
  if (ended.is === 'trouble')
    return {
      is: 'refused',
      refusal: { code: ended.code, message: displayText(ended.message, 300), fix: ended.fix },
    }
  if (ended.is === 'refused')
    return {
      is: 'stopped',
      effects: [
        {
          what: `${agent.agent_id} is gone`,
          observed: true,
          evidence: `${ended.why}: ${displayText(ended.detail, 120)}`,
        },
      ],
    }
  const at = ports.now().toISOString()
  await ports.book.keepOrphans(
    agent.machine_id,
    ended.survivors.map((one) => orphanOf(agent, one, at)),
  )
  return { is: 'stopped', effects: effectsOf(agent.agent_id, ended) }
}

/**
 * Stops an agent for good: its restarts are switched off and committed before anything is signalled, so that nothing brings
 * it back in between. Call it in the agent's turn.
 */
export const stopAgent = async (ports: EnginePorts, agentId: string, why: string): Promise<StopEnd> => {
  const { book } = ports
  const before = book.get(agentId)
  if (before === undefined)
    return {
      is: 'refused',
      refusal: { code: 'unknown_agent', message: `vc does not keep ${agentId}`, fix: 'vc agent list' },
    }
  const disarmed: Managed = { ...before, wanted: 'stop', next_restart_at: null }
  await book.change(disarmed, [])
  const end = await endProcesses(ports, disarmed)
  if (end.is !== 'stopped') return end
  const now = ports.now()
  const stopped: Managed = {
    ...unplaced(disarmed),
    status: 'stopped',
    status_reason: why,
    status_at: now.toISOString(),
    ended_at: before.ended_at ?? now.toISOString(),
  }
  const survivors = end.effects.filter((effect) => !effect.observed).length
  await book.change(
    stopped,
    [
      {
        type: 'stop',
        detail: survivors === 0 ? why : `${why}; ${survivors} process(es) survived`,
        data: { survivors },
      },
    ],
    endedRows(stopped, now),
  )
  return end
}
