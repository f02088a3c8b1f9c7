import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { VcError } from '../../src/core/errors.ts'
import type { JobRunner } from '../../src/core/job-runner.ts'
import { guardStatement } from '../../src/store/guard.ts'
import { openGuarded } from '../../src/store/guard-open.ts'
import { type Plain, QUERY_LIMITS, type QueryLimits, runQuery } from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'

const MB = 1_048_576
// Children run at the lowest priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 180_000 })

const dir = mkdtempSync(join(tmpdir(), 'vc-query-'))
const dbPath = join(dir, 'vc.duckdb')
const secret = join(dir, 'secret.csv')

beforeAll(async () => {
  writeFileSync(secret, 'a,b\n1,canary\n')
  const instance = await DuckDBInstance.create(dbPath)
  const connection = await instance.connect()
  await connection.run("CREATE TABLE machines AS SELECT i AS id, 'm' || i AS name FROM range(25000) r(i)")
  await connection.run(
    "CREATE TABLE kinds AS SELECT 9007199254740993::BIGINT AS big, 1.5::DECIMAL(9,2) AS dec, TIMESTAMP '2026-01-02 03:04:05.678901' AS at_, [1, 2] AS list, {'a': NULL} AS obj, 'NaN'::DOUBLE AS nan, ''::VARCHAR AS none",
  )
  connection.closeSync()
  instance.closeSync()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const ask = async (sql: string, limits: Partial<QueryLimits> = {}, notFinite?: 'name' | 'null') => {
  const rows: (readonly Plain[])[] = []
  let columns: readonly string[] = []
  const end = await runQuery(
    openJobRunner(),
    { dbPath, sql, limits: { ...QUERY_LIMITS, ...limits } },
    {
      ...(notFinite ? { notFinite } : {}),
      columns: (given) => {
        columns = given.map(({ name }) => name)
      },
      row: (values) => void rows.push(values),
    },
  )
  return { rows, columns, end }
}

const failure = async (asked: Promise<unknown>): Promise<VcError> => {
  const error = await asked.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof VcError) return error
  throw new Error(`no VcError but ${error === null ? 'an answer' : String(error)}`)
}

describe('an answer', () => {
  test('has names, plain values of every kind, and is whole', async () => {
    expect(await ask('SELECT *, big AS big FROM kinds')).toEqual({
      columns: ['big', 'dec', 'at_', 'list', 'obj', 'nan', 'none', 'big:1'],
      rows: [
        ['9007199254740993', 1.5, '2026-01-02T03:04:05.678901Z', [1, 2], { a: null }, 'NaN', '', '9007199254740993'],
      ],
      end: { rows: 1, truncated: null },
    })
  })

  test('tells what is no number from what is not there, but where it becomes JSON', async () => {
    const sql = "SELECT 1.0::DOUBLE / 0, -1e0 / 0, 'NaN'::FLOAT, NULL::DOUBLE, ['NaN'::DOUBLE, NULL]"
    expect((await ask(sql, {}, 'null')).rows).toEqual([[null, null, null, null, [null, null]]])
    const asked = await ask(sql)
    expect(asked.rows).toEqual([['Infinity', '-Infinity', 'NaN', null, ['NaN', null]]])
  })

  test('that is too long is cut after a row and says so', async () => {
    const cut = await ask('FROM machines', { maxRows: 5000 })
    expect([cut.rows.length, cut.end]).toEqual([5000, { rows: 5000, truncated: 'rows' }])
    const exact = await ask('FROM machines', { maxRows: 25_000 })
    expect(exact.end).toEqual({ rows: 25_000, truncated: null })
    const fat = await ask("SELECT repeat('x', 1000) FROM machines", { maxBytes: 100_000 })
    expect(fat.end.truncated).toBe('bytes')
    expect(fat.rows.length).toBeLessThan(100)
  })

  test.each([
    'EXPLAIN SELECT 1',
    'EXPLAIN (FORMAT json) FROM machines',
    'DESCRIBE machines',
    'SHOW TABLES',
    'SUMMARIZE machines',
    'VALUES (1)',
    '(SELECT 1)',
    'SELECT 1;',
    '/* x */ WITH a AS (SELECT 1) FROM a -- y',
    'PIVOT machines ON id % 2 IN (0, 1) USING count(*)',
  ])('is given to %s', async (sql) => expect((await ask(sql)).end.rows).toBeGreaterThan(0))

  test('is in UTC, whatever this machine thinks', async () => {
    expect((await ask("SELECT current_setting('TimeZone'), TIMESTAMPTZ '2026-01-01 00:00:00'")).rows).toEqual([
      ['UTC', '2026-01-01T00:00:00.000Z'],
    ])
  })
})

describe('refused by what it is (exit 4)', () => {
  test.each([
    ['COPY machines TO', `COPY machines TO '${join(dir, 'out.csv')}'`],
    ['hidden COPY', `/* SELECT */ -- x\n COPY machines TO '${join(dir, 'out.csv')}'`],
    ['ATTACH', `ATTACH '${join(dir, 'other.duckdb')}'`],
    ['SET', "SET memory_limit = '64GB'"],
    ['INSTALL', 'INSTALL httpfs'],
    ['LOAD', 'LOAD json'],
    ['CALL', 'CALL duckdb_tables()'],
    ['PRAGMA', 'PRAGMA enable_profiling'],
    ['EXPORT', `EXPORT DATABASE '${join(dir, 'export')}'`],
    ['two statements', 'SELECT 1; SELECT 2'],
    ['a statement behind a question', 'SELECT 1; DELETE FROM machines'],
    ['a CTE that deletes', 'WITH a AS (SELECT 1) DELETE FROM machines'],
    ['EXPLAIN ANALYZE', 'EXPLAIN ANALYZE DELETE FROM machines'],
    ['EXPLAIN (ANALYZE)', 'EXPLAIN (ANALYZE, FORMAT json) SELECT 1'],
    ['EXPLAIN of a change', 'EXPLAIN DELETE FROM machines'],
    ['EXPLAIN of two', 'EXPLAIN SELECT 1; DELETE FROM machines'],
    ['a PIVOT that looks first', 'PIVOT machines ON name USING count(*)'],
    ['a NUL', 'SELECT 1 --\u0000\n; DELETE FROM machines'],
    ['read_csv', `FROM read_csv('${secret}')`],
    ['read_text', `SELECT content FROM read_text('${secret}')`],
    ['glob', "FROM glob('/etc/*')"],
    ['a file as a table', `FROM '${secret}'`],
    ['the database itself as a table', `FROM '${dbPath}'`],
    ['read_blob of the database itself', `SELECT size FROM read_blob('${dbPath}')`],
    ['read_duckdb of the database itself', `FROM read_duckdb('${dbPath}', table_name = 'machines')`],
    ['a file no reader knows as a table', "FROM '/etc/hosts'"],
    ['a file among tables', "FROM machines, '/etc/hosts'"],
    ['a file of a name that is put together', "FROM query_table('/etc/hosts')"],
    ['a file beside the database', `FROM read_text('${dbPath}.wal')`],
    ['a folder as a schema', "SHOW TABLES FROM '/x.db'"],
    ['secrets', 'FROM duckdb_secrets()'],
    ['a function of an extension', "FROM sqlite_scan('x', 'y')"],
    ['a change inside query()', "FROM query('DELETE FROM machines')"],
  ])('%s', async (_, sql) => {
    const error = await failure(ask(sql))
    expect([error.exitCode, error.fix.length > 10]).toEqual([_ === 'a change inside query()' ? 2 : 4, true])
    expect(`${error.message}${error.fix}`).not.toMatch(/canary|try installing/)
    expect(readdirSync(dir).sort()).toEqual(['secret.csv', 'vc.duckdb'])
  })
})

describe('wrong (exit 2), with the place', () => {
  test.each([
    ['select * form machines', /syntax error at or near "machines" \(line 1, column 15\)/],
    ['select 1,\n  nope\nfrom machines', /"nope" not found[\s\S]*\(line 2, column 3\)[\s\S]*\n {2}nope\n {2}\^/],
    ["select 'ää😀', nope from machines", /\(line 1, column 15\)/],
    ["select 'ää😀' form machines ) x", /\(line 1, column 19\)/],
    ['explain\n select nope from machines', /\(line 2, column 9\)/],
    ['from machine', /Did you mean "machines"/],
    ['select $1', /1 parameter /],
    ['selct 1', /syntax error/],
  ])('%j', async (sql, says) => {
    const error = await failure(ask(sql))
    expect(error.exitCode).toBe(2)
    expect(error.message).toMatch(says)
  })
})

test('after all these the database is as it was', async () => {
  expect((await ask('SELECT count(*) FROM machines')).rows).toEqual([[25_000]])
})

describe('the process', () => {
  test('a recursion without end is ended by the clock (exit 124)', async () => {
    const error = await failure(
      ask('WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r', { wallMs: 3_000 }),
    )
    expect([error.code, error.exitCode]).toEqual(['query_timeout', 124])
  })

  test.each([
    ['a huge string', "SELECT length(repeat('x', 3000000000))"],
    ['a huge list', 'SELECT list_sum(range(1000000000))'],
  ])('%s, which no memory limit of the engine bounds, is ended by the watchdog', async (_, sql) => {
    const error = await failure(ask(sql, { maxRssBytes: 600 * MB, memoryMb: 256, wallMs: 120_000 }))
    expect([error.code, error.exitCode]).toEqual(['query_memory', 4])
  })

  // Real children end so after nine seconds of two cores.
  test('what fills the process from within before the watchdog looks is told in a sentence, without its stack', async () => {
    const stderr =
      'FATAL ERROR: Zone Allocation failed - process out of memory\n----- Native stack trace -----\n 1: 0x840e50'
    const report = { end: { is: 'signal', signal: 'SIGABRT' } as const, durationMs: 1, peakRssBytes: 1, stderr }
    const aborted: JobRunner = {
      start: () => ({ lines: (async function* () {})(), ended: Promise.resolve(report), stop: () => undefined }),
    }
    const asked = runQuery(
      aborted,
      { dbPath, sql: "SELECT repeat('x', 300000000)", limits: QUERY_LIMITS },
      { columns: () => undefined, row: () => undefined },
    )
    const error = await failure(asked)
    expect([error.code, error.exitCode]).toEqual(['query_memory', 4])
    expect(error.message).toBe('the query took more memory than one process may have and was ended')
  })

  test('an error is told when the child is gone: until then whoever comes next would find the file open', async () => {
    let gone = false
    const report = { end: { is: 'exit', code: 0 } as const, durationMs: 1, peakRssBytes: 1, stderr: '' }
    const refusing: JobRunner = {
      start: () => ({
        lines: (async function* () {
          yield JSON.stringify({ error: { code: 'query_refused', message: 'no', fix: 'ask otherwise', exit: 4 } })
        })(),
        ended: new Promise((resolve) =>
          setTimeout(() => {
            gone = true
            resolve(report)
          }, 50),
        ),
        stop: () => undefined,
      }),
    }
    const sink = { columns: () => undefined, row: () => undefined }
    const error = await failure(runQuery(refusing, { dbPath, sql: 'SELECT 1', limits: QUERY_LIMITS }, sink))
    expect([error.code, gone]).toEqual(['query_refused', true])
  })

  test('what would spill to disk is refused: there is no disk for it', async () => {
    const error = await failure(
      ask('SELECT count(*) FROM (SELECT DISTINCT hash(i) FROM range(8000000) r(i))', { memoryMb: 100 }),
    )
    expect([error.code, error.exitCode]).toEqual(['query_memory', 4])
    expect(error.message).not.toMatch(/\n|in-memory mode/)
    expect(existsSync(`${dbPath}.tmp`)).toBe(false)
  })
})

describe('the database itself, were the first layer not there', () => {
  const open = () => openGuarded(dbPath, { memoryMb: 256, threads: 1 })

  test.each([
    ['COPY', `COPY machines TO '${join(dir, 'out.csv')}'`],
    ['DELETE', 'DELETE FROM machines'],
    ['read_csv', `FROM read_csv('${secret}')`],
    ['read_text', `FROM read_text('${secret}')`],
    ['read_blob of the database itself', `FROM read_blob('${dbPath}')`],
    ['its own file as a table', `FROM read_duckdb('${dbPath}', table_name = 'machines')`],
    ['file systems', "SET disabled_filesystems = ''"],
    ['glob', "FROM glob('/*')"],
    ['ATTACH', `ATTACH '${join(dir, 'other.duckdb')}'`],
    ['SET', "SET memory_limit = '64GB'"],
    ['external access', 'SET enable_external_access = true'],
    ['INSTALL', 'INSTALL httpfs'],
    ['LOAD', `LOAD '${join(dir, 'x.duckdb_extension')}'`],
    ['EXPORT', `EXPORT DATABASE '${join(dir, 'export')}'`],
    ['CREATE', 'CREATE TABLE x (a INTEGER)'],
    ['EXPLAIN ANALYZE', 'EXPLAIN ANALYZE DELETE FROM machines'],
  ])('%s fails', async (_, sql) => {
    const db = await open()
    try {
      await expect(db.connection.run(sql)).rejects.toThrow()
    } finally {
      db.close()
    }
    expect(readdirSync(dir).sort()).toEqual(['secret.csv', 'vc.duckdb'])
  })

  test('the first layer alone refuses a temporary table, which the read-only database would allow', async () => {
    const db = await open()
    try {
      await db.connection.run('CREATE TEMP TABLE scratch (a INTEGER)')
      await expect(guardStatement(db.connection, 'CREATE TEMP TABLE more (a INTEGER)')).rejects.toThrow(
        /not a question/,
      )
    } finally {
      db.close()
    }
  })
})
