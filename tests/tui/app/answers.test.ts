import { expect, test } from 'vitest'
import { openAnswers } from '../../../src/tui/app/answers.ts'

test('asking for everything again does not change since when an answer is waited for', async () => {
  let nowMs = 5_000
  const reply = Promise.withResolvers<never>()
  const told = { lost: () => undefined, found: () => undefined, changed: () => undefined }
  const answers = openAnswers({ ask: () => reply.promise, monotonicMs: () => nowMs }, told as never)
  answers.want([{ as: 'health', topic: 'health' }], null, 1_000)
  nowMs += 1_500
  answers.refresh()
  expect(answers.waitingMs()).toBe(1_500)
  reply.reject(new Error('no'))
  await Promise.resolve()
  await Promise.resolve()
  expect(answers.waitingMs()).toBe(0)
})

test('an answer that took long is asked for less often, and one that took very long not much less', async () => {
  let nowMs = 0
  let tookMs = 0
  let asked = 0
  const ask = async () => {
    asked += 1
    nowMs += tookMs
    return { data: {} } as never
  }
  const told = { lost: () => undefined, found: () => undefined, changed: () => undefined }
  const answers = openAnswers({ ask, monotonicMs: () => nowMs }, told as never)
  const asksIn = async (seconds: number): Promise<number> => {
    const before = asked
    for (let at = 0; at < seconds; at += 1) {
      answers.want([{ as: 'events', topic: 'events', everyMs: 2_000 }], null, 1_000)
      await Promise.resolve()
      await Promise.resolve()
      nowMs += 1_000
    }
    return asked - before
  }
  expect(await asksIn(20)).toBe(10)
  tookMs = 200
  expect(await asksIn(20)).toBeGreaterThanOrEqual(9)
  tookMs = 900
  await asksIn(20)
  expect(await asksIn(40)).toBeLessThanOrEqual(11)
  tookMs = 60_000
  await asksIn(20)
  expect(await asksIn(40)).toBeGreaterThanOrEqual(4)
  nowMs += 1
  answers.refresh()
  expect(await asksIn(1)).toBe(1)
})
