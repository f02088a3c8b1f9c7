import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { openStore, type Store } from '../../src/store/index.ts'
import { appendAll, at, runOf, sys, tempDir, tempStore, usage } from './support.ts'

const unsettledMb = async (store: Store): Promise<number> => {
  const [row] = await store.db.rows<{ bytes: number }>(
    `SELECT memory_usage_bytes AS bytes FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'`,
  )
  return Number(row?.bytes) / 1_048_576
}

const look = (store: Store, seconds: number) =>
  appendAll(
    store,
    runOf(
      [
        { table: 'sys_samples', rows: [sys(seconds)] },
        { table: 'agent_usage', rows: [usage(`m${seconds}`, at(seconds))] },
      ],
      { startedAt: at(seconds) },
    ),
  )

/** A folder with a store in which these tables have rows; its file made by the engine's own measure where asked for. */
const lookedInto = async (options: { readonly wideBlocks?: boolean } = {}): Promise<string> => {
  const dataDir = tempDir()
  if (options.wideBlocks) {
    const instance = await DuckDBInstance.create(join(dataDir, 'vc.duckdb'))
    instance.closeSync()
  }
  const store = await openStore({ dataDir, groupWindowMs: 60_000, now: () => at(0), minFreeBytes: 0 })
  await look(store, 0)
  await store.close()
  return dataDir
}

const blockBytes = async (path: string): Promise<number> => {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const found = await connection.runAndReadAll('SELECT block_size FROM pragma_database_size()')
  connection.closeSync()
  instance.closeSync()
  return Number(found.getRows()[0]?.[0])
}

test('the first rows after a start take little memory', async () => {
  const store = await tempStore({ dataDir: await lookedInto() })
  const before = await unsettledMb(store)
  await look(store, 30)
  expect((await unsettledMb(store)) - before).toBeLessThan(25)
})

test('a file keeps the blocks it was made with, its copy has the narrow ones', async () => {
  const dataDir = await lookedInto({ wideBlocks: true })
  const store = await tempStore({ dataDir })
  const copy = await store.copyTo('backups', 'copy.duckdb')
  await store.close()
  expect([await blockBytes(store.path), await blockBytes(copy)]).toEqual([262_144, 65_536])
})
