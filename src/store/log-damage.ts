import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../core/errors.ts'
import { logOf } from './backup-files.ts'

/** How a log of the engine begins: field 100 says that it is one, field 101 (whose value follows) in which version. */
const HEAD = Buffer.from([0x64, 0x00, 0x62, 0x65, 0x00])
/** The one whose entries are known here; of any other only the beginning is looked at. */
const VERSION = 2
const VERSION_BYTES = 8
/** Each entry: eight bytes of size, eight of checksum, then as many bytes. */
const ENTRY_HEAD = 16
/** No entry is that long: it holds some thousand rows of one table. */
const MAX_ENTRY = 256 * 1_048_576

/**
 * Where the log beside a database file stops being one, in bytes; null when nothing strange is in sight. Only what the engine
 * passes over: it takes a beginning or a size that is garbage for the torn end of a log, opens without all that follows and
 * says nothing. What it refuses by itself it says well enough, and an end that is merely torn was never acknowledged.
 */
const strangeAt = async (dbPath: string): Promise<number | null> => {
  const file = await open(logOf(dbPath), 'r').catch(() => null)
  if (file === null) return null
  try {
    return await walk(file, (await file.stat()).size)
  } finally {
    await file.close()
  }
}

const walk = async (file: FileHandle, size: number): Promise<number | null> => {
  const head = await bytesAt(file, 0, VERSION_BYTES)
  const known = Math.min(head.length, HEAD.length)
  if (!head.subarray(0, known).equals(HEAD.subarray(0, known))) return 0
  if (head.length < VERSION_BYTES || head[5] !== VERSION) return null
  if (head.readUInt16LE(6) !== 0xffff) return 0
  for (let at = VERSION_BYTES; at + ENTRY_HEAD <= size; ) {
    const long = Number((await bytesAt(file, at, 8)).readBigUInt64LE())
    if (long > MAX_ENTRY) return at
    at += ENTRY_HEAD + long
  }
  return null
}

const bytesAt = async (file: FileHandle, at: number, many: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(many), 0, many, at)
  return buffer.subarray(0, bytesRead)
}

/** Throws in the engine's words where it would drop what the log holds without a word. Call it before the file is opened. */
export const refuseStrangeLog = async (dbPath: string): Promise<void> => {
  const at = await strangeAt(dbPath)
  if (at !== null) throw new Error(`Corrupt WAL file "${logOf(dbPath)}": entry at byte position ${at} is none`)
}

/** The place in the log that an error speaks of: what stands before it can still be read. Null when it names none. */
export const logPlace = (error: unknown): number | null => {
  const found = /entry at byte position (\d+)/.exec(messageOf(error))
  return found === null ? null : Number(found[1])
}

/** The first bytes of a log in a file of their own; none of them: no file. */
export const copyStart = async (from: string, to: string, bytes: number): Promise<void> => {
  await rm(to, { force: true })
  if (bytes === 0) return
  await pipeline(createReadStream(from, { end: bytes - 1 }), createWriteStream(to, { mode: 0o600 }))
}
