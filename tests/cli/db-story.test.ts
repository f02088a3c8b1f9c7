import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { damage } from '../store/damage.ts'
import { appendAll, at, runOf, usage } from '../store/support.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const BIN = join(import.meta.dirname, '../../bin/vc.js')
const home = mkdtempSync(join(tmpdir(), 'vc-db-'))
const dataDir = join(home, '.local/share/vc')
const dbFile = join(dataDir, 'vc.duckdb')
const env = { PATH: process.env.PATH ?? '', HOME: home, NO_COLOR: '1', VC_PING_MS: '10000' }
afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
}

const vc = (words: readonly string[], stdin = ''): Promise<Said> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [BIN, ...words], { env, cwd: home }, (error, out, err) =>
      resolve({ exit: error === null ? 0 : Number(error.code), out, err }),
    )
    child.stdin?.end(stdin)
  })

const json = async (...words: readonly string[]) => JSON.parse((await vc([...words, '--json'])).out)

const backups = (): readonly string[] =>
  readdirSync(join(dataDir, 'backups')).map((name) => join(dataDir, 'backups', name))

test('before the first look there is no database, and the error says how to get one', async () => {
  const said = await vc(['query', 'select 1'])
  expect([said.exit, said.out]).toEqual([1, ''])
  expect(said.err).toContain(`no database at ${dbFile}`)
  expect(said.err).toContain('vc collect')
  expect((await vc(['db', 'info'])).out).toContain('not there yet')
})

