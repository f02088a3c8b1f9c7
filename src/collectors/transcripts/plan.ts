import type { JobEntry } from '../../core/job.ts'
import type { FileCursor } from './source.ts'

/** One file that has something new, and from where to read it. */
export interface FileTask {
  readonly entry: JobEntry
  readonly cursor: FileCursor | null
}

export interface Plan {
  readonly tasks: readonly FileTask[]
  /** Known files that a complete listing no longer shows. */
  readonly vanished: readonly string[]
  /** Old path to new path of files that were moved with their inode (archived sessions). */
  readonly moved: ReadonlyMap<string, string>
  readonly bytesToRead: number
  /** Bytes that wait for a later tick because this one's budget is used up. */
  readonly bytesLeft: number
}

const isUnchanged = (entry: JobEntry, cursor: FileCursor): boolean =>
  entry.inode === cursor.inode && entry.size === cursor.size && entry.mtimeMs === cursor.mtimeMs

/** New bytes of a file; everything when it was replaced. */
export const bytesNew = (task: FileTask): number => {
  const { entry, cursor } = task
  if (cursor === null || cursor.inode !== entry.inode || entry.size < cursor.offset) return entry.size
  return entry.size - cursor.offset
}

/** Compares a listing with the cursors. Newest files first, so that today's numbers come first in a backfill. */
export const planFiles = (
  listed: readonly JobEntry[],
  cursors: ReadonlyMap<string, FileCursor>,
  options: {
    readonly complete: boolean
    readonly budgetBytes: number
    /** Paths that are not asked for this time. */
    readonly skip?: ReadonlySet<string>
  },
): Plan => {
  const missing = options.complete ? missingOf(listed, cursors) : []
  const byInode = new Map(missing.map((path) => [cursors.get(path)?.inode, path]))
  const moved = new Map<string, string>()
  const tasks: FileTask[] = []
  for (const entry of listed) {
    if (options.skip?.has(entry.path) === true) continue
    const known = cursors.get(entry.path)
    if (known !== undefined) {
      if (!isUnchanged(entry, known)) tasks.push({ entry, cursor: known })
      continue
    }
    // A moved file keeps its place; its head hash is still checked before anything is trusted.
    const from = byInode.get(entry.inode)
    if (from !== undefined) moved.set(from, entry.path)
    tasks.push({ entry, cursor: from === undefined ? null : (cursors.get(from) ?? null) })
  }
  tasks.sort((a, b) => b.entry.mtimeMs - a.entry.mtimeMs || (a.entry.path < b.entry.path ? -1 : 1))
  return { ...withinBudget(tasks, options.budgetBytes), vanished: missing.filter((path) => !moved.has(path)), moved }
}

/** Mostly all are still there: then they need only be counted. */
const missingOf = (listed: readonly JobEntry[], cursors: ReadonlyMap<string, FileCursor>): readonly string[] => {
  const known = listed.reduce((count, { path }) => count + (cursors.has(path) ? 1 : 0), 0)
  if (known === cursors.size) return []
  const present = new Set(listed.map((entry) => entry.path))
  return [...cursors.keys()].filter((path) => !present.has(path))
}

const withinBudget = (
  tasks: readonly FileTask[],
  budgetBytes: number,
): Pick<Plan, 'tasks' | 'bytesToRead' | 'bytesLeft'> => {
  const chosen: FileTask[] = []
  let bytesToRead = 0
  let bytesLeft = 0
  for (const task of tasks) {
    const bytes = bytesNew(task)
    // One file larger than the budget still has its turn, alone.
    const fits = bytesToRead === 0 || bytesToRead + bytes <= budgetBytes
    if (fits) chosen.push(task)
    if (fits) bytesToRead += bytes
    else bytesLeft += bytes
  }
  return { tasks: chosen, bytesToRead, bytesLeft }
}

/** Splits tasks into shards of about `shardBytes` for the worker pool. */
export const shardTasks = (tasks: readonly FileTask[], shardBytes: number): FileTask[][] => {
  const shards: FileTask[][] = []
  let current: FileTask[] = []
  let bytes = 0
  for (const task of tasks) {
    if (current.length > 0 && bytes + bytesNew(task) > shardBytes) {
      shards.push(current)
      current = []
      bytes = 0
    }
    current.push(task)
    bytes += bytesNew(task)
  }
  if (current.length > 0) shards.push(current)
  return shards
}
