// A rule is judged on all rows of its query: what an answer leaves out for whoever reads it is no reason to be calm.
import { expect, test } from 'vitest'
import type { RuleConfig } from '../../src/config/schema.ts'
import type { AskRequest } from '../../src/core/carrier.ts'
import { openUserRules } from '../../src/daemon/alert-user-rules.ts'
import { queries } from '../../src/queries/index.ts'

const rule = (query: string, params: RuleConfig['params'] = {}): RuleConfig => ({
  ...{ id: `of_${query}`, enabled: true, query, sql: null, rows: null, params, when: 'cpu_pct > 90', absent: false },
  ...{ severity: 'warning' as const, title: null, subject: null, machine: null, hold_seconds: 0, clear_seconds: 0 },
})

test('a rule asks for every line of a query that lists the first ones, unless it says how many', async () => {
  const asked: AskRequest[] = []
  const ask = (request: AskRequest) => {
    asked.push(request)
    return Promise.reject(new Error('only the question counts here'))
  }
  const rules = openUserRules(
    () => undefined,
    async () => [],
  )
  await rules.asked([rule('repos', { dirty: true }), rule('scrapes', { limit: 3 }), rule('machines')], ask, 0)
  expect(asked).toEqual([
    { topic: 'repos', params: { limit: 100_000, dirty: true } },
    { topic: 'scrapes', params: { limit: 3 } },
    { topic: 'machines', params: {} },
  ])
})

test('every query takes the parameters with which it leaves nothing out', () => {
  const whole = queries.filter((query) => query.whole !== undefined)
  expect(whole.map(({ name }) => name).sort()).toEqual([
    'bench',
    'collectors',
    'content',
    'diff',
    'mail',
    'network',
    'repos',
    'scrapes',
    'settings',
  ])
  for (const query of whole) expect(query.params.safeParse(query.whole)).toMatchObject({ success: true })
})
