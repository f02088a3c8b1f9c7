import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DB_FILE } from '../../src/store/store.ts'
import { appendAll, at, runOf, sys, tempDir, tempStore } from './support.ts'

const sample = (second: number, machineId = 'atlas') =>
  runOf([{ table: 'sys_samples', rows: [sys(second)] }], { machineId, startedAt: at(second) })
const BUCKETS = 'SELECT machine_id, samples FROM sys_5m ORDER BY machine_id'
// Words that hide the table from the store: what stands in the file, whoever asks.
const STORED = `SELECT machine_id, samples FROM query_table('sys' || '_5m') ORDER BY machine_id`

test('buckets of now wait, and whoever reads them misses nothing', async () => {
  const store = await tempStore()
  await appendAll(store, sample(1), sample(1, 'beta'))
  await appendAll(store, sample(11))
  expect(await store.db.rows(STORED)).toEqual([])
  const all = [
    { machine_id: 'atlas', samples: 2 },
    { machine_id: 'beta', samples: 1 },
  ]
  expect(await store.db.rows(BUCKETS)).toEqual(all)
  expect(await store.db.rows(STORED)).toEqual(all)
})

test('samples of another time are counted with their commit', async () => {
  const store = await tempStore({ now: () => at(86_400) })
  await appendAll(store, sample(1))
  expect(await store.db.rows(STORED)).toEqual([{ machine_id: 'atlas', samples: 1 }])
})

test('a store that closes leaves no bucket behind', async () => {
  const dataDir = tempDir()
  const first = await tempStore({ dataDir })
  await appendAll(first, sample(1))
  await first.close()
  const second = await tempStore({ dataDir })
  expect(await second.db.rows(STORED)).toEqual([{ machine_id: 'atlas', samples: 1 }])
})

test.each([
  ['whoever reads first', async () => undefined],
  ['the first commit', async (store: Awaited<ReturnType<typeof tempStore>>) => appendAll(store, sample(86_400))],
])('what a killed process left behind is counted by %s', async (_who, act) => {
  const killed = tempDir()
  const store = await tempStore()
  await appendAll(store, sample(1), sample(2, 'beta'))
  await store.db.rows(BUCKETS)
  await appendAll(store, sample(11), sample(12, 'gamma'))
  // As a kill leaves it: the file, and its log beside it. A child copies: reading it here would drop the lock.
  for (const end of ['', '.wal']) execFileSync('cp', [`${store.path}${end}`, join(killed, `${DB_FILE}${end}`)])
  const next = await tempStore({ dataDir: killed })
  await act(next)
  expect(
    await next.db.rows(`${BUCKETS.replace(' ORDER', ` WHERE bucket_at < '${at(3600).toISOString()}' ORDER`)}`),
  ).toEqual([
    { machine_id: 'atlas', samples: 2 },
    { machine_id: 'beta', samples: 1 },
    { machine_id: 'gamma', samples: 1 },
  ])
})
