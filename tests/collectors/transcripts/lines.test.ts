import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineBlocks } from '../../../src/collectors/transcripts/lines.ts'

const line = fc.nat({ max: 90 }).map((length) => `${'x'.repeat(length)}\n`)
const chunks = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 30 })

test('the bytes right before what was consumed are those of the file, or not said to be there', () => {
  let said = 0
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.string({ maxLength: 40 }), chunks, (all, rest, sizes) => {
      const numbered = all.map((text, n) => String(n).padStart(2, '0') + text)
      const file = Buffer.from(numbered.join('') + rest.replaceAll('\n', ''))
      const lines = new LineBlocks(() => undefined, { buffer: Buffer.allocUnsafe(64), maxLineBytes: 64 })
      for (let at = 0, n = 0; at < file.length; n += 1) {
        const room = lines.room()
        const got = file.copy(room, 0, at, at + Math.min(room.length, sizes[n % sizes.length] as number))
        at += got
        lines.took(got)
        for (const count of [1, 3, 16]) {
          const last = lines.lastBytes(count)
          if (last === null) continue
          said += 1
          expect(last.toString()).toBe(file.toString('utf8', lines.consumed - count, lines.consumed))
        }
      }
    }),
  )
  expect(said).toBeGreaterThan(100)
})
