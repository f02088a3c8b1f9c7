import fc from 'fast-check'
import { expect, test } from 'vitest'
import { claudeSource } from '../../../src/collectors/claude/source.ts'
import { endOf, lastRecords } from '../../../src/collectors/transcripts/file-end.ts'
import { KnownEnds } from '../../../src/collectors/transcripts/known-ends.ts'
import type { TranscriptSource } from '../../../src/collectors/transcripts/source.ts'
import type { JobFile } from '../../../src/core/job.ts'

const WINDOW = 256 * 1024
let files = 0

/** A file that grows, and its end as it is judged after each tick. */
const growing = () => {
  files += 1
  const path = `/srv/code/session-${files}.jsonl`
  let bytes = Buffer.alloc(0)
  let judged: readonly unknown[] = []
  const readTail = (records: readonly unknown[]): null => {
    judged = records
    return null
  }
  const source: TranscriptSource = { ...claudeSource, readTail }
  const file = (inode: string): JobFile => ({
    path,
    inode,
    size: bytes.length,
    mtimeMs: 0,
    uid: 0,
    read: (into, position) => bytes.copy(into, 0, position),
    close: () => undefined,
  })
  return {
    /** What the newest 256 kB of the file say, read at once. */
    truth: () => lastRecords(bytes.subarray(-WINDOW), bytes.length > WINDOW, claudeSource.tailNeedles),
    tick(lines: readonly string[], inode = '7') {
      const start = bytes.length
      bytes = Buffer.concat([bytes, Buffer.from(lines.join(''))])
      const end = endOf(file(inode), start, source)
      for (const line of lines) end.saw(Buffer.from(line))
      return { older: end.judge(bytes.length).older, judged }
    },
  }
}

const told = (n: number, bytes = 0): string =>
  `{"type":"user","n":${n},"message":{"content":"${'x'.repeat(bytes)}"},"timestamp":"2026-11-20T22:10:00.000Z"}\n`

const anyLine = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat(999), fc.constantFrom(0, 10, 900, 30_000)).map(([n, b]) => told(n, b)) },
  { weight: 2, arbitrary: fc.constantFrom('{"type":"file-history"}\n', '\n', '{"type":"user","cut":\n') },
  { weight: 1, arbitrary: fc.constant(`{"type":"progress","text":"${'y'.repeat(70_000)}"}\n`) },
)

test('a file that grows line by line is judged as if its end were read each time, and none of it is read twice', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyLine, { maxLength: 6 }), { minLength: 1, maxLength: 12 }), (ticks) => {
      const end = growing()
      for (const lines of ticks) {
        const { older, judged } = end.tick(lines)
        expect(judged).toEqual(end.truth())
        expect(older).toBe(0)
      }
    }),
    { numRuns: 60 },
  )
})

test('what was not in memory is read from the file: another inode, or lines nobody handed in', () => {
  const end = growing()
  end.tick([told(1), told(2)])
  const replaced = end.tick([told(3)], '8')
  expect(replaced.older).toBe((told(1) + told(2)).length)
  expect(replaced.judged).toEqual(end.truth())
})

test('the ends of files that were not read for longest are forgotten first, and one that is too large is not kept', () => {
  const ends = new KnownEnds(100)
  const at = (path: string) => ({ path, inode: '7' })
  const lines = (bytes: number) => [{ at: 0, bytes, record: {} }]
  ends.keep(at('/a'), 10, lines(60))
  ends.keep(at('/b'), 10, lines(30))
  ends.keep(at('/a'), 20, lines(60))
  expect(ends.linesBefore(at('/a'), 10)).toBeNull()
  ends.keep(at('/c'), 10, lines(30))
  expect(ends.linesBefore(at('/b'), 10)).toBeNull()
  expect(ends.linesBefore(at('/a'), 20)).toHaveLength(1)
  ends.keep(at('/c'), 20, lines(101))
  expect(ends.linesBefore(at('/c'), 20)).toBeNull()
  ends.keep(at('/b'), 20, lines(40))
  expect(ends.linesBefore(at('/a'), 20)).toHaveLength(1)
})
