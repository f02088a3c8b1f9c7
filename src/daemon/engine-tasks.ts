import type { EngineBook, Happened } from '../commands/engine/book.ts'
import { engineEvents, type MissionEventRow, missionSteps, type Store } from '../store/index.ts'

/** A mission that an agent of vc began or ended, as an event of that agent. Null: no such step. */
const taskOf = (step: MissionEventRow): Happened | null => {
  const { mission_id: mission, status, claim_id: claim, attempts } = step
  const at = new Date(step.event_at)
  if (status === 'claimed')
    return { type: 'task_start', at, detail: mission, data: { mission, claim, attempt: attempts } }
  const isOver = status === 'done' || status === 'failed' || status === 'cancelled' || status === 'pending'
  return isOver && claim !== null
    ? {
        type: 'task_complete',
        at,
        detail: `${mission} ${status === 'pending' ? 'goes back' : status}`,
        data: { mission, claim, status, attempt: attempts },
      }
    : null
}

/** Steps that were taken while vc did not run are told afterwards, this far back. */
const BACK_MS = 86_400_000

const toldBefore = async (store: Store, since: Date): Promise<Set<string>> => {
  const events = await engineEvents(store.db, { since, limit: 10_000 })
  const claimOf = (json: string): unknown => (JSON.parse(json) as { claim?: unknown }).claim
  return new Set(events.map((event) => `${claimOf(event.data_json)}:${event.type}`))
}

/** Looks again this far back: a step may be stored a moment after one that bears a later time. */
const OVERLAP_MS = 30_000

/** Tells of missions that agents of vc begin and end, each once, from the steps that the queue wrote down. */
export const openTaskWatch = (ports: {
  readonly store: Store
  readonly book: EngineBook
  readonly now: () => Date
}) => {
  let told: Set<string> | null = null
  let since = new Date(ports.now().getTime() - BACK_MS)
  return async (): Promise<void> => {
    if (ports.book.all().length === 0) return
    told ??= await toldBefore(ports.store, since)
    const from = new Date(since.getTime() - OVERLAP_MS)
    since = ports.now()
    for (const step of await missionSteps(ports.store.db, from)) {
      const agent = step.claimed_by === null ? undefined : ports.book.get(step.claimed_by)
      const task = taskOf(step)
      const key = `${step.claim_id}:${task?.type}`
      if (agent === undefined || task === null || told.has(key)) continue
      told.add(key)
      await ports.book.tell(agent, [task])
    }
  }
}
