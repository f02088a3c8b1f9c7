import { expect, test } from 'vitest'
import { tempStore } from './support.ts'

const CASES: readonly (readonly [string, unknown])[] = [
  ['NULL', null],
  ['true', true],
  ["'text ü \u{1f600}'", 'text ü \u{1f600}'],
  ['7::TINYINT', 7],
  ['(-7)::SMALLINT', -7],
  ['7::UTINYINT', 7],
  ['7::USMALLINT', 7],
  ['7::INTEGER', 7],
  ['7::UINTEGER', 7],
  ['9007199254740991::BIGINT', 9_007_199_254_740_991],
  ['9007199254740992::BIGINT', '9007199254740992'],
  ['(-9007199254740993)::BIGINT', '-9007199254740993'],
  ['18446744073709551615::UBIGINT', '18446744073709551615'],
  ['sum(7::BIGINT)', 7],
  ['count(*)', 1],
  ['170141183460469231731687303715884105727::HUGEINT', '170141183460469231731687303715884105727'],
  ['5::UHUGEINT', 5],
  ['1.5::FLOAT', 1.5],
  ['1.5::DOUBLE', 1.5],
  ["'nan'::DOUBLE", null],
  ["'inf'::FLOAT", null],
  ["'-inf'::DOUBLE", null],
  ['1.25::DECIMAL(9, 2)', 1.25],
  ['1234567890123456789012.5::DECIMAL(38, 1)', '1234567890123456789012.5'],
  ["TIMESTAMP '2026-01-02 03:04:05'", '2026-01-02T03:04:05.000Z'],
  ["TIMESTAMP '2026-01-02 03:04:05.123456'", '2026-01-02T03:04:05.123456Z'],
  ["TIMESTAMP '1969-12-31 23:59:59.9995'", '1969-12-31T23:59:59.9995Z'],
  ["TIMESTAMPTZ '2026-01-02 03:04:05+02'", '2026-01-02T01:04:05.000Z'],
  ["'2026-01-02 03:04:05'::TIMESTAMP_S", '2026-01-02T03:04:05.000Z'],
  ["'2026-01-02 03:04:05.25'::TIMESTAMP_MS", '2026-01-02T03:04:05.250Z'],
  ["'2026-01-02 03:04:05.123456789'::TIMESTAMP_NS", '2026-01-02T03:04:05.123456789Z'],
  ["'infinity'::TIMESTAMP", 'infinity'],
  ["'-infinity'::TIMESTAMP_NS", '-infinity'],
  ["'infinity'::TIMESTAMP_MS", 'infinity'],
  ["'infinity'::DATE", 'infinity'],
  ["TIMESTAMP '294247-01-10 04:00:54'", '294247-01-10 04:00:54'],
  ["DATE '2026-01-02'", '2026-01-02'],
  ["TIME '03:04:05'", '03:04:05'],
  ["INTERVAL '90 minutes'", '01:30:00'],
  ["'00000000-0000-0000-0000-000000000007'::UUID", '00000000-0000-0000-0000-000000000007'],
  ["'\\x01\\xFF'::BLOB", 'Af8='],
  ["'101'::BIT", '101'],
  ['[1::BIGINT, NULL, 9007199254740993]', [1, null, '9007199254740993']],
  ["{'a': 1::BIGINT, 'b': [TIMESTAMP '2026-01-02 00:00:00']}", { a: 1, b: ['2026-01-02T00:00:00.000Z'] }],
  ["MAP {'k': 1::BIGINT}", { k: 1 }],
  ['MAP {7: true}', { '7': true }],
  ["MAP {'nan'::DOUBLE: 1, 'inf'::DOUBLE: 2}", { NaN: 1, Infinity: 2 }],
  ['[1.5, 2.5]::DOUBLE[2]', [1.5, 2.5]],
  ['union_value(num := 2)', 2],
  ["'a'::ENUM ('a', 'b')", 'a'],
]

test('every type leaves the store as plain JSON', async () => {
  const store = await tempStore()
  for (const [sql, expected] of CASES) {
    const [row] = await store.db.rows(`SELECT ${sql} AS x`)
    expect([sql, row?.x]).toEqual([sql, expected])
    expect(() => JSON.stringify(row)).not.toThrow()
  }
})

test('a query that runs too long is stopped, and the next one is answered', async () => {
  const store = await tempStore({ queryTimeoutMs: 300 })
  const slow = 'SELECT count(*) AS n FROM range(1_000_000) AS a(i), range(1_000_000) AS b(j) WHERE (i * j) % 7 = 3'
  await expect(store.db.rows(slow)).rejects.toMatchObject({ code: 'query_timeout', exitCode: 124 })
  expect(await store.db.rows('SELECT 1 AS x')).toEqual([{ x: 1 }])
})

test('parameters travel as values, never as text', async () => {
  const store = await tempStore()
  const evil = "'; DROP TABLE machines; --"
  const when = new Date('2026-01-02T03:04:05.678Z')
  const [row] = await store.db.rows('SELECT $text AS t, $when AS w, $big AS b, $none IS NULL AS n', {
    text: evil,
    when,
    big: 9_007_199_254_740_993n,
    none: null,
  })
  expect(row).toEqual({ t: evil, w: when.toISOString(), b: '9007199254740993', n: true })
})
