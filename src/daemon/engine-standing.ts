import { type ScheduledTask, schedule, validate } from 'node-cron'
import type { EngineBook, Managed } from '../commands/engine/book.ts'
import { actOnMissions } from '../commands/missions/act.ts'
import type { StandingSchedule } from '../core/engine.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { Store } from '../store/index.ts'

export interface StandingPorts {
  readonly book: Pick<EngineBook, 'all' | 'get'>
  readonly store: Store
  readonly now: () => Date
  readonly log: Log
}

/** Hands standing agents their mission at its times. */
export interface Standing {
  /** Takes up new schedules and lets go of those whose agent shall not run any more. */
  sync(): void
  stop(): void
}

const MINUTE_MS = 60_000

/** The mission of a standing agent, once per minute of its schedule however often it is asked for. */
export const giveStanding = async (
  { store, now, book }: Omit<StandingPorts, 'log'>,
  agentId: string,
): Promise<void> => {
  const agent = book.get(agentId)
  if (agent?.schedule_json == null || agent.wanted !== 'run') return
  const { title, body } = JSON.parse(agent.schedule_json) as StandingSchedule
  const at = now()
  const key = `standing:${agentId}:${Math.floor(at.getTime() / MINUTE_MS)}`
  const mission = { title, prompt: body, key, to_agent: agentId, machine: agent.machine_id }
  await actOnMissions(store, 'add', { missions: [mission] }, 'vc', at)
}

export const openStanding = (ports: StandingPorts): Standing => {
  const tasks = new Map<string, { readonly json: string; readonly task: ScheduledTask }>()
  const give = (agentId: string): Promise<void> =>
    giveStanding(ports, agentId).catch((error: unknown) =>
      ports.log.error({ [K.agent]: agentId, [K.detail]: messageOf(error) }, 'a standing mission was not handed out'),
    )
  const wants = (agent: Managed): string | null => (agent.wanted === 'run' ? agent.schedule_json : null)
  const end = (agentId: string): void => {
    void tasks.get(agentId)?.task.destroy()
    tasks.delete(agentId)
  }
  return {
    sync() {
      for (const agent of ports.book.all()) {
        const json = wants(agent)
        if (tasks.get(agent.agent_id)?.json === json) continue
        end(agent.agent_id)
        if (json === null) continue
        const { cron } = JSON.parse(json) as StandingSchedule
        if (validate(cron))
          tasks.set(agent.agent_id, { json, task: schedule(cron, () => give(agent.agent_id), { timezone: 'UTC' }) })
        else ports.log.error({ [K.agent]: agent.agent_id }, 'a stored schedule is none')
      }
    },
    stop() {
      for (const agentId of [...tasks.keys()]) end(agentId)
    },
  }
}
