import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { sha256 } from '../../core/ids.ts'
import type { JobFile, JobIo } from '../../core/job.ts'
import { endOf } from './file-end.ts'
import { room } from './kernel.ts'
import { LineBlocks, MAX_LINE_BYTES } from './lines.ts'
import type { FileTask } from './plan.ts'
import type { FileCursor, KnownAccount, Sink, TranscriptParser, TranscriptSource } from './source.ts'

// Not there before Node 22.15: asked for by name, nothing of this file would load.
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Transform }

const HEAD_BYTES = 256
const MAX_WHOLE_BYTES = 256 * 1024 * 1024

export interface TailOptions {
  readonly machineId: string
  readonly account: KnownAccount | null
  readonly elsewhere: string | null
  /** Files older than this say nothing about the present; their newest records are not judged. Epoch ms. */
  readonly evidenceSinceMs: number
}

export interface Tailed {
  readonly cursor: FileCursor
  readonly bytesRead: number
}

/** Reads what is new in one file and moves its cursor. Null when the file is gone or may not be read (counted). */
export const tailFile = async (
  io: JobIo,
  source: TranscriptSource,
  task: FileTask,
  sink: Sink,
  options: TailOptions,
): Promise<Tailed | null> => {
  const file = io.open(task.entry.path)
  if ('refused' in file) {
    if (file.refused !== 'missing') sink.trouble(`unreadable_${file.refused}`)
    return null
  }
  // Swapped since it was listed: what another user put there is not read.
  if (file.uid !== task.entry.uid) {
    file.close()
    sink.trouble('unreadable_foreign_owner')
    return null
  }
  try {
    return await tailOpen(file, source, task, sink, options)
  } catch {
    // A disk error: the cursor stays, the next tick tries again.
    sink.trouble('unreadable_io_error')
    return null
  } finally {
    file.close()
  }
}

const tailOpen = async (
  file: JobFile,
  source: TranscriptSource,
  task: FileTask,
  sink: Sink,
  options: TailOptions,
): Promise<Tailed> => {
  const whole = source.mode(file.path) === 'whole'
  const zstd = file.path.endsWith('.zst')
  const before = !whole && !zstd && task.cursor !== null && isSameFile(file, task.cursor) ? task.cursor : null
  const facts = { path: file.path, mtimeMs: file.mtimeMs, fresh: before === null, machineId: options.machineId }
  const { account, elsewhere } = options
  const parser = source.parser({ ...facts, account, elsewhere }, before?.state ?? null, sink)
  const start = before?.offset ?? 0
  const beginning = before === null ? bytesAt(file, 0, HEAD_BYTES) : null
  const utf16 = beginning === null ? before?.utf16 === true : beginsUtf16(beginning)
  const tells = !utf16 && !whole && !zstd && source.readTail !== null && file.mtimeMs >= options.evidenceSinceMs
  const evidence = tells ? endOf(file, start, source) : null
  const feed = (block: Buffer): void => {
    parser.feed(block)
    evidence?.saw(block)
  }
  const read = utf16
    ? { consumed: file.size - start, bytes: 0, skipping: false }
    : whole
      ? readWhole(file, parser, sink)
      : zstd
        ? await readZstd(file, parser, sink)
        : readLines(file, start, before?.skipping ?? false, feed, sink)
  const offset = start + read.consumed
  const end = evidence?.judge(offset) ?? null
  const headBytes = Math.min(HEAD_BYTES, whole || zstd ? 0 : offset)
  const cursor: FileCursor = {
    inode: file.inode,
    offset,
    size: file.size,
    mtimeMs: file.mtimeMs,
    head: headBytes === before?.headBytes ? before.head : headHash(file, headBytes, beginning),
    headBytes,
    ...(headBytes === 0 ? {} : { last: read.last ?? lastHash(file, offset) }),
    state: parser.state(),
    session: parser.session(),
    sighting: end === null ? null : (end.sighting ?? before?.sighting ?? null),
    ...(read.skipping ? { skipping: true } : {}),
    ...(utf16 ? { utf16 } : {}),
  }
  return { cursor, bytesRead: read.bytes + (end?.older ?? 0) }
}

