import { statfs } from 'node:fs/promises'

/** Free bytes that a process without privileges may still use where the data lies. */
export const freeBytesAt = async (dir: string): Promise<number> => {
  const fs = await statfs(dir)
  return fs.bavail * fs.bsize
}

/**
 * Writing stops before the disk is full: a failed checkpoint makes DuckDB refuse even reads. Returns the refusal, or
 * null while there is room; it is asked before every group, so writing resumes by itself.
 */
export const lackOfSpace = async (freeBytes: () => Promise<number>, minFreeBytes: number): Promise<string | null> => {
  const free = await freeBytes()
  if (free >= minFreeBytes) return null
  return `disk_full: ${free} bytes free, ${minFreeBytes} are kept free; nothing is written until there is room`
}
