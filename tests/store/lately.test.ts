import { expect, test } from 'vitest'
import { meterHistory, sessionReplies } from '../../src/store/index.ts'
import { appendAll, at, runOf, sys, tempStore, usage } from './support.ts'

const HOUR_S = 3_600

test('a young history comes in half minutes, an older one in the means of five minutes, a long one in hours', async () => {
  const store = await tempStore()
  const samples = [0, 10, 40, 300, 2 * HOUR_S].map((seconds) =>
    runOf([{ table: 'sys_samples', rows: [sys(seconds, { cpu_pct: seconds === 10 ? 30 : 10 })] }], {
      startedAt: at(seconds),
    }),
  )
  await appendAll(store, ...samples)
  const ask = (sinceS: number, untilS: number) =>
    meterHistory(store.db, { machineId: 'atlas', since: at(sinceS), until: at(untilS) })
  const young = await ask(0, 400)
  expect([young.stepS, young.points.map((point) => [point.bucket_at, point.cpu_pct])]).toEqual([
    30,
    [
      [at(0).toISOString(), 20],
      [at(30).toISOString(), 10],
      [at(300).toISOString(), 10],
    ],
  ])
  const older = await ask(-HOUR_S, 3 * HOUR_S)
  expect([older.stepS, older.points.length]).toEqual([300, 3])
  const long = await ask(-72 * HOUR_S, 3 * HOUR_S)
  expect([long.stepS, long.points.length]).toEqual([3_600, 2])
  expect(await ask(-200, -100)).toEqual({ stepS: 300, points: [] })
})

test('replies of a session come newest first, those of what it started among them', async () => {
  const store = await tempStore()
  await appendAll(
    store,
    runOf([
      {
        table: 'agent_usage',
        rows: [
          usage('a', at(10)),
          usage('b', at(30), { session_id: 'sub', parent_session_id: 's1', is_sidechain: true, cost_microusd: null }),
          usage('c', at(20), { session_id: 'other' }),
        ],
      },
    ]),
  )
  const ask = { machineId: 'atlas', cli: 'claude', sessionId: 's1', since: at(0), until: at(60) }
  const replies = await sessionReplies(store.db, { ...ask, limit: 5 })
  expect(replies.map((row) => [row.ts, row.session_id, row.is_sidechain, row.cost_microusd])).toEqual([
    [at(30).toISOString(), 'sub', true, null],
    [at(10).toISOString(), 's1', false, expect.any(Number)],
  ])
  expect(await sessionReplies(store.db, { ...ask, limit: 1 })).toHaveLength(1)
})