// What Windows programs write; no CLI does so by itself. As UTF-8 it would be lines without a single fact.
const beginsUtf16 = (beginning: Buffer): boolean => ['fffe', 'feff'].includes(beginning.toString('hex', 0, 2))

/** Same inode, not shorter, same beginning, same bytes right before the cursor: those before it are the ones that were read. */
const isSameFile = (file: JobFile, cursor: FileCursor): boolean =>
  file.inode === cursor.inode &&
  file.size >= cursor.offset &&
  hashAt(file, 0, cursor.headBytes) === cursor.head &&
  (cursor.last === undefined || lastHash(file, cursor.offset) === cursor.last)

const headHash = (file: JobFile, bytes: number, beginning: Buffer | null): string =>
  hashOf((beginning ?? bytesAt(file, 0, bytes)).subarray(0, bytes))

const lastHash = (file: JobFile, offset: number): string => {
  const bytes = Math.min(HEAD_BYTES, offset)
  return hashAt(file, offset - bytes, bytes)
}

const hashAt = (file: JobFile, at: number, bytes: number): string => hashOf(bytesAt(file, at, bytes))

const bytesAt = (file: JobFile, at: number, bytes: number): Buffer => {
  const piece = Buffer.allocUnsafe(bytes)
  return piece.subarray(0, bytes === 0 ? 0 : file.read(piece, at))
}

const hashOf = (bytes: Buffer): string => sha256(bytes).slice(0, 16)

interface ReadDone {
  readonly consumed: number
  readonly bytes: number
  readonly skipping: boolean
  /** Hash of the last bytes that were consumed, where they were still in memory. */
  readonly last?: string
}

const readLines = (
  file: JobFile,
  start: number,
  skipping: boolean,
  feed: (block: Buffer) => void,
  sink: Sink,
): ReadDone => {
  const lines = new LineBlocks(feed, { buffer: room, skipping })
  let at = start
  while (at < file.size) {
    const room = lines.room()
    const got = file.read(room.subarray(0, Math.min(room.length, file.size - at)), at)
    if (got === 0) break
    at += got
    lines.took(got)
  }
  for (let i = 0; i < lines.tooLong; i += 1) sink.trouble('line_too_long')
  const { consumed } = lines
  const last = lines.lastBytes(Math.min(HEAD_BYTES, start + consumed))
  const seen = last === null ? {} : { last: hashOf(last) }
  return { consumed, bytes: at - start, skipping: lines.skipping, ...seen }
}

const readWhole = (file: JobFile, parser: TranscriptParser, sink: Sink): ReadDone => {
  if (file.size > MAX_WHOLE_BYTES) {
    sink.trouble('file_too_large')
    return { consumed: file.size, bytes: 0, skipping: false }
  }
  const all = Buffer.allocUnsafe(file.size)
  let at = 0
  for (let got = 1; got > 0 && at < all.length; at += got) got = file.read(all.subarray(at), at)
  parser.feed(all.subarray(0, at))
  return { consumed: at, bytes: at, skipping: false }
}

// Compressed rollouts never grow: they are read once, in pieces, whatever they unpack to.
const readZstd = async (file: JobFile, parser: TranscriptParser, sink: Sink): Promise<ReadDone> => {
  const done = { consumed: file.size, bytes: file.size, skipping: false }
  if (createZstdDecompress === undefined) {
    sink.trouble('zstd_not_available')
    return { ...done, bytes: 0 }
  }
  const lines = new LineBlocks((block) => parser.feed(block), { maxLineBytes: MAX_LINE_BYTES })
  const unpack = createZstdDecompress()
  const pump = (async () => {
    for await (const chunk of unpack) lines.push(chunk as Buffer)
  })()
  const piece = Buffer.allocUnsafe(1024 * 1024)
  try {
    for (let at = 0; at < file.size; ) {
      const got = file.read(piece, at)
      if (got === 0) break
      at += got
      await new Promise<void>((resolve, reject) =>
        unpack.write(Buffer.from(piece.subarray(0, got)), (error) => (error ? reject(error) : resolve())),
      )
    }
    unpack.end()
    await pump
  } catch {
    unpack.destroy()
    await pump.catch(() => undefined)
    sink.trouble('zstd_damaged')
  }
  for (let i = 0; i < lines.tooLong; i += 1) sink.trouble('line_too_long')
  return done
}
