import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { drained, FellBehind } from '../../../src/engine/hosts/drained.ts'

const chunk = (size: number): Uint8Array => new Uint8Array(size)

test('all that came is read in order, and the end of the source is the end', async () => {
  async function* source() {
    for (const size of [1, 2, 3]) yield chunk(size)
  }
  const sizes: number[] = []
  for await (const { byteLength } of drained(source(), 100, () => undefined)) sizes.push(byteLength)
  expect(sizes).toEqual([1, 2, 3])
})

test('a failure comes after what came before it', async () => {
  async function* source() {
    yield chunk(1)
    throw new Error('the way is cut')
  }
  const sizes: number[] = []
  const read = async () => {
    for await (const { byteLength } of drained(source(), 100, () => undefined)) sizes.push(byteLength)
  }
  await expect(read()).rejects.toThrow('the way is cut')
  expect(sizes).toEqual([1])
})

test('a source never waits for a reader that sleeps: it is given up once, and told so', async () => {
  let written = 0
  let gaveUp = 0
  async function* source() {
    for (; written < 50; written += 1) yield chunk(10)
  }
  const reading = drained(source(), 100, () => {
    gaveUp += 1
  })
  await reading.next()
  while (written < 50) await turn()
  await expect(reading.next()).rejects.toBeInstanceOf(FellBehind)
  expect(gaveUp).toBe(1)
})
