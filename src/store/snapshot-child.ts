// Copies the file of a running owner, in a process of its own. Started by snapshot-run.ts, never imported.
import { constants, copyFile, open, rm, truncate } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import * as z from 'zod'
import { refusalOf } from '../core/refusal.ts'
import { logOf, sizeOf } from './backup-files.ts'
import { runChild, say } from './child-line.ts'
import { copyRowsInto } from './copy-database.ts'
import { BLOCK_BYTES } from './engine.ts'

const Task = z.object({
  from: z.string(),
  to: z.string(),
  /** A new file for the rows of that copy, which then goes. */
  rowsInto: z.string().nullable(),
  memoryMb: z.number(),
})
type Task = z.infer<typeof Task>

/** The file's own header and the two that checkpoints write in turn. */
const HEADERS_BYTES = 3 * 4096
const TRIES = 5

const headersOf = async (path: string): Promise<Buffer> => {
  const handle = await open(path, 'r')
  try {
    return (await handle.read(Buffer.alloc(HEADERS_BYTES), 0, HEADERS_BYTES, 0)).buffer
  } finally {
    await handle.close()
  }
}

/**
 * Between two checkpoints no block that a header leads to is written again: the file is still, only its log grows. As much
 * of the log as was there first belongs to it; what it says of later may lead to blocks that were not there yet.
 */
const copyStill = async (from: string, to: string): Promise<boolean> => {
  const before = await headersOf(from)
  const logBytes = await sizeOf(logOf(from))
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await rm(logOf(to), { force: true })
  if (logBytes !== null && !(await copyLog(from, to, logBytes))) return false
  return before.equals(await headersOf(from))
}

/** False when a checkpoint took the log away. */
const copyLog = async (from: string, to: string, bytes: number): Promise<boolean> => {
  const copied = await copyFile(logOf(from), logOf(to)).then(
    () => true,
    () => false,
  )
  if (copied) await truncate(logOf(to), bytes)
  return copied
}

const openCopy = (path: string, memoryMb: number): Promise<DuckDBInstance> =>
  DuckDBInstance.create(path, {
    memory_limit: `${memoryMb}MB`,
    threads: '1',
    temp_directory: '',
    default_block_size: String(BLOCK_BYTES),
  })

/** Takes the log into the copy, which whoever asks it would replay each time; or its rows into the file they are for. */
const finish = async ({ to, rowsInto, memoryMb }: Task): Promise<void> => {
  if (rowsInto === null && !(await sizeOf(logOf(to)))) return
  const instance = await openCopy(to, memoryMb)
  const connection = await instance.connect()
  await (rowsInto === null ? connection.run('CHECKPOINT') : copyRowsInto(connection, rowsInto))
  connection.closeSync()
  instance.closeSync()
}

await runChild(async (given) => {
  const task = Task.parse(given)
  for (let tried = 0; tried < TRIES; tried += 1) {
    const still = await copyStill(task.from, task.to).catch((error: unknown) => {
      throw refusalOf(error, task.to) ?? error
    })
    if (!still) continue
    await finish(task)
    return say({ done: true })
  }
  return say({ done: false })
})
