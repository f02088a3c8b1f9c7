import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Leisure } from '../../src/transport/workers/leisure.ts'

const AFTER_MS = 400

test('what is put off is done bit by bit once nobody asked for a moment, until nothing is left', async () => {
  const bits: string[] = []
  const leisure = new Leisure(() => {
    bits.push('bit')
    setImmediate(() => bits.push('somebody else'))
    return bits.length < 4
  })
  leisure.begin()
  expect(bits).toEqual([])
  await setTimeout(AFTER_MS)
  expect(bits).toEqual(['bit', 'somebody else', 'bit', 'somebody else', 'bit', 'somebody else'])
})

test('a question that comes stops it before the next bit; afterwards it goes on', async () => {
  let bits = 0
  const leisure = new Leisure(() => {
    bits += 1
    if (bits === 2) setImmediate(() => leisure.end())
    return bits < 5
  })
  leisure.begin()
  leisure.end()
  await setTimeout(AFTER_MS)
  expect(bits).toBe(0)
  leisure.begin()
  await setTimeout(AFTER_MS)
  const stoppedAt = bits
  await setTimeout(AFTER_MS)
  expect([stoppedAt, bits]).toEqual([2, 2])
  leisure.begin()
  await setTimeout(AFTER_MS)
  expect(bits).toBe(5)
})
