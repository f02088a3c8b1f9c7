import { TASK_PRIORITIES } from '../core/agent-role.ts'

/** A spawn that waits for a place. */
export interface Waiting {
  readonly requestId: string
  readonly machineId: string
  readonly priority: string
  readonly askedAt: Date
}

export interface PoolPlace {
  readonly machineId: string
  /** Most agents of vc on this machine at once. */
  readonly limit: number
  /** Places taken now. */
  readonly taken: number
}

const ORDER: readonly string[] = TASK_PRIORITIES
const rank = (priority: string): number => (ORDER.includes(priority) ? ORDER.indexOf(priority) : ORDER.length)

/** Who comes first: priority, then who asked first, then the id so that the order never depends on the reader. */
export const inOrder = <W extends Waiting>(waiting: readonly W[]): readonly W[] =>
  waiting.toSorted(
    (a, b) =>
      rank(a.priority) - rank(b.priority) ||
      a.askedAt.getTime() - b.askedAt.getTime() ||
      a.requestId.localeCompare(b.requestId),
  )

/** Whose turn it is on each machine: as many as there are free places, never more. */
export const nextFromQueue = <W extends Waiting>(waiting: readonly W[], places: readonly PoolPlace[]): readonly W[] =>
  places.flatMap(({ machineId, limit, taken }) =>
    inOrder(waiting.filter((one) => one.machineId === machineId)).slice(0, Math.max(0, limit - taken)),
  )

/** Place in the line, from 1; null: not in it. */
export const placeInLine = (waiting: readonly Waiting[], requestId: string): number | null => {
  const mine = waiting.find((one) => one.requestId === requestId)
  if (mine === undefined) return null
  return inOrder(waiting.filter((one) => one.machineId === mine.machineId)).indexOf(mine) + 1
}
