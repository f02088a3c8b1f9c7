import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/vc.js')
const home = mkdtempSync(join(tmpdir(), 'vc (anew) '))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const vc = (...words: readonly string[]) => {
  const env = { PATH: process.env.PATH ?? '', HOME: home, NO_COLOR: '1' }
  const ran = spawnSync(process.execPath, [BIN, ...words], { encoding: 'utf8', env })
  return { exit: ran.status, out: ran.stdout, err: ran.stderr }
}

test('where the database is gone and backups are there, every first look names the way back', {
  timeout: 120_000,
}, () => {
  const dataDir = join(home, '.local/share/vc')
  const backup = join(dataDir, 'backups', 'vc-20260101T031700Z.duckdb')
  mkdirSync(join(dataDir, 'backups'), { recursive: true, mode: 0o700 })
  writeFileSync(backup, '')
  utimesSync(backup, new Date('2026-01-01T03:17:00Z'), new Date('2026-01-01T03:17:00Z'))
  const wayBack = `vc db restore '${backup}'`

  const info = vc('db', 'info')
  expect([info.exit, info.out]).toEqual([1, expect.stringContaining(wayBack)])
  expect(info.out).not.toContain('vc collect')
  const looked = vc('collect', '--collector', 'git')
  expect([looked.exit, looked.err]).toEqual([0, expect.stringContaining(wayBack)])
  expect(vc('status').out).toContain(wayBack)
  expect(vc('doctor').out).toMatch(
    /✗ the database was begun empty at \S+; what was known before is in a backup\n {4}→ bring it back: vc daemon stop/,
  )
  expect(JSON.parse(vc('robot', 'health').out).warnings).toEqual(
    expect.arrayContaining([expect.stringMatching(/^begun_anew: /)]),
  )
})
