import { expect, test } from 'vitest'
import type { PackedColumn, PackedRows } from '../../src/core/packed-rows.ts'
import { unpackRows } from '../../src/core/packed-rows.ts'
import type { Cell, Row } from '../../src/core/rows.ts'
import type { Store } from '../../src/store/index.ts'
import { ROLLUPS, selectRollup } from '../../src/store/write/rollups.ts'
import { appendAll, at, runOf, tempStore } from './support.ts'

const MANY = 5_000
const SESSIONS = 700

const fill = (count: number, value: (row: number) => number): Float64Array =>
  Float64Array.from({ length: count }, (_, row) => value(row))
const words = (all: readonly Cell[], index: (row: number) => number, count: number): PackedColumn => ({
  is: 'words',
  words: all,
  index: Int32Array.from({ length: count }, (_, row) => index(row)),
})

/** Messages of many sessions, with everything a column may hold: nulls, quotes, few words and many. */
const packedUsage = (count: number, key = (row: number): string => `msg_${row}`): PackedRows => {
  const zero: PackedColumn = { is: 'same', value: 0 }
  const lines = (line: (row: number) => string): PackedColumn => ({
    is: 'texts',
    lines: Array.from({ length: count }, (_, row) => line(row)).join('\n'),
  })
  const place = Int32Array.from({ length: count }, (_, row) => row % SESSIONS)
  // As many as there are sessions, though few differ: a yes or no, a project, nothing.
  const shared = (word: (session: number) => Cell): PackedColumn => ({
    is: 'words',
    words: Array.from({ length: SESSIONS }, (_, n) => word(n)),
    index: place.map((session) => (session === 5 ? -1 : session)),
  })
  const named = (prefix: string): PackedColumn => ({
    is: 'words',
    words: Array.from({ length: SESSIONS }, (_, n) => `${prefix}${n}`),
    index: place,
  })
  return {
    count,
    columns: {
      provider: { is: 'same', value: 'anthropic' },
      message_key: lines(key),
      ts: { is: 'times', values: fill(count, (row) => at(0).getTime() - ((row * 7_919) % count) * 60_000) },
      request_id: lines((row) => (row % 3 === 0 ? '' : `req_${row}`)),
      cli: { is: 'same', value: "o'cli" },
      session_id: named('session-'),
      parent_session_id: { is: 'same', value: null },
      is_sidechain: words(
        [...Array(SESSIONS).keys()].map((n) => n % 3 === 0),
        (row) => row % SESSIONS,
        count,
      ),
      shared: { is: 'same', value: false },
      model: words(["claude-'x'", 'claude-y'], (row) => (row % 5) - 3, count),
      input_tokens: { is: 'numbers', values: fill(count, (row) => row) },
      output_tokens: { is: 'numbers', values: fill(count, () => 2 ** 52 + 1) },
      cache_read_tokens: zero,
      cache_write_5m_tokens: zero,
      cache_write_1h_tokens: zero,
      reasoning_tokens: zero,
      total_tokens: { is: 'numbers', values: fill(count, (row) => row + 2 ** 52 + 1) },
      cost_microusd: { is: 'numbers', values: fill(count, (row) => (row % 4 === 0 ? Number.NaN : row)) },
      price_source: { is: 'same', value: 'test' },
      account_key: words(['acc'], (row) => (row % 2) - 1, count),
      cwd: named('/work/ü '),
      project: named('ü '),
      repo: shared((session) => (session % 4 === 0 ? null : `repo's ${session % 7}`)),
    },
  }
}

const stored = (store: Store): Promise<readonly unknown[]> =>
  store.db.rows('SELECT * FROM agent_usage ORDER BY provider, message_key')

const ingest = (store: Store, given: { rows?: readonly Row[]; packed?: PackedRows }) =>
  appendAll(store, runOf([{ table: 'agent_usage', rows: [], ...given }], { collector: 'claude', startedAt: at(1) }))

test('packed rows are stored as the same rows would be', async () => {
  const [one, two] = [await tempStore(), await tempStore()]
  const packed = packedUsage(MANY)
  await ingest(one, { rows: unpackRows(packed) })
  await ingest(two, { packed })
  const [rows, columns] = [await stored(one), await stored(two)]
  expect(columns).toHaveLength(MANY)
  expect(columns).toEqual(rows)
})

test('the same packed rows twice change nothing, and messages told twice in them count once', async () => {
  const store = await tempStore()
  await ingest(store, { packed: packedUsage(MANY) })
  const before = await stored(store)
  await ingest(store, { packed: packedUsage(MANY) })
  expect(await stored(store)).toEqual(before)

  const other = await tempStore()
  await ingest(other, { packed: packedUsage(MANY, (row) => `msg_${row % 100}`) })
  expect(await stored(other)).toHaveLength(100)
})

test.each([
  ['another CLI of the same provider', { cli: 'b' }, MANY],
  ['another provider in the same CLI', { provider: 'b' }, MANY],
  ['neither the same CLI nor the same provider', { cli: 'b', provider: 'b' }, 2 * MANY],
])('packed rows of %s are searched for among those stored', async (_, who, count) => {
  const store = await tempStore()
  const packed = packedUsage(MANY)
  await ingest(store, { packed })
  const others = Object.entries(who).map(([name, value]) => [name, { is: 'same', value } satisfies PackedColumn])
  await ingest(store, { packed: { ...packed, columns: { ...packed.columns, ...Object.fromEntries(others) } } })
  expect(await stored(store)).toHaveLength(count)
  for (const rollup of ROLLUPS.filter(({ raw }) => raw === 'agent_usage'))
    expect(await store.db.rows(`FROM ${rollup.table} ORDER BY ALL`)).toEqual(
      await store.db.rows(`FROM (${selectRollup(rollup, 'true')}) ORDER BY ALL`),
    )
})

test('a message told twice among packed rows of a CLI never seen counts once, in its buckets too', async () => {
  const store = await tempStore()
  await ingest(store, { packed: packedUsage(MANY) })
  const twice = packedUsage(MANY, (row) => `msg_${row % 100}`)
  const named = (value: string) => ({ is: 'same', value }) satisfies PackedColumn
  const columns = { ...twice.columns, cli: named('b'), provider: named('b') }
  const [outcome] = await ingest(store, { packed: { ...twice, columns } })
  expect(outcome).toEqual({ ok: true, inserted: 100, duplicates: MANY - 100 })
  expect(await store.db.rows("SELECT sum(messages)::INTEGER AS n FROM usage_1d WHERE cli = 'b'")).toEqual([{ n: 100 }])
})

test('packed rows that do not fit are refused, with the column', async () => {
  const store = await tempStore()
  const packed = packedUsage(MANY)
  const broken = (name: string, column: PackedColumn) =>
    ingest(store, { packed: { ...packed, columns: { ...packed.columns, [name]: column } } })
  const fraction: PackedColumn = { is: 'numbers', values: fill(MANY, () => 0.5) }
  expect(await broken('input_tokens', fraction)).toMatchObject([
    { ok: false, detail: expect.stringMatching(/input_tokens.*fraction/) },
  ])
})
