import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/vc.js')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-bin-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const env = (more: Record<string, string> = {}) => ({ PATH: process.env.PATH ?? '', HOME: home, TERM: 'dumb', ...more })

const run = (argv: readonly string[], more: Record<string, string> = {}, node: readonly string[] = [], bin = BIN) => {
  const ran = spawnSync(process.execPath, [...node, bin, ...argv], { encoding: 'utf8', cwd: home, env: env(more) })
  return { exit: ran.status, out: ran.stdout, err: ran.stderr }
}

test('0: an answer, and nothing is made by looking', () => {
  expect(run(['config', 'lint'])).toMatchObject({ exit: 0, err: '' })
  expect(run(['config', 'paths', '--json'])).toMatchObject({ exit: 0, err: '' })
  expect(spawnSync('ls', ['-A', home], { encoding: 'utf8' }).stdout).toBe('')
})

test('what an older Node calls experimental does not stand in the stderr of an answer; other warnings do', () => {
  const warns = (type: string) => {
    const preload = join(home, `${type}.cjs`)
    writeFileSync(preload, `setImmediate(() => process.emitWarning('SQLite is new', '${type}'))`)
    return run(['config', 'lint'], {}, ['--require', preload])
  }
  expect(warns('ExperimentalWarning')).toMatchObject({ exit: 0, err: '' })
  expect(warns('DeprecationWarning').err).toContain('SQLite is new')
})

test('1: a machine that cannot be reached', () => {
  writeFileSync(join(home, 'ops.toml'), '[[machines]]\nid = "gone"\nssh = "nobody@127.0.0.1:1"\n', { mode: 0o600 })
  const said = run(['--config', 'ops.toml', 'machines', 'probe', '--json'])
  expect(said.exit).toBe(1)
  expect(JSON.parse(said.out)).toMatchObject([{ id: 'gone', class: 'refused', fix: expect.stringContaining('sshd') }])
})

// Written to, this device is a disk without room.
const FULL = '/dev/full'

test.skipIf(!existsSync(FULL))('1: an answer that finds no room where it goes is said to be cut, in a sentence', () => {
  const full = openSync(FULL, 'w')
  const ran = spawnSync(process.execPath, [BIN, 'config', 'paths'], {
    encoding: 'utf8',
    cwd: home,
    env: env(),
    stdio: ['ignore', full, 'pipe'],
  })
  closeSync(full)
  expect(ran.status).toBe(1)
  expect(ran.stderr).toMatch(/^vc: the answer could not be written whole: .*no space left.*\n {2}fix: .*\n$/i)
})

test('2: what nobody reads on stderr does not change the exit code', async () => {
  const child = spawn(process.execPath, [BIN, 'config', 'nosuch'], { cwd: home, env: env(), stdio: 'pipe' })
  child.stderr.destroy()
  expect(await new Promise((done) => child.once('exit', done))).toBe(2)
})

test('2: a refused configuration names every problem with line and fix, whatever the command', () => {
  writeFileSync(join(home, 'ops.toml'), '[poling]\n[store]\nthreads = 0\n', { mode: 0o600 })
  for (const argv of [['machines', 'list'], ['status']]) {
    const said = run(['--config', 'ops.toml', ...argv])
    expect(said).toMatchObject({ exit: 2, out: '' })
    expect(said.err).toContain("ops.toml:1: unknown section [poling]\n  fix: did you mean 'polling'?")
    expect(said.err).toContain('ops.toml:3: store.threads must be a whole number from 1 to 64, not 0')
  }
  const lint = run(['config', 'lint', 'ops.toml', '--json'])
  expect(lint.exit).toBe(2)
  expect(JSON.parse(lint.out)).toMatchObject({ ok: false, problems: [{ line: 1 }, { line: 3 }] })
})

