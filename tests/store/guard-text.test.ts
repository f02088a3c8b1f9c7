import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VcError } from '../../src/core/errors.ts'
import { explained, firstWord, refuseText, startOfWords } from '../../src/store/guard-text.ts'

const refusal = (sql: string): VcError => {
  try {
    refuseText(sql)
  } catch (error) {
    if (error instanceof VcError) return error
  }
  throw new Error(`${sql} was not refused`)
}

describe('the first word, behind blanks and comments', () => {
  test.each([
    ['select 1', 'SELECT'],
    ['  -- COPY\n from t', 'FROM'],
    ['/* a /* nested */ still */ delete from t', 'DELETE'],
    ['--x\rattach', 'ATTACH'],
    ['\ufeff\u00a0select 1', 'SELECT'],
    ['(select 1)', '('],
    ['/* never ends', ''],
    ['-- only', ''],
    ['', ''],
  ])('of %j is %j', (sql, word) => expect(firstWord(sql)).toBe(word))
})

test.each([
  ["COPY t TO 'x'", 'COPY', /--format csv/],
  ["/* hi */ attach 'x'", 'ATTACH', /one database/],
  ['set threads = 4', 'SET', /one SELECT/],
  ['InStAlL httpfs', 'INSTALL', /extensions stay off/],
  ["load 'x.so'", 'LOAD', /extensions stay off/],
  ['call pragma_version()', 'CALL', /FROM/],
  ['pragma version', 'PRAGMA', /--tables/],
  ["export database 'x'", 'EXPORT', /vc db backup/],
  ["import database 'x'", 'IMPORT', /vc db restore/],
  ['create temp table x(a int)', 'CREATE', /WITH name AS/],
  ['-- select\ndelete from machines', 'DELETE', /only reads/],
  ['checkpoint', 'CHECKPOINT', /vc db backup/],
])('%j is refused by its word, with what to write instead', (sql, word, instead) => {
  const error = refusal(sql)
  expect([error.exitCode, error.message.startsWith(word)]).toEqual([4, true])
  expect(error.fix).toMatch(instead)
})

test('a NUL is refused: what follows would be hidden', () => {
  const error = refusal('select 1 --\u0000; delete from machines')
  expect([error.exitCode, error.message]).toEqual([4, expect.stringContaining('character 12')])
})

test.each(['', '  ', ';', ' ;; ', '-- nothing', '/* nothing */ ;'])('%j is no query', (sql) => {
  expect([refusal(sql).code, refusal(sql).exitCode]).toEqual(['query_empty', 2])
})

test('a word nobody knows is left to the parser, which knows the place', () => {
  expect(() => refuseText('sel * from t')).not.toThrow()
})

test.each([
  'EXPLAIN ANALYZE select 1',
  'explain /* x */ analyse select 1',
  'explain (analyze) select 1',
  'EXPLAIN (FORMAT json, ANALYZE true) select 1',
])('%j is refused: it would run the statement', (sql) => expect(() => explained(sql)).toThrow(/runs the statement/))

test('an EXPLAIN is taken apart, its FORMAT kept', () => {
  expect(explained('-- x\nEXPLAIN select 1')).toEqual({ head: 'EXPLAIN ', rest: 'select 1' })
  expect(explained('explain (format json) select 1')).toEqual({ head: 'EXPLAIN (FORMAT json) ', rest: ' select 1' })
  expect(explained('select 1')).toBeNull()
})

test('any text at all is refused or passed, in time that grows with its length', () => {
  const part = fc.constantFrom('/*', '*/', '--', '\n', '\r', 'select', 'explain', '(', ';', ' ', "'", '\u0000', 'ä')
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 200 }), (parts) => {
      const sql = parts.join('')
      const at = startOfWords(sql)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at).toBeLessThanOrEqual(sql.length)
      try {
        refuseText(sql)
      } catch (error) {
        expect(error).toBeInstanceOf(VcError)
      }
    }),
  )
})
