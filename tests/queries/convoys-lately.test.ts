// Convoys stay for ever: of those whose missions all ended the last ones are told, and all are counted.
import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'
import { asking, MANY, many } from './asking.ts'

const convoy = (i: number): Row => ({
  ...{ convoy_id: `c-${i}`, seq: i, title: `batch ${i}`, lane: 'standard', created_at: at(i), created_by: 'ann' },
})
const mission = (i: number, more: Row = {}): Row => ({
  ...{ mission_id: `m-${i}`, seq: i, title: `do ${i}`, mission_type: 'coding', lane: 'standard', priority: 'normal' },
  ...{ status: 'done', convoy_id: `c-${i}`, depends_on_json: '[]', lease_ms: 600_000, max_retries: 2, attempts: 1 },
  ...{ attempts_allowed: 3, created_at: at(i), created_by: 'ann', finished_at: at(i), input_tokens: 10, ...more },
})

test('convoys with open missions, the one asked for and the last others are told, with what all missions cost', async () => {
  const store = await tempStore()
  const open = { status: 'pending', finished_at: null, input_tokens: null }
  const missions = [...many((i) => mission(i)), mission(90, { ...open, convoy_id: 'c-3' })]
  await appendAll(
    store,
    runOf([
      { table: 'mission_convoys', rows: many(convoy) },
      { table: 'missions', rows: missions },
    ]),
  )
  const ask = asking(store)
  const { data } = await ask('missions', { convoy: 'c-5', batches: 2 })
  const told = (data.convoys as unknown as { convoy: string; status: string; total: number }[]).map(
    (one) => `${one.convoy} ${one.status} ${one.total}`,
  )
  expect(told).toEqual(['c-39 completed 1', 'c-38 completed 1', 'c-5 completed 1', 'c-3 active 2'])
  expect([data.convoys_total, data.counts, data.spent]).toMatchObject([
    MANY,
    { done: MANY, ready: 1 },
    { missions_reporting: MANY, input_tokens: 10 * MANY },
  ])
  expect((await ask('missions', { batches: 2 })).most).toBe(3)
  const town = await ask('convoys', { batches: 1 })
  const batches = town.data.mission_convoys as unknown as { convoy: string }[]
  expect([batches.map((one) => one.convoy), town.data.mission_convoys_total]).toEqual([['c-39', 'c-3'], MANY])
  expect(town.warnings.filter((line) => line.startsWith('no_orchestrator'))).toEqual([])
})
