import { expect, test } from 'vitest'
import { readLanes } from '../../src/store/read-lanes.ts'
import { tempStore } from './support.ts'

test('who waits for an answer goes before what the owner wants to know, each lane in its order', async () => {
  const inLane = readLanes(1)
  const done: string[] = []
  const ask = (lane: 'asked' | 'own', name: string) => inLane(lane, async () => void done.push(name))
  await Promise.all([ask('own', 'a'), ask('own', 'b'), ask('own', 'c'), ask('asked', 'd'), ask('asked', 'e')])
  expect(done).toEqual(['a', 'd', 'e', 'b', 'c'])
})

test('no more than so many run at once, and one that fails gives its place to the next', async () => {
  const inLane = readLanes(2)
  let [running, most] = [0, 0]
  const jobs = Array.from({ length: 7 }, (_, i) =>
    inLane('own', async () => {
      most = Math.max(most, ++running)
      await new Promise((done) => setImmediate(done))
      running--
      if (i % 2 === 0) throw new Error('it failed')
      return i
    }),
  )
  const settled = await Promise.allSettled(jobs)
  expect([settled.filter(({ status }) => status === 'fulfilled').length, most]).toEqual([3, 2])
  expect(await inLane('own', async () => 'still open')).toBe('still open')
})

test('an answer is read before the hundred questions the daemon asked earlier', async () => {
  const store = await tempStore()
  const done: string[] = []
  const own = Array.from({ length: 100 }, (_, i) => store.db.rows(`SELECT ${i}`).then(() => done.push('own')))
  const answer = store.answers.rows('SELECT 1').then(() => done.push('answer'))
  await Promise.all([...own, answer])
  expect(done.indexOf('answer')).toBeLessThan(10)
})
