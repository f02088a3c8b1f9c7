import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { vc } from './fake-cli.ts'

// Each question starts a child at the lowest priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 120_000 })

const home = mkdtempSync(join(tmpdir(), 'vc-formats-'))
const at = { env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home }

beforeAll(async () => {
  const dataDir = join(home, '.local/share/vc')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const instance = await DuckDBInstance.create(join(dataDir, 'vc.duckdb'))
  instance.closeSync()
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const ask = async (format: string, sql: string): Promise<string> => {
  const said = await vc(['query', '--format', format, sql], { at })
  expect([said.exit, said.err]).toEqual([0, ''])
  return said.out
}

/** Type and value, as json and jsonl tell it, as csv does, and as the table where that differs from csv. */
const CASES: readonly (readonly [sql: string, json: unknown, csv: string, table?: string])[] = [
  ['NULL::INTEGER', null, '', 'NULL'],
  ['true', true, 'true'],
  ['(-128)::TINYINT', -128, '-128'],
  ['65535::USMALLINT', 65_535, '65535'],
  ['9007199254740991::BIGINT', 9_007_199_254_740_991, '9007199254740991'],
  ['9007199254740993::BIGINT', '9007199254740993', '9007199254740993'],
  ['18446744073709551615::UBIGINT', '18446744073709551615', '18446744073709551615'],
  [
    '(-170141183460469231731687303715884105728)::HUGEINT',
    '-170141183460469231731687303715884105728',
    '-170141183460469231731687303715884105728',
  ],
  ['7::HUGEINT', 7, '7'],
  ['123456789012345678901234567890::BIGNUM', '123456789012345678901234567890', '123456789012345678901234567890'],
  ['1.25::DECIMAL(9, 2)', 1.25, '1.25'],
  ['1234567890123456789012.5::DECIMAL(38, 1)', '1234567890123456789012.5', '1234567890123456789012.5'],
  ['1.5::FLOAT', 1.5, '1.5'],
  ["'nan'::FLOAT", null, 'NaN'],
  ["'nan'::DOUBLE", null, 'NaN'],
  ["'inf'::DOUBLE", null, 'Infinity'],
  ["'-inf'::DOUBLE", null, '-Infinity'],
  ["DATE '2026-01-02'", '2026-01-02', '2026-01-02'],
  ["'infinity'::DATE", 'infinity', 'infinity'],
  ["'-infinity'::DATE", '-infinity', '-infinity'],
  ["TIMESTAMP '2026-01-02 03:04:05.000006'", '2026-01-02T03:04:05.000006Z', '2026-01-02T03:04:05.000006Z'],
  ["TIMESTAMPTZ '2026-01-02 03:04:05+02'", '2026-01-02T01:04:05.000Z', '2026-01-02T01:04:05.000Z'],
  ["'2026-01-02 03:04:05'::TIMESTAMP_S", '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z'],
  ["'infinity'::TIMESTAMP_S", 'infinity', 'infinity'],
  ["'2026-01-02 03:04:05.25'::TIMESTAMP_MS", '2026-01-02T03:04:05.250Z', '2026-01-02T03:04:05.250Z'],
  ["'-infinity'::TIMESTAMP_MS", '-infinity', '-infinity'],
  ["'2026-01-02 03:04:05.123456789'::TIMESTAMP_NS", '2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456789Z'],
  ["'infinity'::TIMESTAMP_NS", 'infinity', 'infinity'],
  // No moment of ISO 8601, and none before or after all time either.
  ["TIMESTAMP '294247-01-10 04:00:54'", '294247-01-10 04:00:54', '294247-01-10 04:00:54'],
  ["TIME '03:04:05.5'", '03:04:05.5', '03:04:05.5'],
  ["'12:00:00+02'::TIMETZ", '12:00:00+02', '12:00:00+02'],
  ["INTERVAL '1 month 90 minutes'", '1 month 01:30:00', '1 month 01:30:00'],
  ["'00000000-0000-0000-0000-000000000007'::UUID", ...twice('00000000-0000-0000-0000-000000000007')],
  ["'\\x01\\xFF'::BLOB", 'Af8=', 'Af8='],
  ["'101'::BIT", '101', '101'],
  ["'b'::ENUM ('a', 'b')", 'b', 'b'],
  ['\'{"a": 1}\'::JSON', '{"a": 1}', '"{""a"": 1}"', '{"a": 1}'],
  ['union_value(num := 2)', 2, '2'],
  ["[1::DOUBLE, 'nan'::DOUBLE, NULL]", [1, null, null], '"[1,""NaN"",null]"', '[1,"NaN",null]'],
  ['[1.5, 2.5]::DOUBLE[2]', [1.5, 2.5], '"[1.5,2.5]"', '[1.5,2.5]'],
  [
    "{'big': 9007199254740993, 'in': {'x': ['a', NULL]}}",
    { big: '9007199254740993', in: { x: ['a', null] } },
    '"{""big"":""9007199254740993"",""in"":{""x"":[""a"",null]}}"',
    '{"big":"9007199254740993","in":{"x":["a",null]}}',
  ],
  ['MAP {7: true}', { '7': true }, '"{""7"":true}"', '{"7":true}'],
  // Two keys, also where their values would both be null.
  [
    "MAP {'nan'::DOUBLE: 1, 'inf'::DOUBLE: 2}",
    { NaN: 1, Infinity: 2 },
    '"{""NaN"":1,""Infinity"":2}"',
    '{"NaN":1,"Infinity":2}',
  ],
  ["'text ü \u{1f600}'", 'text ü \u{1f600}', 'text ü \u{1f600}'],
  ["'=1+1'", '=1+1', '=1+1'],
  ["'-5'", '-5', '-5'],
  ["'a,b'", 'a,b', '"a,b"', 'a,b'],
  ['\'say "so"\'', 'say "so"', '"say ""so"""', 'say "so"'],
]

function twice(text: string): [string, string] {
  return [text, text]
}

const ALL = `SELECT ${CASES.map(([sql], i) => `${sql} AS c${i}`).join(', ')}`
const names = CASES.map((_, i) => `c${i}`)

describe('every type', () => {
  test('in json and jsonl', async () => {
    const expected = Object.fromEntries(CASES.map(([, json], i) => [`c${i}`, json]))
    expect(JSON.parse(await ask('json', ALL)).rows).toEqual([expected])
    expect(JSON.parse(await ask('jsonl', ALL))).toEqual(expected)
  })

  test('in csv', async () => {
    const [head, line, ...rest] = (await ask('csv', ALL)).split('\n')
    expect(head?.split(',')).toEqual(names)
    expect([line, ...rest]).toEqual([CASES.map(([, , csv]) => csv).join(','), ''])
  })

  test('in the table', async () => {
    const [, line] = (await ask('table', ALL)).split('\n')
    expect(line?.split(/ {2,}/)).toEqual(CASES.map(([, , csv, table]) => table ?? csv))
  })
})

test('a row whose fields have no names is refused: the last of them would stand for all', async () => {
  for (const sql of ["SELECT row(1, 'b') AS pair", 'SELECT [row(1, 2)] AS pair']) {
    const said = await vc(['query', sql], { at })
    expect([said.exit, said.out]).toEqual([2, ''])
    expect(said.err).toMatch(/column pair holds a row whose fields have no names[\s\S]*fix: name them: \{'a': …/)
  }
})

describe('text that would steer a terminal', () => {
  const HOSTILE =
    "SELECT chr(27) || '[31mred' AS esc, chr(155) || 'x' AS csi, 'a' || chr(7) || chr(0) || chr(8) || chr(127) AS bell, chr(8238) || 'rtl' AS bidi, chr(27) AS only, 'l1' || chr(10) || 'l2' AS lf, 'l1' || chr(13) AS cr, chr(9) AS tab, '' AS none, NULL AS nothing"

  test('is no part of csv, where line ends and tabs stay and are quoted as RFC 4180 has it', async () => {
    const [head, ...rest] = (await ask('csv', HOSTILE)).split('\n')
    expect(head).toBe('esc,csi,bell,bidi,only,lf,cr,tab,none,nothing')
    expect(rest.join('\n')).toBe('[31mred,x,a,rtl,"","l1\nl2","l1\r",\t,"",\n')
  })

  test('on a terminal a row of csv is one line', async () => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true })
    const io = { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} }
    await vc(['query', '--format', 'csv', HOSTILE], { at, io } as Parameters<typeof vc>[1])
    stdout.end()
    expect((await stdout.toArray()).join('')).toBe(
      'esc,csi,bell,bidi,only,lf,cr,tab,none,nothing\n[31mred,x,a,rtl,"",l1l2,l1,"","",\n',
    )
  })

  test('is whole in jsonl, as escapes', async () => {
    const line = await ask('jsonl', HOSTILE)
    expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(JSON.parse(line)).toMatchObject({ esc: '\u001b[31mred', bell: 'a\u0007\u0000\u0008\u007f', lf: 'l1\nl2' })
  })
})
