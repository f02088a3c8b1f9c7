import { DuckDBInstance, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withLiterals } from '../../src/store/db.ts'
import { literal, valuesText } from '../../src/store/literals.ts'
import { talkOf } from '../../src/store/talk.ts'

const connect = async () => (await DuckDBInstance.create(':memory:')).connect()

describe('a value as SQL text', () => {
  test('comes back as it was, to the last bit', async () => {
    const connection = await connect()
    await connection.run('CREATE TABLE t (i INTEGER, b BIGINT, d DOUBLE, s VARCHAR, o BOOLEAN, ts TIMESTAMP)')
    const row = fc.tuple(
      fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      fc.option(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\u0000') && text.isWellFormed())),
      fc.option(fc.boolean()),
      fc.option(fc.integer({ min: -8e12, max: 8e12 }).map((ms) => new DuckDBTimestampValue(BigInt(ms) * 1000n))),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
        await connection.run('DELETE FROM t')
        const columns = [0, 1, 2, 3, 4, 5].map((at) => rows.map((cells) => cells[at] as DuckDBValue))
        await connection.run(`INSERT INTO t VALUES ${valuesText(columns)}`)
        const stored = (await connection.runAndReadAll('FROM t')).getRows()
        const told = (cells: readonly DuckDBValue[]) =>
          cells.map((cell) => (cell instanceof DuckDBTimestampValue ? cell.micros : cell))
        expect(stored.map(told)).toEqual(rows.map(told))
      }),
      { numRuns: 100 },
    )
  })

  test('is refused where text cannot hold it: columns travel then', () => {
    expect(literal('a\u0000b')).toBeNull()
    expect(literal(Number.NaN)).toBeNull()
    expect(valuesText([['x'.repeat(70_000)]])).toBeNull()
    expect(valuesText([Array.from({ length: 161 }, () => 1)])).toBeNull()
  })
})

describe('what is said to a connection', () => {
  test('runs before what is asked next, in its order', async () => {
    const talk = talkOf(await connect())
    talk.say('CREATE TABLE t (n INTEGER)')
    talk.say('INSERT INTO t VALUES (1)')
    expect((await talk.runAndReadAll('SELECT n FROM t')).getRows()).toEqual([[1]])
    talk.say('DELETE FROM t')
    expect((await talk.run('INSERT INTO t VALUES (2), (3)')).rowsChanged).toBe(2)
    talk.say('DELETE FROM t WHERE n = 2')
    expect((await talk.runAndReadAll('SELECT n FROM t WHERE n > $1', [0])).getRows()).toEqual([[3]])
  })

  test('fails whoever asks next, and is forgotten on demand', async () => {
    const talk = talkOf(await connect())
    talk.say('INSERT INTO nowhere VALUES (1)')
    await expect(talk.run('SELECT 1')).rejects.toThrow(/nowhere/)
    talk.say('INSERT INTO nowhere VALUES (1)')
    talk.unsay()
    expect((await talk.runAndReadAll('SELECT 1')).getRows()).toEqual([[1]])
  })
})

describe('a question with its parameters written in', () => {
  test('asks the same, whatever stands in quotes', () => {
    const sql = `SELECT '$id', "$id", $id FROM t WHERE at > $from AND ($ids OR $gone IS NULL)`
    const written = withLiterals(sql, { id: `it's $from`, from: new Date(5), ids: true, gone: null })
    expect(written).toBe(
      `SELECT '$id', "$id", 'it''s $from'::VARCHAR FROM t WHERE at > make_timestamp(5000) AND (true OR NULL IS NULL)`,
    )
  })

  test('is bound where text would mean something else', () => {
    expect(withLiterals('SELECT $n', { n: 1 })).toBeNull()
    expect(withLiterals('SELECT $n', { n: 1n })).toBeNull()
    expect(withLiterals('SELECT $n', { n: 'a\u0000' })).toBeNull()
  })
})
