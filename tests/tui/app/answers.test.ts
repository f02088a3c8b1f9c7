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
