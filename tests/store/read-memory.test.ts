import { expect, test } from 'vitest'
import { openReadMemory } from '../../src/store/read-memory.ts'

const counting = (answer: () => number) => {
  let reads = 0
  const read = async () => {
    reads++
    return [{ n: answer() }]
  }
  return { reads: () => reads, read }
}

test('an answer is kept until one of its tables changes', async () => {
  const memory = openReadMemory()
  let n = 1
  const source = counting(() => n)
  const ask = () => memory.recall('q', ['agents', 'alerts'], source.read)
  expect([await ask(), await ask(), source.reads()]).toEqual([[{ n: 1 }], [{ n: 1 }], 1])
  memory.touch(['machines'])
  await ask()
  expect(source.reads()).toBe(1)
  n = 2
  memory.touch(['alerts'])
  expect([await ask(), source.reads()]).toEqual([[{ n: 2 }], 2])
})

test('an answer that was under way while its table changed is not taken for the new one', async () => {
  const memory = openReadMemory()
  const { promise, resolve } = Promise.withResolvers<{ n: number }[]>()
  const first = memory.recall('q', ['agents'], () => promise)
  memory.touch(['agents'])
  resolve([{ n: 1 }])
  expect(await first).toEqual([{ n: 1 }])
  expect(await memory.recall('q', ['agents'], async () => [{ n: 2 }])).toEqual([{ n: 2 }])
})

test('who asks while the same is being read gets that answer, and each a list of its own', async () => {
  const memory = openReadMemory()
  const { promise, resolve } = Promise.withResolvers<{ n: number }[]>()
  const source = counting(() => 2)
  const first = memory.recall('q', ['agents'], () => promise)
  const second = memory.recall('q', ['agents'], source.read)
  resolve([{ n: 1 }])
  expect([await first, await second, source.reads()]).toEqual([[{ n: 1 }], [{ n: 1 }], 0])
  expect(await first).not.toBe(await second)
})

test('a reading that failed is tried again by the next one', async () => {
  const memory = openReadMemory()
  const fails = memory.recall('q', ['agents'], async () => {
    throw new Error('gone')
  })
  await expect(fails).rejects.toThrow('gone')
  expect(await memory.recall('q', ['agents'], async () => [{ n: 1 }])).toEqual([{ n: 1 }])
})

test('all answers together keep a bounded number of rows', async () => {
  const memory = openReadMemory()
  const many = Array.from({ length: 15_000 }, (_, n) => ({ n }))
  for (let i = 0; i < 5; i++) await memory.recall(`q${i}`, ['t'], async () => many)
  const [newest, oldest] = [counting(() => 1), counting(() => 1)]
  await memory.recall('q4', ['t'], newest.read)
  await memory.recall('q0', ['t'], oldest.read)
  expect([newest.reads(), oldest.reads()]).toEqual([0, 1])
})

test('an answer that nobody asked for any more goes when another comes', async () => {
  let nowMs = 0
  const memory = openReadMemory(() => nowMs)
  await memory.recall('of a minute that is over', ['t'], async () => [])
  nowMs = 100_000
  await memory.recall('used', ['t'], async () => [])
  nowMs = 200_000
  await memory.recall('new', ['t'], async () => [])
  const [over, used] = [counting(() => 1), counting(() => 1)]
  await memory.recall('used', ['t'], used.read)
  await memory.recall('of a minute that is over', ['t'], over.read)
  expect([over.reads(), used.reads()]).toEqual([1, 0])
})

test('what a caller does to its list is its own affair', async () => {
  const memory = openReadMemory()
  const ask = () => memory.recall('q', ['agents'], async () => [{ n: 1 }, { n: 2 }])
  const mine = await ask()
  mine.length = 0
  expect(await ask()).toHaveLength(2)
})

test('it keeps a bounded number of answers, the least used go first', async () => {
  const memory = openReadMemory()
  for (let i = 0; i < 200; i++) await memory.recall(`q${i}`, ['t'], async () => [])
  const [newest, oldest] = [counting(() => 1), counting(() => 1)]
  await memory.recall('q199', ['t'], newest.read)
  await memory.recall('q0', ['t'], oldest.read)
  expect([newest.reads(), oldest.reads()]).toEqual([0, 1])
})
