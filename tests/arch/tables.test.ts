import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { collectors } from '../../src/collectors/index.ts'
import type { Collector } from '../../src/core/collector.ts'
import { openStore, type Store, TABLES, type TableSpec } from '../../src/store/index.ts'
import { tempDir } from '../store/support.ts'

const ROOT = join(import.meta.dirname, '../..')
const textOf = (pattern: string): string =>
  globSync(pattern, { cwd: ROOT })
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')

/** Filled by the store for every fact, whoever brings it. */
const ENVELOPE = new Set([
  'collected_at',
  'machine_id',
  'source',
  'source_version',
  'schema_version',
  'scope',
  'gone',
  'event_at',
])

const all: readonly Collector[] = collectors
const tables: readonly TableSpec[] = TABLES
const collected = textOf('src/collectors/**/*.ts')
const elsewhere = textOf('src/{daemon,oracle,commands,store,queries}/**/*.ts')
const readers = textOf('src/{store/read,store/write,queries,daemon,commands}/**/*.ts') + collected
const mentions = (text: string, word: string): boolean => new RegExp(`\\b${word}\\b`).test(text)

let store: Store
beforeAll(async () => {
  store = await openStore({ dataDir: tempDir() })
  return () => store.close()
})

describe.each(tables.map((table) => [table.name, table] as const))('%s', (name, table) => {
  const isCollected = all.some((collector) => collector.tables.includes(name))

  test('every column has a writer', () => {
    const text = isCollected ? `${collected}\n${elsewhere}` : elsewhere
    const columns = (store.catalog.get(name)?.columns ?? [])
      .map((column) => column.name)
      .filter((column) => !ENVELOPE.has(column))
    expect(columns.length, 'the table is in the catalogue').toBeGreaterThan(0)
    expect(columns.filter((column) => !mentions(text, column))).toEqual([])
  })

  test('it has a reader', () => {
    const names = [name, table.latest, table.twin, ...(table.rollups ?? [])].filter((one) => one !== undefined)
    expect(names.some((one) => mentions(readers, one))).toBe(true)
  })
})
