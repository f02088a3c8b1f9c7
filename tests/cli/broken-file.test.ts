import { execFile } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { MIGRATIONS_DIR, openStore, readMigrations } from '../../src/store/index.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

const home = mkdtempSync(join(tmpdir(), 'vc broken '))
const dataDir = join(home, '.local/share/vc')
const dbFile = join(dataDir, 'vc.duckdb')
const log = `${dbFile}.wal`
const whole = join(home, 'whole.duckdb')
const backup = join(dataDir, 'backups', 'vc-20260101T031700Z.duckdb')
const bin = join(home, 'bin')
const env = {
  PATH: [bin, process.env.PATH ?? ''].join(delimiter),
  HOME: home,
  NO_COLOR: '1',
  VC_PING_MS: '10000',
}

const run = (program: string, args: readonly string[]): Promise<{ exit: number; said: string }> =>
  new Promise((resolve) => {
    const child = execFile(program, args, { env, cwd: home }, (error, out, err) =>
      resolve({ exit: error === null ? 0 : Number(error.code), said: `${out}${err}` }),
    )
    child.stdin?.end()
  })
const vc = (...words: readonly string[]) => run(join(bin, 'vc'), words)

beforeAll(async () => {
  mkdirSync(bin, { recursive: true })
  const program = join(import.meta.dirname, '../../bin/vc.js')
  writeFileSync(join(bin, 'vc'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
  chmodSync(join(bin, 'vc'), 0o700)
  await (await openStore({ dataDir, minFreeBytes: 0, now: () => new Date('2026-01-01T00:00:00Z') })).close()
  copyFileSync(dbFile, whole)
})
beforeEach(() => {
  rmSync(dataDir, { recursive: true, force: true })
  mkdirSync(join(dataDir, 'backups'), { recursive: true, mode: 0o700 })
  copyFileSync(whole, dbFile)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const garbage = (path: string): void => {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(20_000, 0xa5), 0, 20_000, 0)
  closeSync(file)
}

/** What nothing can be read of, and what is moved away where there is no backup. */
const UNREADABLE: readonly (readonly [what: string, spoil: () => void, aside: readonly string[]])[] = [
  ['garbage at its beginning', () => garbage(dbFile), [dbFile]],
  ['cut in the middle', () => truncateSync(dbFile, Math.floor(statSync(dbFile).size / 2)), [dbFile]],
  [
    'a directory',
    () => {
      rmSync(dbFile)
      mkdirSync(dbFile)
    },
    [dbFile],
  ],
  [
    'gone, its log is not',
    () => {
      rmSync(dbFile)
      writeFileSync(log, 'what a file held')
    },
    [log],
  ],
  [
    'empty beside its log',
    () => {
      writeFileSync(dbFile, '')
      writeFileSync(log, 'what a file held')
    },
    [dbFile, log],
  ],
]

const ASKED: readonly (readonly string[])[] = [
  ['status'],
  ['robot', 'health', '--json'],
  ['query', 'FROM machines'],
  ['db', 'info'],
  ['db', 'check'],
  ['db', 'backup'],
  ['db', 'rescue'],
  ['daemon', '--detach'],
]

/** Every command names the place and this way back, and leads to no other. */
const allAdvise = async (advice: string, asked = ASKED): Promise<void> => {
  for (const words of asked) {
    const { exit, said } = await vc(...words)
    const text = words.includes('--json') ? String(JSON.parse(said).error.fix) : said
    expect([words, exit, said.includes(dbFile)]).toEqual([words, 1, true])
    expect([words, text]).toEqual([words, expect.stringContaining(advice)])
    expect([words, text]).not.toEqual([words, expect.stringMatching(/vc db (rescue|check|info)/)])
  }
}

const works = async (): Promise<void> => {
  expect((await vc('status')).exit).toBe(0)
  expect((await vc('query', 'FROM machines')).exit).toBe(0)
}

const quoted = (path: string): string => `'${path}'`

describe.each(UNREADABLE)('a database file that is %s', (_, spoil, aside) => {
  test('is brought back from the newest backup, whoever is asked', async () => {
    copyFileSync(whole, backup)
    spoil()
    const advice = `vc db restore ${quoted(backup)}`
    await allAdvise(advice)
    expect((await run('sh', ['-c', `${advice} --yes`])).exit).toBe(0)
    await works()
  })

  test('without a backup is put aside for a new one, whoever is asked', async () => {
    spoil()
    const moves = aside.map((path) => `mv ${quoted(path)} ${quoted(`${path}.unreadable`)}`)
    const advice = [...moves, 'vc collect'].join(' && ')
    await allAdvise(advice, [['status'], ['query', 'FROM machines'], ['db', 'info'], ['db', 'rescue']])
    expect((await run('sh', ['-c', advice])).exit).toBe(0)
    await works()
    expect(readdirSync(dataDir)).toEqual(
      expect.arrayContaining(aside.map((path) => `${path.slice(dataDir.length + 1)}.unreadable`)),
    )
  })
})

test('garbage with a log beside it: a rescue may find something, and where it does not it names the way on', async () => {
  garbage(dbFile)
  writeFileSync(log, 'what a file held')
  const status = await vc('status')
  expect([status.exit, status.said]).toEqual([1, expect.stringContaining('vc db rescue')])
  const moves = [dbFile, log].map((path) => `mv ${quoted(path)} ${quoted(`${path}.unreadable`)}`)
  await allAdvise([...moves, 'vc collect'].join(' && '), [['db', 'rescue']])
  copyFileSync(whole, backup)
  await allAdvise(`vc db restore ${quoted(backup)}`, [['db', 'rescue']])
})

test('a file that a newer vc brought forward names its place, that vc, and the newest backup of before', async () => {
  copyFileSync(whole, backup)
  const list = await readMigrations(MIGRATIONS_DIR)
  const migrations = [...list, { version: list.length + 1, name: 'next', sql: 'SELECT 1', checksum: 'c' }]
  await (await openStore({ dataDir, minFreeBytes: 0, migrations, programVersion: '9.9.9' })).close()
  const advice = `vc db restore ${quoted(backup)}`
  for (const words of [['status'], ['robot', 'health', '--json'], ['db', 'backup'], ['daemon', '--detach']]) {
    const { exit, said } = await vc(...words)
    expect([words, exit, said.includes(dbFile)]).toEqual([words, 1, true])
    expect([words, said]).toEqual([
      words,
      expect.stringContaining(`install vc 9.9.9 or newer; or go back to the newest backup of before: ${advice}`),
    ])
  }
  const info = await vc('db', 'info')
  expect([info.exit, info.said]).toEqual([
    1,
    expect.stringMatching(/schema \d+, which a newer vc made; this vc knows \d+/),
  ])
  expect((await run('sh', ['-c', `${advice} --yes`])).exit).toBe(0)
  await works()
})

test('a file of no bytes is begun anew, and every answer that could pass over it names the newest backup', async () => {
  copyFileSync(whole, backup)
  writeFileSync(dbFile, '')
  const advice = `vc db restore ${quoted(backup)}`
  for (const words of [
    ['query', 'FROM machines'],
    ['db', 'check'],
    ['db', 'rescue'],
    ['db', 'info'],
  ])
    expect([words, await vc(...words)]).toEqual([words, { exit: 1, said: expect.stringContaining(advice) }])
  expect((await vc('collect', '--collector', 'probe')).exit).toBe(0)
  const [{ id }] = JSON.parse((await vc('robot', 'machines', '--json')).said).data.machines
  const told = [
    ['status'],
    ['status', '-m', id],
    ['status', '-m', id, '--json'],
    ['robot', 'health', '--json'],
    ['robot', 'machine', id, '--json'],
    ['db', 'info'],
  ]
  for (const words of told)
    expect([words, await vc(...words)]).toEqual([words, { exit: 0, said: expect.stringContaining(advice) }])
})
