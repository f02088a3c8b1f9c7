import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/vc.js')

// A built program in vc's place: tells where it is kept compiled.
const PROGRAM = `import { getCompileCacheDir } from 'node:module'
export const main = async () => { console.log(getCompileCacheDir() ?? 'nowhere'); return 0 }`

let dir = ''
let home = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-cache-'))
  home = join(dir, 'home')
  mkdirSync(home, { mode: 0o755 })
  mkdirSync(join(dir, 'dist'))
  writeFileSync(join(dir, 'package.json'), '{"type":"module","version":"7.8.9"}')
  writeFileSync(join(dir, 'dist/main.js'), PROGRAM)
  cpSync(dirname(BIN), join(dir, 'bin'), { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const run = (word: string, more: Record<string, string> = {}): string => {
  const env = { PATH: process.env.PATH ?? '', HOME: home, ...more }
  const ran = spawnSync(process.execPath, [join(dir, 'bin/vc.js'), word], { encoding: 'utf8', env })
  expect(ran).toMatchObject({ status: 0, stderr: '' })
  return ran.stdout.trim()
}

const own = (): string => join(home, '.cache/vc')

describe('an installed program is kept compiled for its user', () => {
  test('by what makes other things too, for all that follow; a daemon reads it anew', () => {
    expect(run('collect')).toContain(join(own(), 'compiled-7.8.9'))
    expect(statSync(own()).mode & 0o777).toBe(0o700)
    const [ofThisNode = ''] = readdirSync(join(own(), 'compiled-7.8.9'))
    expect(readdirSync(join(own(), 'compiled-7.8.9', ofThisNode))).not.toEqual([])
    expect(run('machines')).toContain(own())
    expect(run('daemon')).toBe('nowhere')
  })

  test('a command that only looks makes nothing', () => {
    expect(run('machines')).toBe('nowhere')
    expect(readdirSync(home)).toEqual([])
  })

  test('where the user keeps such things, but not at a place that depends on the current folder', () => {
    expect(run('collect', { XDG_CACHE_HOME: join(home, 'kept') })).toContain(join(home, 'kept/vc'))
    expect(run('collect', { XDG_CACHE_HOME: 'kept' })).toContain(own())
  })

  test('what an earlier version left goes, what is not of this kind stays', () => {
    for (const name of ['compiled-7.8.8', 'notes']) mkdirSync(join(own(), name), { recursive: true, mode: 0o700 })
    run('collect')
    expect(readdirSync(own()).sort()).toEqual(['compiled-7.8.9', 'notes'])
  })
})

describe('what is kept is run, so nothing is kept where somebody else could write', () => {
  test.each([
    ['the home', ''],
    ['the cache', '.cache'],
    ['the folder of vc', '.cache/vc'],
    ['the folder of this version', '.cache/vc/compiled-7.8.9'],
  ])('%s', (_, open) => {
    run('collect')
    chmodSync(join(home, open), 0o777)
    expect(run('machines')).toBe('nowhere')
    expect(run('collect')).toBe('nowhere')
  })

  test('a link in its place', () => {
    const elsewhere = join(dir, 'elsewhere')
    mkdirSync(join(elsewhere, 'compiled-7.8.9'), { recursive: true, mode: 0o700 })
    mkdirSync(join(home, '.cache'), { mode: 0o755 })
    symlinkSync(elsewhere, own())
    mkdirSync(join(elsewhere, 'compiled-7.8.8'))
    expect(run('collect')).toBe('nowhere')
    expect(readdirSync(elsewhere).sort()).toEqual(['compiled-7.8.8', 'compiled-7.8.9'])
    expect(readdirSync(join(elsewhere, 'compiled-7.8.9'))).toEqual([])
  })

  test.runIf(process.getuid?.() === 0)('the home of somebody else, as with sudo: nothing is made there', () => {
    chownSync(home, 12345, 12345)
    expect(run('collect')).toBe('nowhere')
    expect(readdirSync(home)).toEqual([])
  })

  test('a file in its place', () => {
    writeFileSync(join(home, '.cache'), 'a file')
    expect(run('collect')).toBe('nowhere')
    expect(existsSync(own())).toBe(false)
  })
})
