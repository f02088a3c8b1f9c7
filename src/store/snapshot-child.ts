// Copies the file of a running owner, in a process of its own. Started by snapshot-run.ts, never imported.
import { constants, copyFile, open, rm, truncate } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { z } from 'zod'
import { logOf, sizeOf } from './backup-files.ts'
import { runChild, say } from './child-line.ts'

const Task = z.object({ from: z.string(), to: z.string(), memoryMb: z.number() })

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

/** Whoever asks the copy would replay the log each time. */
const takeInLog = async (path: string, memoryMb: number): Promise<void> => {
  const instance = await DuckDBInstance.create(path, { memory_limit: `${memoryMb}MB`, threads: '1' })
  const connection = await instance.connect()
  await connection.run('CHECKPOINT')
  connection.closeSync()
  instance.closeSync()
}

await runChild(async (given) => {
  const { from, to, memoryMb } = Task.parse(given)
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (!(await copyStill(from, to))) continue
    if (((await sizeOf(logOf(to))) ?? 0) > 0) await takeInLog(to, memoryMb)
    return say({ done: true })
  }
  return say({ done: false })
})
