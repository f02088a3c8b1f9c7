import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lookHere, parseHere } from '../../src/commands/doctor-facts.ts'
import { type HereFacts, judgeHere } from '../../src/commands/doctor-here.ts'
import { openHere } from '../../src/commands/open-here.ts'
import type { LoadedConfig } from '../../src/config/index.ts'
import { bytesText } from '../../src/core/bytes.ts'

const GB = 1024 ** 3
const WELL: HereFacts = {
  config: { path: '/home/me/vc.toml', mode: 0o600 },
  folders: [{ path: '/data', what: 'data folder', mode: 0o700, mine: true, writable: true }],
  dataDir: '/data',
  freeBytes: 80 * GB,
  minFreeBytes: GB / 2,
  openFiles: 65_536,
  sshMachines: 10,
  maxConnections: 1000,
  missing: [],
  path: '/usr/bin:/bin',
  backup: { path: '/data/backups/vc.duckdb', ageS: 3600 },
  storeAgeS: 30 * 86_400,
}
const wrong = (over: Partial<HereFacts>) => judgeHere({ ...WELL, ...over }).filter((f) => f.level !== 'ok')

test('where nothing is wrong, nothing is complained about', () => expect(wrong({})).toEqual([]))

test('too few open files for the machines there are', () => {
  expect(wrong({ openFiles: 256, sshMachines: 300 })).toMatchObject([
    {
      level: 'bad',
      topic: 'limit',
      says: expect.stringContaining('256 open files'),
      fix: expect.stringContaining('ulimit -n'),
    },
  ])
  expect(wrong({ openFiles: 256, sshMachines: 300, maxConnections: 50 })).toEqual([])
  expect(wrong({ openFiles: null })).toEqual([])
})

test('a disk below the floor stops vc; one near it is a warning; one that cannot be asked is not called full', () => {
  expect(wrong({ freeBytes: GB / 4 })).toMatchObject([{ level: 'bad', says: expect.stringContaining('256 MB free') }])
  expect(wrong({ freeBytes: GB })).toMatchObject([{ level: 'warn', topic: 'disk' }])
  expect(wrong({ freeBytes: null })).toMatchObject([{ level: 'warn', says: expect.stringContaining('not known') }])
})

test('a missing program is said to be off the PATH, with that PATH and what is lost', () => {
  expect(wrong({ missing: ['ssh', 'tmux'] })).toMatchObject([
    { level: 'bad', says: expect.stringMatching(/^ssh is not on vc's PATH \(\/usr\/bin:\/bin\)/) },
    { level: 'warn', says: expect.stringContaining('terminals of agents') },
  ])
})

test('folders of others, open to others, or read-only', () => {
  const folder = WELL.folders[0] as HereFacts['folders'][number]
  expect(wrong({ folders: [{ ...folder, mine: false }] })).toMatchObject([{ level: 'bad' }])
  const mounted = { ...folder, writable: false }
  expect(wrong({ folders: [mounted] })).toMatchObject([{ level: 'bad', fix: expect.stringContaining('mount it') }])
  expect(wrong({ folders: [{ ...mounted, mode: 0o500 }] })).toMatchObject([{ level: 'bad', fix: 'chmod u+w /data' }])
  expect(wrong({ folders: [{ ...folder, mode: 0o755 }] })).toMatchObject([{ level: 'warn', fix: 'chmod 700 /data' }])
  expect(wrong({ folders: [{ ...folder, mode: null, mine: false, writable: false }] })).toEqual([])
})

test('an old backup, or none for a store that had time for one', () => {
  expect(wrong({ backup: { path: '/b', ageS: 5 * 86_400 } })).toMatchObject([{ says: 'newest backup /b, 5 d old' }])
  expect(wrong({ backup: null })).toMatchObject([{ topic: 'backup', fix: 'vc db backup' }])
  expect(wrong({ backup: null, storeAgeS: 3600 })).toEqual([])
  expect(wrong({ backup: null, storeAgeS: null })).toEqual([])
})

test('the shell answer is read by its own words only', () => {
  expect(parseHere('welcome\nfiles\t1024\npath\t/bin\nmissing\ttmux\nmissing\trm -rf\n')).toEqual({
    openFiles: 1024,
    path: '/bin',
    missing: ['tmux'],
  })
  expect(parseHere('')).toEqual({ openFiles: null, path: '', missing: [] })
  expect(parseHere('files\tunlimited\n').openFiles).toBeGreaterThan(1e9)
})

test('a real look at a folder that does not exist yet knows its disk all the same', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-here-'))
  mkdirSync(join(dir, 'run'), { mode: 0o755 })
  const paths = { dataDir: join(dir, 'not', 'yet'), runDir: join(dir, 'run'), dbFile: join(dir, 'not', 'yet', 'db') }
  const config = { store: { min_free_bytes: 1 }, polling: { max_connections: 10 }, machines: [] }
  const here = openHere()
  try {
    const facts = await lookHere(
      { config, paths, source: { is: 'built_in' } } as unknown as LoadedConfig,
      here,
      new Date(),
    )
    expect(facts).toMatchObject({ config: null, backup: null, storeAgeS: null, sshMachines: 0 })
    expect(facts.freeBytes).toBeGreaterThan(0)
    expect(facts.openFiles).toBeGreaterThan(0)
    expect(facts.folders.map((folder) => folder.mode === null)).toEqual([true, false])
  } finally {
    await here.close()
    rmSync(dir, { recursive: true })
  }
})

test('bytes as people read them', () => {
  expect([0, 999, 1024, 536_870_912, 1.5 * GB].map(bytesText)).toEqual(['0 B', '999 B', '1.0 kB', '512 MB', '1.5 GB'])
})
