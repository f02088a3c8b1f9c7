import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { askSql } from '../../src/commands/query.ts'
import { VcError } from '../../src/core/errors.ts'
import { openSnapshots, openStore, type Store } from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'

// Each question starts a child at the lowest priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const dataDir = mkdtempSync(join(tmpdir(), 'vc-files-'))
const places = { dataDir, dbFile: join(dataDir, 'vc.duckdb'), socketFile: join(dataDir, 'vc.sock') }
const csv = join(dataDir, 'secret.csv')

/** `DB` stands for the very file that is asked, as its catalogue names it. */
const FILES: readonly string[] = [
  `FROM read_csv('${csv}')`,
  `SELECT content FROM read_text('${csv}')`,
  `FROM read_json('${csv}')`,
  `FROM read_parquet('/x.parquet')`,
  `FROM sniff_csv('${csv}')`,
  `FROM glob('/etc/*')`,
  `FROM '${csv}'`,
  `FROM 'x.parquet'`,
  `FROM 'https://example.invalid/x.parquet'`,
  `FROM 'file:///etc/passwd'`,
  `SELECT * FROM '/etc/passwd'`,
  `SELECT (SELECT content FROM read_text('${csv}'))`,
  `DESCRIBE '/etc/passwd'`,
  `EXPLAIN FROM read_csv('${csv}')`,
  `FROM query('FROM read_text(''${csv}'')')`,
  `FROM 'a.xlsx'`,
  `SHOW TABLES FROM '/x.db'`,
  `FROM duckdb_secrets()`,
  `FROM 'DB'`,
  `SELECT size FROM read_blob('DB')`,
  `FROM read_duckdb('DB', table_name = 'machines')`,
]

const STATEMENTS: readonly string[] = [
  `ATTACH '/x.db'`,
  `COPY machines TO '/tmp/x.csv'`,
  `COPY machines FROM '${csv}'`,
  'INSTALL httpfs',
  'LOAD httpfs',
  'SET enable_external_access = true',
  'PRAGMA database_list',
  `EXPORT DATABASE '/tmp/x'`,
  `IMPORT DATABASE '/tmp/x'`,
  'CALL pragma_version()',
]

const ask = async (sql: string): Promise<{ rows: unknown[]; kind: string }> => {
  const rows: unknown[] = []
  const sink = { columns: () => undefined, row: (values: unknown) => void rows.push(values) }
  const { source } = await askSql(places, sql, {}, sink)
  return { rows, kind: source.kind }
}

const refusal = async (sql: string): Promise<VcError> => {
  const error = await ask(sql).catch((thrown: unknown) => thrown)
  if (error instanceof VcError) return error
  throw new Error(`no refusal of ${sql} but ${JSON.stringify(error)}`)
}

const refusesAll = (kind: 'live' | 'snapshot'): void => {
  test('which is asked in this way', async () => {
    expect(await ask('SELECT count(*) FROM machines')).toEqual({ rows: [[0]], kind })
  })

  let file = ''
  beforeAll(async () => {
    file = String((await ask('SELECT path FROM duckdb_databases() WHERE path IS NOT NULL')).rows)
  })

  test.each(FILES)('%s', async (sql) => {
    const error = await refusal(sql.replace('DB', file))
    expect([error.code, error.exitCode]).toEqual(['query_refused', 4])
    expect(error.message).toMatch(/a file.*, and a query opens none/)
    expect(error.fix).toMatch(/vc's own tables only \(vc query --tables\); files, networks and extensions are closed/)
    expect(`${error.message}${error.fix}`).not.toMatch(/canary|Did you mean|has multiple tables|configuration/)
  })

  test.each(STATEMENTS)('%s', async (sql) => {
    const error = await refusal(sql)
    expect([error.code, error.exitCode, error.fix.length > 20]).toEqual(['query_refused', 4, true])
    expect(error.message).toMatch(/^[A-Z]+ is not a question: vc query takes one SELECT/)
  })

  test('a table that there is none of stays a slip of the pen', async () => {
    for (const sql of ['FROM machine', 'FROM "no such"', 'FROM nowhere.machines'])
      expect(await refusal(sql)).toMatchObject({ code: 'query_names', exitCode: 2 })
  })
}

beforeAll(async () => {
  writeFileSync(csv, 'a,b\n1,canary\n')
  await (await openStore({ dataDir, minFreeBytes: 0 })).close()
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

describe('of the live file nothing but its tables is read:', () => refusesAll('live'))

describe("of a daemon's copy nothing but its tables is read:", () => {
  let store: Store
  let server: Server
  let snapshots: ReturnType<typeof openSnapshots>
  beforeAll(async () => {
    store = await openStore({ dataDir, minFreeBytes: 0 })
    snapshots = openSnapshots({ store, jobs: openJobRunner(), minFreeBytes: () => 0, now: () => new Date() })
    const about = { pid: process.pid, version: '1.0.0', startedAt: '2026-11-20T08:00:00.000Z' }
    server = createServer(async (req, res) => {
      res.end(JSON.stringify(req.url === '/v1/sql/snapshot' ? await snapshots.get() : about))
    })
    await new Promise<void>((resolve) => server.listen(places.socketFile, resolve))
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await snapshots.close()
    await store.close()
  })
  refusesAll('snapshot')
})
