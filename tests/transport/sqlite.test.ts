import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker } from '../../src/transport/asker.ts'
import { WorkerPool } from '../../src/transport/workers/pool.ts'
import { hasProgram } from '../programs.ts'
import { shMachine } from './sh-machine.ts'

const dir = mkdtempSync(join(tmpdir(), 'vc-sqlite-'))
const path = join(dir, "it's.db")
const pool = new WorkerPool()
let writer: DatabaseSync

beforeAll(() => {
  writer = new DatabaseSync(path)
  writer.exec(`PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER, name TEXT, at REAL);
    INSERT INTO t VALUES (1, 'a"b''c' || char(10) || 'é', 1.5), (9007199254740993, NULL, NULL);`)
})
afterAll(async () => {
  writer.close()
  await pool.close()
  rmSync(dir, { recursive: true, force: true })
})

/** A PATH with only these tools of the machine, for machines that lack one. */
function pathWith(tools: readonly string[]): string {
  const bin = mkdtempSync(join(dir, 'bin-'))
  for (const tool of tools) {
    const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, tool))
    symlinkSync(
      found.find((file) => !file.includes('shims') && existsFile(file)) ?? `/usr/bin/${tool}`,
      join(bin, tool),
    )
  }
  return bin
}
const existsFile = (file: string): boolean => process.getBuiltinModule('node:fs').existsSync(file)

const there = (tools?: readonly string[]) =>
  openAsker({
    executor: shMachine(tools ? { shell: ['/bin/sh', '-s'], env: { PATH: pathWith(tools) } } : {}),
    local: false,
  }).beginRun()

const BASE = ['sh', 'timeout', 'cat']
const machines = [
  ['in process', () => openAsker({ executor: shMachine(), local: true }).beginRun()],
  [
    'in the worker pool',
    () => openAsker({ executor: shMachine(), local: true, work: (job, payload) => pool.run(job, payload) }).beginRun(),
  ],
  ...(hasProgram('sqlite3') ? [['by sqlite3 there', () => there([...BASE, 'sqlite3'])] as const] : []),
  ...(hasProgram('python3') ? [['by python3 there', () => there([...BASE, 'python3'])] as const] : []),
] as const

describe.each(machines)('a database asked %s', (_, open) => {
  test('gives rows, with whole numbers exact and text as it is', async () => {
    expect(await open().sqlite(path, 'SELECT id, name, at FROM t ORDER BY id')).toEqual({
      is: 'rows',
      rows: [
        { id: 1, name: 'a"b\'c\né', at: 1.5 },
        { id: 9007199254740993n, name: null, at: null },
      ],
    })
    expect(await open().sqlite(path, 'SELECT 1 AS x WHERE 0')).toEqual({ is: 'rows', rows: [] })
  })

  test('is never written to', async () => {
    expect(await open().sqlite(path, 'DELETE FROM t')).toMatchObject({
      is: 'fault',
      fault: 'exit_code',
      detail: expect.stringMatching(/readonly/),
    })
  })

  test('tells missing, irregular and not a database apart', async () => {
    const junk = join(dir, 'junk.db')
    writeFileSync(junk, 'this is not a database, and long enough to be looked at as one'.repeat(20))
    const run = open()
    expect(await run.sqlite(join(dir, 'none.db'), 'SELECT 1')).toEqual({ is: 'missing' })
    expect(await run.sqlite(dir, 'SELECT 1')).toMatchObject({ is: 'fault', fault: 'bad_output' })
    expect(await run.sqlite(junk, 'SELECT * FROM sqlite_master')).toMatchObject({ is: 'fault', fault: 'bad_output' })
    expect(await run.sqlite(path, 'SELECT * FROM nope')).toMatchObject({
      is: 'fault',
      fault: 'exit_code',
      detail: expect.stringContaining('nope'),
    })
  })
})

test('a machine with neither sqlite3 nor python3 says which is missing', async () => {
  expect(await there(BASE).sqlite(path, 'SELECT 1')).toEqual({
    is: 'fault',
    fault: 'tool_missing',
    detail: 'neither sqlite3 (3.33 or later) nor python3',
  })
})

test('SQL that sqlite3 would take as a command of its own is refused', async () => {
  await expect(there().sqlite(path, 'SELECT 1;\n.shell id')).rejects.toMatchObject({ code: 'bad_ask' })
})

test('a database whose folder is gone is missing', async () => {
  mkdirSync(join(dir, 'gone'))
  rmSync(join(dir, 'gone'), { recursive: true })
  expect(await there().sqlite(join(dir, 'gone', 'x.db'), 'SELECT 1')).toEqual({ is: 'missing' })
})
