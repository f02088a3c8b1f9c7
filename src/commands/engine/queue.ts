import { nextFromQueue, type Waiting } from '../../engine/pool.ts'
import type { PoolQueueRow } from '../../store/index.ts'
import type { EnginePorts } from './ports.ts'
import { placesTaken } from './spawn.ts'

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
  return nextFromQueue(ports.book.waiting().map(waitingOf), [place]).map((one) => one.agentId)
}
