import type { Sighting } from '../../core/agent.ts'
import type { JobFile } from '../../core/job.ts'
import { parseJson } from './json-cut.ts'
import { KnownEnds, type TellingLine } from './known-ends.ts'
import { RecentBytes } from './recent-bytes.ts'
import type { TranscriptSource } from './source.ts'

const EVIDENCE_BYTES = 256 * 1024
const EVIDENCE_RECORDS = 24

const recent = new RecentBytes(EVIDENCE_BYTES)
const known = new KnownEnds()

export interface JudgedEnd {
  /** Null when the newest records say nothing. */
  readonly sighting: Sighting | null
  /** Bytes that had to be read once more, because they came in an earlier tick. */
  readonly older: number
}

/** The end of the one file that is being read now. */
export interface FileEnd {
  /** Whole lines that were read, in their order. */
  saw(block: Buffer): void
  /** State by the newest records before `offset`; those of earlier ticks from memory, else from the file. */
  judge(offset: number): JudgedEnd
}

/** `start`: where reading begins. What an earlier file left is forgotten. */
export const endOf = (file: JobFile, start: number, source: TranscriptSource): FileEnd => {
  recent.clear()
  return {
    saw: (block) => recent.add(block),
    judge(offset) {
      const from = Math.max(0, offset - EVIDENCE_BYTES)
      const { lines, older } = linesBefore(file, { start, from, offset, needles: source.tailNeedles })
      known.keep(file, offset, lines)
      return { sighting: source.readTail?.(lines.map(({ record }) => record)) ?? null, older }
    },
  }
}

interface Span {
  readonly start: number
  readonly from: number
  readonly offset: number
  readonly needles: readonly string[]
}

const linesBefore = (file: JobFile, { start, from, offset, needles }: Span) => {
  const fresh = recent.bytes()
  const wanted = offset - from
  if (fresh.length >= wanted)
    return { lines: newestLines(fresh.subarray(fresh.length - wanted), from, needles), older: 0 }
  // A line that was skipped is in nobody's memory.
  const before = fresh.length === offset - start ? known.linesBefore(file, start) : null
  if (before !== null) {
    const kept = before.filter(({ at }) => from === 0 || at > from)
    return { lines: [...kept, ...newestLines(fresh, 0, needles, start)].slice(-EVIDENCE_RECORDS), older: 0 }
  }
  const bytes = Buffer.allocUnsafe(wanted)
  const older = file.read(bytes.subarray(0, wanted - fresh.length), from)
  fresh.copy(bytes, older)
  return { lines: newestLines(bytes.subarray(0, older + fresh.length), from, needles), older }
}

/** The newest JSON records that hold a needle, oldest first; unreadable ones and what a block from within the file begins with are left out. */
const newestLines = (block: Buffer, from: number, needles: readonly string[], at = from): TellingLine[] => {
  const lines: TellingLine[] = []
  let end = block.length
  while (end > 0 && lines.length < EVIDENCE_RECORDS) {
    const start = end >= 2 ? block.lastIndexOf(10, end - 2) + 1 : 0
    if (start === 0 && from !== 0) break
    const line = block.toString('utf8', start, end)
    const record = needles.some((needle) => line.includes(needle)) ? parseJson(line) : undefined
    if (record !== undefined) lines.push({ at: at + start, bytes: end - start, record })
    end = start
  }
  return lines.reverse()
}

/** The newest JSON records that hold a needle, oldest first; a first partial line and unreadable ones are left out. */
export const lastRecords = (block: Buffer, firstIsPartial: boolean, needles: readonly string[]): unknown[] =>
  newestLines(block, firstIsPartial ? 1 : 0, needles).map(({ record }) => record)
