import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test, vi } from 'vitest'
import { appendAll, at, count, runOf, sys, tempStore } from './support.ts'

const lookAt = (seconds: number) => [
  { table: 'sys_samples', rows: [sys(seconds)] },
  { table: 'sys_filesystems', rows: [{ mount: '/', used_pct: seconds }] },
]

test('a copy of what is now holds up nobody who writes, and is of one moment', async () => {
  const store = await tempStore()
  await appendAll(store, runOf(lookAt(0)))
  const copying = store.copyPresent('rules.duckdb', at(-3600))
  await vi.waitUntil(() => existsSync(join(store.dataDir, 'tmp', 'rules.duckdb')), { interval: 1 })
  const later = runOf(lookAt(30), { startedAt: at(30) })
  const first = await Promise.race([
    copying.then(() => 'copied'),
    appendAll(store, later).then(([outcome]) => (outcome?.ok ? 'written' : 'refused')),
  ])
  expect(first).toBe('written')
  const instance = await DuckDBInstance.create(await copying, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const found = await connection.runAndReadAll(
    'SELECT count(*), bool_and(l.collected_at = s.collected_at) FROM latest_sys_filesystems AS l, latest_sys_samples AS s',
  )
  connection.closeSync()
  instance.closeSync()
  expect(found.getRows()).toEqual([[1n, true]])
  expect(await count(store, 'sys_samples')).toBe(2)
})

test('two copies of what is now are made one after the other, also of one name, and end before the store does', async () => {
  const store = await tempStore()
  const both = Promise.all([store.copyPresent('a.duckdb', at(0)), store.copyPresent('a.duckdb', at(0))])
  await store.close()
  await expect(both).resolves.toHaveLength(2)
})
