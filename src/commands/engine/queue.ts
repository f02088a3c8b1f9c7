import { nextFromQueue, type Waiting } from '../../engine/pool.ts'
import type { PoolQueueRow } from '../../store/index.ts'
import type { EnginePorts } from './ports.ts'
import { markRefused, placesTaken } from './spawn.ts'

/** A row of the queue as the order judges it. */
export const waitingOf = (row: PoolQueueRow): Waiting & { readonly agentId: string } => ({
  requestId: row.request_id,
  machineId: row.machine_id,
  priority: row.priority,
  askedAt: new Date(row.asked_at),
  agentId: row.agent_id,
})

/** Agents whose turn it is on this machine now, in order. */
export const nextInLine = (ports: EnginePorts, machineId: string): readonly string[] => {
  const place = { machineId, limit: ports.keys().maxAgents(machineId), taken: placesTaken(ports, machineId) }
  // Whoever a person paused keeps its place in the line and lets those behind it pass.
  const waiting = ports.book.waiting().filter((row) => ports.book.get(row.agent_id)?.wanted !== 'paused')
  return nextFromQueue(waiting.map(waitingOf), [place]).map((one) => one.agentId)
}

/** One that waited could not be started: it leaves the line and says why, so that those behind it come on. */
export const refuseWaiting = (ports: EnginePorts, agentId: string, why: string): Promise<void> =>
  ports.book.inTurn(agentId, async () => {
    const waiting = ports.book.waiting().find((row) => row.agent_id === agentId)
    if (waiting === undefined) return
    await ports.book.queue({ ...waiting, status: 'refused', reason: why, settled_at: ports.now().toISOString() })
    await markRefused(ports, agentId, { code: 'start_refused', message: why, fix: `vc agent show ${agentId}` })
  })
