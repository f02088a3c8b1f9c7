import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CommandEnd } from '../../../src/transport/run-watch.ts'
import { endOfStatus, markerStripper } from '../../../src/transport/ssh/status-marker.ts'

const NONCE = '00ff00ff00ff00ff00ff00ff'

/** Sends `bytes` through in pieces cut at `cuts`; what came out, and the endings told. */
const strip = async (bytes: Buffer, cuts: readonly number[]): Promise<{ out: Buffer; ends: CommandEnd[] }> => {
  const ends: CommandEnd[] = []
  const stripper = markerStripper(NONCE, (end) => ends.push(end))
  const points = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const passed: Buffer[] = []
  stripper.on('data', (chunk: Buffer) => passed.push(chunk))
  const ended = new Promise((resolve) => stripper.once('end', resolve))
  for (let i = 1; i < points.length; i += 1) stripper.write(bytes.subarray(points[i - 1], points[i]))
  stripper.end()
  await ended
  return { out: Buffer.concat(passed), ends }
}
const soup = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
const nearMarker = fc
  .constantFrom('\x1e', `\x1e${NONCE.slice(0, 8)}`, `\x1e${NONCE}`, `\x1e${NONCE}x:1:`, '\x1e\x1e')
  .map((t) => Buffer.from(t))
const output = fc.array(fc.oneof(soup, nearMarker), { maxLength: 6 }).map((parts) => Buffer.concat(parts))

describe('the status marker', () => {
  it('comes out of any output cut anywhere, and leaves every other byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        output,
        output,
        fc.integer({ min: 0, max: 255 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (before, after, status, cuts) => {
          const { out, ends } = await strip(
            Buffer.concat([before, Buffer.from(`\x1e${NONCE}:${status}:`), after]),
            cuts,
          )
          expect(out).toEqual(Buffer.concat([before, after]))
          expect(ends).toEqual([endOfStatus(status)])
        },
      ),
    )
  })

  it('tells nothing when there is none', async () => {
    await fc.assert(
      fc.asyncProperty(output, fc.array(fc.nat(), { maxLength: 8 }), async (bytes, cuts) => {
        expect(await strip(bytes, cuts)).toEqual({ out: bytes, ends: [] })
      }),
    )
  })

  it('reads 128 + n as a signal, and 255 as a status', () => {
    expect(endOfStatus(137)).toEqual({ is: 'signal', signal: 'KILL' })
    expect(endOfStatus(255)).toEqual({ is: 'exit', code: 255 })
    expect(endOfStatus(0)).toEqual({ is: 'exit', code: 0 })
  })
})
