import { statfs } from 'node:fs/promises'
import { refusalOf } from '../core/refusal.ts'

/** Free bytes that a process without privileges may still use where the data lies. */
export const freeBytesAt = async (dir: string): Promise<number> => {
  const fs = await statfs(dir)
  return fs.bavail * fs.bsize
}

/** Read by whoever raises the alert: `disk_full: <n> bytes free, <n> are kept free`. */
const lackText = (free: number, minFreeBytes: number): string =>
  `disk_full: ${free} bytes free, ${minFreeBytes} are kept free; nothing is written until there is room`

/**
 * Writing stops before the disk is full: a failed checkpoint makes DuckDB refuse even reads. Returns the refusal, or
 * null while there is room; it is asked before every group, so writing resumes by itself.
 */
export const lackOfSpace = async (freeBytes: () => Promise<number>, minFreeBytes: number): Promise<string | null> => {
  const free = await freeBytes()
  return free >= minFreeBytes ? null : lackText(free, minFreeBytes)
}

/** The same refusal when it was full all the same: a quota, or somebody who filled it meanwhile. Null for other errors. */
export const fullAfterAll = async (
  error: unknown,
  freeBytes: () => Promise<number>,
  minFreeBytes: number,
): Promise<string | null> =>
  refusalOf(error, '')?.code === 'disk_full' ? lackText(await freeBytes(), minFreeBytes) : null