test('init, add, disable and lint work together on a fresh home', () => {
  expect(run(['config', 'init']).exit).toBe(0)
  expect(run(['config', 'init'])).toMatchObject({ exit: 2, err: expect.stringContaining('was not touched') })
  expect(run(['machines', 'add', 'atlas', 'ann@atlas:2222', '--tag', 'gpu', '--tag', 'far'])).toMatchObject({
    exit: 0,
    err: '',
  })
  expect(run(['machines', 'add', 'atlas'])).toMatchObject({
    exit: 2,
    err: expect.stringContaining("has a machine 'atlas' already"),
  })
  expect(run(['machines', 'disable', 'atlas']).exit).toBe(0)
  const file = join(home, '.config/vc/vc.toml')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const [here, atlas] = JSON.parse(run(['config', 'show', '--json']).out).config.machines
  expect(here).toMatchObject({ ssh: 'local', enabled: true })
  expect(atlas).toMatchObject({ id: 'atlas', ssh: 'ann@atlas:2222', tags: ['gpu', 'far'], enabled: false })
  expect(run(['config', 'lint']).out).toContain('ok (2 machines named, warnings: 0)')
}, 60_000)

test('a reader that closes early ends the command without a word', async () => {
  const command = `"$1" "$2" config init --print | head -1`
  const ran = spawnSync('sh', ['-c', command, 'sh', process.execPath, BIN], { encoding: 'utf8', env: env() })
  expect(ran.stdout).toMatch(/^# vc\.toml/)
  expect(ran.stderr).toBe('')
})

describe('the start', () => {
  const pretend = (version: string): string[] => {
    const text = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`
    return ['--import', `data:text/javascript,${encodeURIComponent(text)}`]
  }

  test('an old Node is refused in one sentence with the way out', () => {
    const alone = join(home, 'checkout/bin/vc.js')
    mkdirSync(join(home, 'checkout/src'), { recursive: true })
    writeFileSync(join(home, 'checkout/package.json'), '{"type":"module"}')
    writeFileSync(join(home, 'checkout/src/main.ts'), 'export const main = async () => 0\n')
    cpSync(dirname(BIN), dirname(alone), { recursive: true })
    const old = run(['--version'], {}, pretend('20.11.0'), alone)
    expect(old).toMatchObject({ exit: 2, out: '' })
    expect(old.err).toMatch(/^vc: this is Node 20\.11\.0; vc needs Node 22\.13 or newer\n {2}fix: /)
    expect(run([], {}, pretend('22.14.0'), alone).err).toContain('vc needs Node 22.18')
    expect(run([], {}, [], alone)).toMatchObject({ exit: 0, err: '' })
  })

  test('with an old Node the one the checkout brings along takes over, exit code and signal included', async () => {
    const checkout = join(home, 'checkout')
    for (const dir of ['src', 'bin', 'node_modules/.bin']) mkdirSync(join(checkout, dir), { recursive: true })
    writeFileSync(join(checkout, 'package.json'), '{"type":"module"}')
    const main = `export const main = async (argv: string[]) => {
      if (argv[0] === 'code') return 5
      setInterval(() => {}, 1000)
      process.on('SIGTERM', () => { console.log('ended'); process.exit(7) })
      console.log('waiting')
      return await new Promise<number>(() => {})
    }`
    writeFileSync(join(checkout, 'src/main.ts'), main)
    writeFileSync(join(checkout, 'node_modules/.bin/node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, {
      mode: 0o755,
    })
    const bin = join(checkout, 'bin/vc.js')
    cpSync(dirname(BIN), dirname(bin), { recursive: true })
    expect(run(['code'], {}, pretend('20.11.0'), bin).exit).toBe(5)
    const child = spawn(process.execPath, [...pretend('20.11.0'), bin, 'wait'], {
      env: env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    const ended = new Promise<number | null>((done) => child.on('exit', done))
    for await (const chunk of child.stdout) {
      out += chunk
      if (out === 'waiting\n') child.kill('SIGTERM')
    }
    expect([await ended, out]).toEqual([7, 'waiting\nended\n'])
  })

  test('sources are kept compiled in node_modules of their checkout; where that cannot be, nothing is said or made', () => {
    const checkout = join(home, 'checkout')
    for (const dir of ['src', 'node_modules']) mkdirSync(join(checkout, dir), { recursive: true })
    writeFileSync(join(checkout, 'package.json'), '{"type":"module"}')
    const tell = (word: string) =>
      `export const main = async (): Promise<number> => { console.log('${word}'); return 0 }`
    writeFileSync(join(checkout, 'src/main.ts'), tell('first'))
    const bin = join(checkout, 'bin/vc.js')
    cpSync(dirname(BIN), dirname(bin), { recursive: true })
    const start = () => run([], {}, [], bin)
    const kept = join(checkout, 'node_modules/.cache/vc')
    for (const word of ['first', 'second', 'third']) {
      // What is kept of an older text is not what runs.
      writeFileSync(join(checkout, 'src/main.ts'), tell(word))
      expect([start(), start()]).toEqual([1, 2].map(() => ({ exit: 0, out: `${word}\n`, err: '' })))
    }
    expect(readdirSync(kept, { recursive: true }).length).toBeGreaterThan(1)
    rmSync(kept, { recursive: true })
    writeFileSync(kept, 'in the way')
    expect(start()).toEqual({ exit: 0, out: 'third\n', err: '' })
    rmSync(join(checkout, 'node_modules'), { recursive: true })
    expect(start()).toEqual({ exit: 0, out: 'third\n', err: '' })
    expect(readdirSync(checkout).toSorted()).toEqual(['bin', 'package.json', 'src'])
  })

  test('in a checkout without dist the thin source answers first', () => {
    const checkout = join(home, 'checkout')
    for (const dir of ['bin', 'src/robot']) mkdirSync(join(checkout, dir), { recursive: true })
    writeFileSync(join(checkout, 'package.json'), '{"type":"module"}')
    writeFileSync(join(checkout, 'src/main.ts'), 'export const main = async () => { console.log("full"); return 0 }')
    const thin = 'export const run = async (argv: string[]) => argv[1] === "health" ? (console.log("thin"), 3) : null'
    writeFileSync(join(checkout, 'src/robot/thin.ts'), thin)
    cpSync(dirname(BIN), join(checkout, 'bin'), { recursive: true })
    const at = (...argv: string[]) => run(argv, {}, [], join(checkout, 'bin/vc.js'))
    expect(at('robot', 'health')).toEqual({ exit: 3, out: 'thin\n', err: '' })
    expect(at('robot', 'other')).toEqual({ exit: 0, out: 'full\n', err: '' })
    expect(at('machines')).toEqual({ exit: 0, out: 'full\n', err: '' })
  })

  test('the thin file answers first; when it has no answer the full program does', () => {
    const checkout = join(home, 'built')
    for (const dir of ['bin', 'dist']) mkdirSync(join(checkout, dir), { recursive: true })
    writeFileSync(join(checkout, 'package.json'), '{"type":"module"}')
    writeFileSync(join(checkout, 'dist/main.js'), 'export const main = async () => { console.log("full"); return 0 }')
    writeFileSync(
      join(checkout, 'dist/robot.cjs'),
      'exports.run = async (argv) => { if (argv[1] !== "health") return null; console.log("thin"); return 3 }',
    )
    cpSync(dirname(BIN), join(checkout, 'bin'), { recursive: true })
    const at = (...argv: string[]) => run(argv, {}, [], join(checkout, 'bin/vc.js'))
    expect(at('robot', 'health')).toEqual({ exit: 3, out: 'thin\n', err: '' })
    expect(at('robot', 'other')).toEqual({ exit: 0, out: 'full\n', err: '' })
    expect(at('machines')).toEqual({ exit: 0, out: 'full\n', err: '' })
  })
})
