import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { askSql } from '../../src/commands/query.ts'
import { ago, NOW, run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

// Each question starts a child at the lowest priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 120_000 })

test('SQL of one’s own is told which of the tables it names have days in the archive alone', async () => {
  const store = await tempStore({ now: () => NOW })
  const old = store.append(run('atlas', 'probe', 40 * 86_400, []))
  await store.flush()
  await old
  const day = ago(40 * 86_400)
    .toISOString()
    .slice(0, 10)
  await store.sealDay('scrapes', day, 'main')
  const { dataDir, path: dbFile } = store
  const places = { dataDir, dbFile, socketFile: join(dataDir, 'no.sock') }
  const ask = async (sql: string) => {
    const rows: unknown[] = []
    const sink = { columns: () => undefined, row: (values: unknown) => void rows.push(values) }
    const { movedOut } = await askSql(places, sql, {}, sink)
    return { rows, movedOut }
  }
  await store.dropDay('scrapes', day)
  await store.close()
  const left = await ask('SELECT count(*)::INTEGER FROM Scrapes')
  expect(left).toEqual({ rows: [[0]], movedOut: [{ table: 'scrapes', untilDay: day }] })
  expect((await ask('SELECT count(*)::INTEGER FROM latest_scrapes')).movedOut).toEqual([])
})
