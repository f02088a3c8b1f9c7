import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { missionSteps } from '../../src/store/index.ts'
import { appendAll, at, runOf, tempStore } from './support.ts'

const mission = (i: number, secondsAt: number): ReturnType<typeof runOf> => {
  const row: Row = {
    ...{ mission_id: `m-${i}`, seq: i, title: `do ${i}`, mission_type: 'coding', lane: 'standard', priority: 'normal' },
    ...{ status: 'pending', depends_on_json: '[]', lease_ms: 600_000, max_retries: 2, attempts: 0 },
    ...{ attempts_allowed: 3, created_at: at(secondsAt), created_by: 'ann' },
  }
  return runOf([{ table: 'missions', rows: [row] }], { startedAt: at(secondsAt) })
}

test('steps of missions are read when one was made since, and not asked for again while none is', async () => {
  const store = await tempStore()
  let asked = 0
  const db: typeof store.db = {
    ...store.db,
    rows: (...question) => {
      asked += 1
      return store.db.rows(...question)
    },
  }
  const steps = async (secondsAt: number): Promise<readonly string[]> =>
    (await missionSteps(db, at(secondsAt))).map((step) => step.mission_id)
  expect([await steps(0), asked]).toEqual([[], 0])
  await appendAll(store, mission(1, 10))
  expect([await steps(5), asked]).toEqual([['m-1'], 1])
  expect([await steps(11), await steps(12), asked]).toEqual([[], [], 1])
  await appendAll(store, mission(2, 12))
  expect([await steps(12), asked]).toEqual([['m-2'], 2])
})
