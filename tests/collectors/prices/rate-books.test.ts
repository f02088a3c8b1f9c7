import { expect, test } from 'vitest'
import { rateBooks } from '../../../src/collectors/prices/rate-books.ts'

const asked = (holds: 'always' | 'day' | 'moment', found = true) => {
  const questions: string[] = []
  const rates = rateBooks((provider, model, ts) => {
    questions.push(`${provider} ${model} ${ts.toISOString()}`)
    return found ? { holds, ts } : null
  })
  return { questions, rates }
}

const at = (text: string): Date => new Date(`2026-03-${text}Z`)

test('an answer that always holds is asked for once for each model of a provider', () => {
  const { questions, rates } = asked('always')
  for (const day of ['01T00:00', '02T00:00', '09T12:00']) {
    rates('openai', 'gpt-x', at(day))
    rates('azure', 'gpt-x', at(day))
  }
  expect(questions.length).toBe(2)
})

test('an answer for a day is asked for anew on each day, and one of another day is not given', () => {
  const { questions, rates } = asked('day')
  const first = rates('openai', 'gpt-x', at('01T00:00'))
  expect(rates('openai', 'gpt-x', at('01T23:59'))).toBe(first)
  expect(rates('openai', 'gpt-x', at('02T00:00'))).not.toBe(first)
  expect(rates('openai', 'gpt-x', at('01T10:00'))).toBe(first)
  expect(questions.length).toBe(2)
})

test('an answer for a moment is never kept, and that there is none is', () => {
  const moment = asked('moment')
  const none = asked('always', false)
  for (let times = 0; times < 3; times += 1) {
    moment.rates('deepseek', 'chat', at('01T00:00'))
    expect(none.rates('openai', 'unheard-of', at('01T00:00'))).toBe(null)
  }
  expect(moment.questions.length).toBe(3)
  expect(none.questions.length).toBe(1)
})

test('a file full of made-up names makes it forget, not grow', () => {
  const { questions, rates } = asked('always')
  rates('openai', 'gpt-x', at('01T00:00'))
  for (let n = 0; n < 10_000; n += 1) rates('openai', `made-up-${n}`, at('01T00:00'))
  rates('openai', 'gpt-x', at('01T00:00'))
  expect(questions.filter((question) => question.includes('gpt-x')).length).toBe(2)
})
