import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import type { FileStat, RangeAnswer, RangeRequest } from '../core/ask.ts'
import { messageOf } from '../core/errors.ts'
import { demandAbsolute } from './paths.ts'

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

// A name that cannot exist is absent; anything else that keeps us from looking is not knowing.
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])
const DENIED = new Set(['EACCES', 'EPERM'])

/** Facts of each path itself (links are not followed), in the order asked. */
export const statHere = (paths: readonly string[]): Promise<readonly FileStat[]> => Promise.all(paths.map(statOne))

async function statOne(path: string): Promise<FileStat> {
  demandAbsolute(path)
  try {
    const found = await lstat(path, { bigint: true })
    const is = found.isFile() ? 'file' : found.isDirectory() ? 'dir' : found.isSymbolicLink() ? 'link' : 'other'
    return { path, is, inode: String(found.ino), size: Number(found.size), mtimeMs: Number(found.mtimeMs) }
  } catch (error) {
    return { path, is: ABSENT.has(codeOf(error)) ? 'missing' : 'denied' }
  }
}

// O_NONBLOCK: opening a FIFO that took the file's place must not hang; O_NOFOLLOW: a link may point at a secret.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Up to `maxBytes` of a regular file from `offset`; past the end it is zero bytes with the true size. */
export async function readRangeHere(request: RangeRequest): Promise<RangeAnswer> {
  demandAbsolute(request.path)
  let file: FileHandle
  try {
    file = await open(request.path, FLAGS)
  } catch (error) {
    return notOpened(error)
  }
  try {
    return await readOpen(file, request)
  } catch (error) {
    return { is: 'fault', fault: 'bad_output', detail: messageOf(error) }
  } finally {
    await file.close()
  }
}

function notOpened(error: unknown): RangeAnswer {
  const code = codeOf(error)
  if (ABSENT.has(code)) return { is: 'missing' }
  if (DENIED.has(code)) return { is: 'denied' }
  if (code === 'ELOOP') return { is: 'fault', fault: 'bad_output', detail: 'a link, not a regular file' }
  if (code === 'ENXIO') return { is: 'fault', fault: 'bad_output', detail: 'not a regular file' }
  return { is: 'fault', fault: 'bad_output', detail: messageOf(error) }
}

async function readOpen(file: FileHandle, { offset, maxBytes, inode }: RangeRequest): Promise<RangeAnswer> {
  const found = await file.stat({ bigint: true })
  if (!found.isFile()) return { is: 'fault', fault: 'bad_output', detail: 'not a regular file' }
  const now = String(found.ino)
  if (inode !== undefined && inode !== now) return { is: 'changed' }
  const size = Number(found.size)
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(maxBytes, size - offset)))
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return { is: 'bytes', bytes: bytes.subarray(0, filled), inode: now, size }
}
