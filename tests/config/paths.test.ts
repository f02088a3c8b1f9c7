import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureOwnDir, ensurePaths, leaveTempDirs, resolvePaths, type Surroundings } from '../../src/config/index.ts'
import { makeDir } from '../../src/config/make-dir.ts'
import { homeOf } from '../../src/config/paths.ts'

const at = (home: string, env: Record<string, string> = {}): Surroundings => ({
  env,
  home,
  tmp: '/tmp',
  uid: 1000,
  cwd: '/work',
})

test('data and state follow XDG, and never XDG_RUNTIME_DIR', () => {
  const usual = resolvePaths(at('/home/ann', { XDG_RUNTIME_DIR: '/run/user/1000' }))
  expect(usual).toMatchObject({
    dataDir: '/home/ann/.local/share/vc',
    dbFile: '/home/ann/.local/share/vc/vc.duckdb',
    knownHostsFile: '/home/ann/.local/share/vc/known_hosts',
    socketFile: '/home/ann/.local/state/vc/run/vc.sock',
    pidFile: '/home/ann/.local/state/vc/run/vc.pid',
    controlDir: '/home/ann/.local/state/vc/run/cm',
  })
  const moved = resolvePaths(at('/home/ann', { XDG_DATA_HOME: '/d', XDG_STATE_HOME: '/s' }))
  expect([moved.dataDir, moved.runDir]).toEqual(['/d/vc', '/s/vc/run'])
  expect(resolvePaths(at('/home/ann', { XDG_DATA_HOME: 'relative' })).dataDir).toBe(usual.dataDir)
})

test('two data dirs never share a socket', () => {
  const one = resolvePaths(at('/home/ann'))
  const other = resolvePaths(at('/home/ann'), { data_dir: '/srv/vc' })
  expect(other.socketFile).not.toBe(one.socketFile)
  expect(resolvePaths(at('/home/ann'), { data_dir: '~/.local/share/vc' }).socketFile).toBe(one.socketFile)
})

test('a home too deep for a socket address gets a short folder, the same every time', () => {
  const deep = at(`/home/${'x'.repeat(90)}`)
  const paths = resolvePaths(deep)
  expect(paths.runDir).toMatch(/^\/tmp\/vc-1000-[0-9a-f]{8}$/)
  expect(Buffer.byteLength(paths.socketFile)).toBeLessThanOrEqual(100)
  expect(Buffer.byteLength(paths.controlDir) + 58).toBeLessThanOrEqual(100)
  expect(resolvePaths(deep)).toEqual(paths)
  expect(resolvePaths(at(`/home/${'y'.repeat(90)}`)).runDir).not.toBe(paths.runDir)
  const umlauts = resolvePaths(at(`/home/${'ü'.repeat(40)}`))
  expect(Buffer.byteLength(umlauts.socketFile)).toBeLessThanOrEqual(100)
})

let dir: string
const uid = process.getuid?.() ?? 0
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-dirs-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const mode = (path: string): number => lstatSync(path).mode & 0o777

test('folders are made 0700, and an own one that was readable is closed', () => {
  mkdirSync(join(dir, '.local/share/vc'), { recursive: true, mode: 0o755 })
  const paths = resolvePaths({ env: {}, home: dir, tmp: dir, uid, cwd: dir })
  ensurePaths(paths, uid)
  for (const made of [paths.dataDir, paths.stateDir, paths.runDir, paths.logDir]) {
    expect(mode(made)).toBe(0o700)
  }
})

test('a folder that others can write, that is a link or that is somebody else’s is refused', () => {
  const open = join(dir, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  expect(() => ensureOwnDir(open, uid)).toThrow(/can be written by others \(mode 0777\)/)
  symlinkSync(dir, join(dir, 'link'))
  expect(() => ensureOwnDir(join(dir, 'link'), uid)).toThrow(/is a link/)
  expect(() => ensureOwnDir(dir, uid + 1)).toThrow(/belongs to uid/)
})

test('a user without HOME and without an account, as in a container, is told what to set', () => {
  const noAccount = (): never => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)')
  }
  expect(() => homeOf({}, noAccount)).toThrow(
    expect.objectContaining({ code: 'no_home', fix: expect.stringMatching(/^set HOME/) }),
  )
  expect(homeOf({ HOME: '/home/ann' }, noAccount)).toBe('/home/ann')
})

test('an empty, relative or missing HOME is not taken for a place', () => {
  expect(homeOf({ HOME: '/home/ann' })).toBe('/home/ann')
  for (const env of [{ HOME: '' }, { HOME: 'ann' }, {}]) expect(homeOf(env)).toBe(userInfo().homedir)
})

test('a folder that cannot be made is refused with its place and what to do', () => {
  expect(() => ensureOwnDir('/dev/null/vc', process.getuid?.() ?? 0)).toThrow(
    /^\/dev\/null\/vc cannot be made: ENOTDIR/,
  )
})

test('a folder below /proc, where a parent is there and yet nothing can be made, is refused and not tried for ever', () => {
  for (const dir of ['/proc/nope/vc', '/proc/nope'])
    expect(() => ensureOwnDir(dir, process.getuid?.() ?? 0)).toThrow(/^\/proc\/nope.* cannot be made: E/)
})

test('a link to nowhere is not taken for a folder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-paths-'))
  symlinkSync(join(dir, 'gone'), join(dir, 'link'))
  expect(() => makeDir(join(dir, 'link', 'vc'))).toThrow(/cannot be made: EEXIST/)
  makeDir(join(dir, 'a', 'b'))
  makeDir(join(dir, 'a', 'b'))
  expect(statSync(join(dir, 'a', 'b')).mode & 0o777).toBe(0o700)
  rmSync(dir, { recursive: true })
})

test.each([120, 60])(
  'folders under the temp dir go with a clean stop, but nothing of others (home of %i characters)',
  (chars) => {
    const home = mkdtempSync(join(tmpdir(), 'vc-paths-'))
    const uid = process.getuid?.() ?? 0
    const paths = resolvePaths({
      env: {},
      home: join(home, 'x'.repeat(Math.max(1, chars - home.length - 1))),
      tmp: home,
      uid,
      cwd: home,
    })
    const inTemp = (): readonly string[] => readdirSync(home).filter((name) => name.startsWith('vc-'))
    const start = (): void => {
      ensurePaths(paths, uid)
      mkdirSync(paths.controlDir, { mode: 0o700 })
      writeFileSync(paths.stateFile, '{}')
    }
    start()
    expect(inTemp().length).toBeGreaterThan(0)
    writeFileSync(join(paths.controlDir, 'socket of another'), '')
    leaveTempDirs(paths)
    expect(readdirSync(paths.controlDir)).toEqual(['socket of another'])
    rmSync(paths.controlDir, { recursive: true })
    start()
    leaveTempDirs(paths)
    expect(inTemp()).toEqual([])
    rmSync(home, { recursive: true })
  },
)

test('an unsafe folder for control sockets is refused although it is made only with the first of them', () => {
  const home = mkdtempSync(join(tmpdir(), 'vc-paths-'))
  const uid = process.getuid?.() ?? 0
  const paths = resolvePaths({ env: {}, home, tmp: home, uid, cwd: home })
  mkdirSync(paths.controlDir, { recursive: true })
  chmodSync(paths.controlDir, 0o777)
  expect(() => ensurePaths(paths, uid)).toThrow(/can be written by others/)
  rmSync(home, { recursive: true })
})
