import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MIGRATIONS_DIR, openStore, readMigrations } from '../../src/store/index.ts'
import { appendAll, at, count, runOf, sys, tempDir, tempStore } from './support.ts'

describe('opening', () => {
  test('settles what SQL may do before anybody can ask', async () => {
    const store = await tempStore()
    const settings = await store.db.rows(
      `SELECT name, value FROM duckdb_settings() WHERE name IN ('TimeZone', 'enable_external_access', 'lock_configuration',
        'autoinstall_known_extensions', 'autoload_known_extensions', 'allow_community_extensions', 'threads') ORDER BY name`,
    )
    expect(Object.fromEntries(settings.map((row) => [row.name, row.value]))).toEqual({
      TimeZone: 'UTC',
      allow_community_extensions: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      enable_external_access: 'false',
      lock_configuration: 'true',
      threads: '1',
    })
    for (const sql of [
      "COPY machines TO '/tmp/vc-evil.csv'",
      "SELECT * FROM read_text('/etc/hostname')",
      'SET threads = 1',
    ]) {
      await expect(store.db.rows(sql)).rejects.toMatchObject({ code: 'query_failed' })
    }
  })

  test('spills to its own folder when a query outgrows its memory', async () => {
    const store = await tempStore({ memoryLimitMb: 64 })
    const rows = await store.db.rows(
      'SELECT count(*) AS n FROM (SELECT i, row_number() OVER (ORDER BY hash(i)) AS r FROM range(3_000_000) AS t(i))',
    )
    expect(rows).toEqual([{ n: 3_000_000 }])
  })

  test('is refused a second time in the same process', async () => {
    const store = await tempStore()
    await expect(openStore({ dataDir: store.dataDir })).rejects.toMatchObject({ code: 'store_locked' })
    const lock = { path: '', holder: { pid: 1, start: null, at: '' }, release: async () => undefined }
    await expect(openStore({ dataDir: store.dataDir, lock })).rejects.toMatchObject({ code: 'store_open' })
  })

  test('is refused while another process has the file', async () => {
    const dir = tempDir()
    const lock = { path: '', holder: { pid: 1, start: null, at: '' }, release: async () => undefined }
    const code = `const { DuckDBInstance } = require('@duckdb/node-api');
      DuckDBInstance.create(process.argv[1]).then(async (i) => { await i.connect(); console.log('open'); setInterval(() => i, 1000) })`
    const { spawn } = await import('node:child_process')
    const child = spawn(process.execPath, ['-e', code, join(dir, 'vc.duckdb')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await new Promise((done) => child.stdout.once('data', done))
      await expect(openStore({ dataDir: dir, lock })).rejects.toMatchObject({ code: 'store_locked' })
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('a broken file names the newest backup and the command', async () => {
    const dir = tempDir()
    mkdirSync(join(dir, 'backups'))
    writeFileSync(join(dir, 'backups', 'vc-1.duckdb'), '')
    writeFileSync(join(dir, 'vc.duckdb'), 'x'.repeat(20_000))
    await expect(openStore({ dataDir: dir })).rejects.toMatchObject({
      code: 'store_broken',
      message: expect.stringContaining(join(dir, 'vc.duckdb')),
      fix: `restore the newest backup: vc db restore ${join(dir, 'backups', 'vc-1.duckdb')}`,
    })
  })
})

describe('migrations', () => {
  const reopen = async (dir: string, change: (list: Awaited<ReturnType<typeof readMigrations>>) => unknown[]) => {
    const list = await readMigrations(MIGRATIONS_DIR)
    return openStore({ dataDir: dir, migrations: change(list) as never, programVersion: '9.9.9' })
  }

  test('are applied once and remembered', async () => {
    const dir = tempDir()
    const first = await openStore({ dataDir: dir, programVersion: '0.1.0', now: () => at(0) })
    await first.close()
    const second = await openStore({ dataDir: dir })
    const list = await readMigrations(MIGRATIONS_DIR)
    expect(await second.db.rows('SELECT version, checksum FROM schema_migrations ORDER BY version')).toEqual(
      list.map(({ version, checksum }) => ({ version, checksum })),
    )
    await second.close()
  })

  test('a catalogue newer than the program is refused with the version to install', async () => {
    const dir = tempDir()
    const next = await reopen(dir, (list) => [
      ...list,
      { version: list.length + 1, name: 'next', sql: 'CREATE TABLE later (x INTEGER)', checksum: 'c' },
    ])
    await next.close()
    await expect(openStore({ dataDir: dir })).rejects.toMatchObject({
      code: 'store_newer',
      message: expect.stringMatching(new RegExp(`^${dir}/vc\\.duckdb: the database was migrated to schema \\d+ `)),
      fix: 'install vc 9.9.9 or newer',
    })
  })

  test('it names the newest backup of before, which this program reads', async () => {
    const dir = tempDir()
    mkdirSync(join(dir, 'backups'))
    for (const day of ['01', '02', '04']) {
      const path = join(dir, 'backups', `vc-202601${day}T000000Z.duckdb`)
      writeFileSync(path, '')
      utimesSync(path, new Date(`2026-01-${day}`), new Date(`2026-01-${day}`))
    }
    const list = await readMigrations(MIGRATIONS_DIR)
    const next = { version: list.length + 1, name: 'next', sql: 'SELECT 1', checksum: 'c' }
    await (await openStore({ dataDir: dir, now: () => new Date('2026-01-01T00:00:00Z') })).close()
    const newer = { migrations: [...list, next], programVersion: '9.9.9', now: () => new Date('2026-01-03T00:00:00Z') }
    await (await openStore({ dataDir: dir, ...newer })).close()
    await expect(openStore({ dataDir: dir })).rejects.toMatchObject({
      code: 'store_newer',
      fix: `install vc 9.9.9 or newer; or go back to the newest backup of before: vc db restore ${join(dir, 'backups', 'vc-20260102T000000Z.duckdb')}`,
    })
  })

  test('of several newer versions the last one is to be installed', async () => {
    const dir = tempDir()
    const list = await readMigrations(MIGRATIONS_DIR)
    const later = (n: number) => ({ version: list.length + n, name: `later${n}`, sql: 'SELECT 1', checksum: 'c' })
    for (const [n, version] of ['0.2.0', '0.3.0'].entries()) {
      const migrations = [...list, ...[later(1), later(2)].slice(0, n + 1)]
      await (await openStore({ dataDir: dir, migrations, programVersion: version })).close()
    }
    await expect(openStore({ dataDir: dir })).rejects.toMatchObject({
      code: 'store_newer',
      message: expect.stringContaining(`schema ${list.length + 2} (later2) by vc 0.3.0`),
      fix: 'install vc 0.3.0 or newer',
    })
  })

  test('a changed migration is refused', async () => {
    const dir = tempDir()
    await (await openStore({ dataDir: dir })).close()
    await expect(reopen(dir, ([first, ...rest]) => [{ ...first, checksum: 'other' }, ...rest])).rejects.toMatchObject({
      code: 'migration_changed',
      message: expect.stringContaining('migration 1 (spine)'),
    })
  })

  test('a failing migration leaves the file as it was', async () => {
    const dir = tempDir()
    await (await openStore({ dataDir: dir })).close()
    const bad = { name: 'bad', sql: 'CREATE TABLE half (x INTEGER); SELECT nonsense', checksum: 'c' }
    await expect(reopen(dir, (list) => [...list, { version: list.length + 1, ...bad }])).rejects.toMatchObject({
      code: 'migration_failed',
    })
    const store = await openStore({ dataDir: dir })
    expect(store.catalog.has('half')).toBe(false)
    await store.close()
  })

  test('of a new file a failing one is named, and those before it stay', async () => {
    const dir = tempDir()
    const bad = { name: 'bad', sql: 'CREATE TABLE half (x INTEGER); SELECT nonsense', checksum: 'c' }
    await expect(reopen(dir, (list) => [...list, { version: list.length + 1, ...bad }])).rejects.toMatchObject({
      code: 'migration_failed',
      message: expect.stringMatching(/^migration \d+ \(bad\) failed: .*nonsense/s),
    })
    const store = await openStore({ dataDir: dir })
    expect(store.catalog.has('half')).toBe(false)
    const list = await readMigrations(MIGRATIONS_DIR)
    const [applied] = await store.db.rows(
      `SELECT max(version) AS newest, min(program_version) AS by FROM schema_migrations`,
    )
    expect(applied).toEqual({ newest: list.length, by: '9.9.9' })
    await store.close()
  })

  test.each([['0002_gap.sql'], ['1_short.sql'], ['0001_Bad Name.sql']])('a file named %s is refused', async (file) => {
    const dir = tempDir()
    writeFileSync(join(dir, file), '')
    await expect(readMigrations(dir)).rejects.toMatchObject({ code: 'bad_migration' })
  })
})

describe('keeping', () => {
  test('a copy is a whole database, made while the store lives', async () => {
    const store = await tempStore()
    await appendAll(store, runOf([{ table: 'sys_samples', rows: [sys(0)] }]))
    const path = await store.copyTo('backups', 'vc-2026.duckdb')
    await appendAll(store, runOf([{ table: 'sys_samples', rows: [sys(30)] }], { startedAt: at(30) }))
    expect(await count(store, 'sys_samples')).toBe(2)
    expect(statSync(path).size).toBeGreaterThan(0)
    const copyDir = tempDir()
    execFileSync('cp', [path, join(copyDir, 'vc.duckdb')])
    const copy = await openStore({ dataDir: copyDir })
    expect(await count(copy, 'sys_samples')).toBe(1)
    await copy.close()
    await expect(store.copyTo('backups', '../x')).rejects.toMatchObject({ code: 'bad_name' })
  })

  test('closing writes everything that waits and leaves no log behind', async () => {
    const dir = tempDir()
    const store = await openStore({ dataDir: dir, groupWindowMs: 60_000, minFreeBytes: 0 })
    const waiting = store.append(runOf([{ table: 'sys_samples', rows: [sys(0)] }]))
    await store.close()
    expect(await waiting).toMatchObject({ ok: true })
    expect(() => statSync(join(dir, 'vc.duckdb.wal'))).toThrow()
  })
})

describe('a death of the database inside the process', () => {
  // A file size limit makes a write fail as a full disk does; only a process of its own may run under it.
  test('is survived by opening again; nothing acknowledged is lost', { timeout: 120_000 }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'vc-fatal-'))
    try {
      const child = join(import.meta.dirname, 'fatal-child.ts')
      const script = 'trap "" XFSZ; ulimit -S -f "$1"; exec "$2" "$3" "$4"'
      const limitBlocks = 20 * 1024 * 2 // sh counts blocks of 512 bytes; more than the log before its first checkpoint
      const ran = spawnSync('sh', ['-c', script, 'sh', String(limitBlocks), process.execPath, child, dir], {
        encoding: 'utf8',
        timeout: 100_000,
      })
      expect(ran.stderr).not.toMatch(/Error:/)
      const said = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>
      expect(said).toMatchObject({ readable: true })
      expect(said.deaths).toBeGreaterThan(0)
      // A group may have reached the log before the death: then it is there without having been acknowledged.
      expect(said.rows).toBeGreaterThanOrEqual(Number(said.acknowledged))
      expect(said.keys).toBe(said.rows)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