describe('without a daemon', () => {
  beforeAll(async () => {
    const store = await openStore({ dataDir, minFreeBytes: 0 })
    const rows = [0, 1, 2].map((n) => usage(`m${n}`, at(n)))
    await appendAll(store, runOf([{ table: 'agent_usage', rows }]))
    await store.close()
  })

  test('a question is answered in every format, from the live file', async () => {
    const sql = "SELECT message_key, 'a,\"b' AS odd FROM agent_usage ORDER BY 1 LIMIT 1"
    const asked = await json('query', sql)
    const [{ message_key: key }] = asked.rows
    expect(asked).toMatchObject({
      rows: [{ odd: 'a,"b' }],
      row_count: 1,
      truncated: false,
      source: 'live',
      warnings: [],
    })
    expect((await vc(['query', '--format', 'csv', sql])).out).toBe(`message_key,odd\n${key},"a,""b"\n`)
    expect((await vc(['query', '--format', 'jsonl', '-'], sql)).out).toBe(
      `${JSON.stringify({ message_key: key, odd: 'a,"b' })}\n`,
    )
    expect((await vc(['query', sql])).out).toMatch(/^message_key +odd\n.+a,"b\n1 row\n$/)
    expect(readdirSync(dataDir)).not.toContain('vc.lock')
  })

  test('a cut answer says so on stderr, and in the JSON', async () => {
    const said = await vc(['query', '--limit', '2', '--format', 'csv', 'SELECT message_key FROM agent_usage'])
    expect([said.exit, said.out.split('\n').length]).toEqual([0, 4])
    expect(said.err).toMatch(/truncated: true; .* after 2 rows \(more: --limit/)
    expect(await json('query', '--limit', '2', 'FROM agent_usage')).toMatchObject({ truncated: true, row_count: 2 })
  })

  test('the tables are listed, one line each', async () => {
    const lines = (await vc(['query', '--tables'])).out.split('\n')
    expect(lines.find((line) => line.startsWith('agent_usage '))).toMatch(/message_key varchar, /)
  })

  test.each([
    [['query', 'DELETE FROM agent_usage'], 4, /only reads/],
    [['query', 'SELECT * FORM agent_usage'], 2, /line 1, column 15\)[\s\S]+\^/],
    [['query', 'SELECT', '1'], 2, /in quotes/],
    [['query', '--limit', '0', 'SELECT 1'], 2, /--limit takes a whole number/],
    [['query', ''], 2, /there is no query/],
    [['query', '--tables', 'SELECT 1'], 2, /--tables asks its own/],
    [
      [
        'query',
        '--timeout',
        '2',
        'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r',
      ],
      124,
      /longer than 2 s/,
    ],
    [['db', 'restore', '/nowhere.duckdb'], 2, /there is no file \/nowhere.duckdb/],
    [['db', 'restore', '--yes', '.local/share/vc/vc.duckdb'], 2, /vc\.duckdb is the present file itself/],
    [['db', 'restore', '.'], 2, /is no file/],
    [['db', 'check', '/nowhere.duckdb'], 2, /there is no file/],
    [['db', 'check', '.'], 2, /is no file/],
  ] as const)('%j ends with exit %i', async (words, exit, says) => {
    const said = await vc(words)
    expect([said.exit, said.out]).toEqual([exit, ''])
    expect(said.err).toMatch(says)
    expect(said.err).toContain('fix: ')
  })

  test('a backup, a change, a restore: what is lost is said first, and nothing is deleted', async () => {
    expect((await vc(['db', 'backup'])).out).toMatch(/backups\/vc-\d{8}T\d{6}Z\.duckdb: .* read back to the end/)
    const [backup = ''] = backups()
    expect((await vc(['db', 'check', backup])).out).toContain('every table reads to its end')
    expect((await vc(['db', 'check', relative(home, backup)])).out).toContain('every table reads to its end')
    const store = await openStore({ dataDir, minFreeBytes: 0 })
    await appendAll(store, runOf([{ table: 'agent_usage', rows: [usage('later', at(9))] }]))
    await store.close()
    const refused = await vc(['db', 'restore', backup])
    expect([refused.exit, refused.out]).toEqual([4, ''])
    expect(refused.err).toMatch(/rows since the backup.*agent_usage 1[\s\S]*--yes/)
    const restored = await vc(['db', 'restore', backup, '--yes'])
    expect([restored.exit, restored.err]).toEqual([0, ''])
    expect(restored.out).toMatch(/agent_usage 1[\s\S]*the file that was there is kept: .*vc\.duckdb\.replaced-/)
    expect((await json('query', 'SELECT count(*) AS n FROM agent_usage')).rows).toEqual([{ n: 3 }])
  })
})

describe('while a daemon runs', () => {
  let daemon: ChildProcess
  beforeAll(async () => {
    daemon = spawn(process.execPath, [BIN, 'daemon'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    await new Promise<void>((resolve, reject) => {
      daemon.stdout?.on('data', (bytes) => {
        said += bytes
        if (said.includes('answering on')) resolve()
      })
      daemon.once('exit', (code) => reject(new Error(`the daemon ended with ${code}: ${said}`)))
    })
  })
  afterAll(async () => {
    daemon.removeAllListeners('exit')
    const ended = once(daemon, 'exit')
    daemon.kill('SIGTERM')
    await ended
  })

  test('a question is answered from its snapshot, with the age; info, check and backup go through it', async () => {
    expect(await json('query', 'SELECT count(*) AS n FROM agent_usage')).toMatchObject({
      rows: [{ n: 3 }],
      source: 'snapshot',
      warnings: [expect.stringMatching(/^snapshot: .*\d+ s old/)],
    })
    const info = await json('db', 'info')
    expect(info).toMatchObject({ owner: { pid: daemon.pid }, schema: expect.any(Number), trouble: null })
    expect(info.tables.find((one: { table: string }) => one.table === 'agent_usage').rows).toBe(3)
    expect((await vc(['db', 'check'])).out).toContain("a copy of the daemon's file: every table reads to its end")
    expect((await json('db', 'backup')).rows).toBeGreaterThanOrEqual(3)
  })

  test.each([['restore'], ['rescue']])('%s is refused: the file is in use', async (verb) => {
    const said = await vc(['db', verb, ...(verb === 'restore' ? [...backups().slice(0, 1), '--yes'] : [])])
    expect([said.exit, said.out]).toEqual([4, ''])
    expect(said.err).toMatch(/a daemon \(pid \d+\) owns the store[\s\S]*vc daemon stop/)
  })
})

test('a database that does not open: status names the newest backup and the command that restores it', async () => {
  truncateSync(dbFile, 5000)
  const newest = backups().toSorted().at(-1) ?? ''
  const said = await vc(['status'])
  expect([said.exit, said.out]).toEqual([1, ''])
  expect(said.err).toContain(`${dbFile} does not open`)
  expect(said.err).toContain(`vc db restore ${newest}`)
  const checked = await vc(['db', 'check'])
  expect([checked.exit, checked.err.includes(newest)]).toEqual([1, true])
  const queried = await vc(['query', 'FROM machines'])
  expect([queried.exit, queried.err.includes(dbFile), queried.err.includes(newest)]).toEqual([1, true, true])
  expect((await vc(['db', 'info'])).exit).toBe(1)
  expect((await vc(['db', 'restore', newest, '--yes'])).exit).toBe(0)
  expect((await vc(['status'])).exit).toBe(0)
})

test('a rescue whose reader leaves early is carried through all the same', { timeout: 120_000 }, async () => {
  // Three transactions in the log, as a killed process leaves it: the second is hit.
  const writer = `const { DuckDBInstance } = await import('@duckdb/node-api')
    const c = await (await DuckDBInstance.create(${JSON.stringify(dbFile)})).connect()
    await c.run('CREATE TABLE noise (n BIGINT)')
    for (let n = 0; n < 3; n++) await c.run('INSERT INTO noise SELECT i FROM range(50) r(i)')
    process.kill(process.pid, 'SIGKILL')`
  await once(spawn(process.execPath, ['--input-type=module', '-e', writer], { stdio: 'ignore' }), 'exit')
  damage(`${dbFile}.wal`, Math.floor(statSync(`${dbFile}.wal`).size / 2), 4)
  expect((await vc(['status'])).err).toContain('vc db rescue')

  const child = spawn(process.execPath, [BIN, 'db', 'rescue'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.once('data', () => child.stdout.destroy())
  expect(await once(child, 'exit')).toEqual([0, null])
  const left = readdirSync(dirname(dbFile)).filter((name) => name.includes('.damaged-'))
  expect(left.map((name) => name.replace(/-\d.*/, '')).toSorted()).toEqual([
    'vc.duckdb.damaged',
    'vc.duckdb.wal.damaged',
  ])
  expect((await vc(['status'])).exit).toBe(0)
})
