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
