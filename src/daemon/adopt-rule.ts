import type { Acting } from '../commands/acting.ts'
import type { LoadedConfig } from '../config/index.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import { type AgentRow, agents, auditedActions, type Store } from '../store/index.ts'

export interface AdoptRulePorts {
  readonly store: Pick<Store, 'db'>
  readonly loaded: () => LoadedConfig
  readonly acting: Pick<Acting, 'byItself'>
  readonly log: Log
  readonly everyMs?: number
}

/** Whom a person released stays so, whatever the rule says. */
const wasReleased = async ({ store }: AdoptRulePorts, { agent_id: agentId }: AgentRow): Promise<boolean> =>
  (await auditedActions(store.db, { since: new Date(0), agentId, limit: 1_000 })).some(
    ({ verb, outcome }) => verb === 'agent.release' && outcome !== 'refused',
  )

/** Adopts what `adopt` in a machine's block names, each agent once, through the Doer: audited, and refused where writing is not allowed. */
export const startAdoptRule = (ports: AdoptRulePorts): { look(): Promise<void>; stop(): Promise<void> } => {
  const { store, loaded, acting, log, everyMs = 10_000 } = ports
  const tried = new Set<string>()
  let running: Promise<void> = Promise.resolve()

  const due = async (): Promise<readonly AgentRow[]> => {
    const rules = new Map(loaded().config.machines.map(({ id, adopt }) => [id, adopt as readonly string[]]))
    if ([...rules.values()].every((clis) => clis.length === 0)) return []
    return (await agents(store.db)).filter(
      ({ agent_id: id, machine_id: machineId, cli, kind, ended, pane_key: pane }) =>
        kind === 'observed' &&
        ended === null &&
        pane !== null &&
        !tried.has(id) &&
        (rules.get(machineId) ?? []).includes(cli),
    )
  }
  const adopt = async (): Promise<void> => {
    for (const agent of await due()) {
      tried.add(agent.agent_id)
      if (await wasReleased(ports, agent)) continue
      const acted = await acting.byItself({ verb: 'agent.adopt', params: { agent: agent.agent_id } })
      const why = acted.refusal?.message ?? acted.outcome
      log.info({ [K.agent]: agent.agent_id, [K.detail]: why }, 'the adoption rule of vc.toml met an agent')
    }
  }
  const look = (): Promise<void> => {
    running = running.then(adopt).catch((error: unknown) => {
      log.error({ [K.detail]: messageOf(error) }, 'the adoption rule of vc.toml could not be looked at')
    })
    return running
  }
  const timer = setInterval(() => void look(), everyMs)
  return {
    look,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
