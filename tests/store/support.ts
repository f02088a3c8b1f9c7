import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { AppendOutcome, ScrapeRun } from '../../src/core/rows.ts'
import { openStore, type Store, type StoreOptions } from '../../src/store/index.ts'
import { at } from './rows.ts'

export * from './rows.ts'

const open: Store[] = []
const dirs: string[] = []

afterEach(async () => {
  for (const store of open.splice(0)) await store.close().catch(() => undefined)
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

export const tempDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-store-'))
  dirs.push(dir)
  return dir
}

/** A store in a folder of its own, closed and removed after the test. */
export const tempStore = async (options: Partial<StoreOptions> = {}): Promise<Store> => {
  const store = await openStore({
    dataDir: tempDir(),
    groupWindowMs: 60_000,
    now: () => at(0),
    minFreeBytes: 0,
    ...options,
  })
  open.push(store)
  return store
}

/** One store for all tests of a file that only read it. */
export const suiteStore = (make: (options: Partial<StoreOptions>) => Promise<Store>): (() => Store) => {
  let store: Store | undefined
  const dataDir = mkdtempSync(join(tmpdir(), 'vc-store-'))
  beforeAll(async () => {
    store = await make({ dataDir })
    // Kept over the tests: not the afterEach above but afterAll closes it.
    open.splice(open.indexOf(store), 1)
  })
  afterAll(async () => {
    await store?.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return () => {
    if (!store) throw new Error('the store of the suite is not open yet')
    return store
  }
}

/** Appends the runs as one group and waits for it. */
export const appendAll = async (store: Store, ...runs: readonly ScrapeRun[]): Promise<readonly AppendOutcome[]> => {
  const waiting = runs.map((run) => store.append(run))
  await store.flush()
  return Promise.all(waiting)
}

export const count = async (store: Store, table: string): Promise<number> => {
  const [row] = await store.db.rows<{ n: number }>(`SELECT count(*) AS n FROM "${table}"`)
  return row?.n ?? -1
}
