import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { processesOf, ROOT, type Running, startProgram } from './cockpit.ts'

vi.setConfig({ testTimeout: 120_000 })

describe('npm start on this machine', () => {
  let vc: Running | null = null
  afterEach(() => vc?.clean())

  // What one start of the program costs here and now, so that a busy machine is not taken for a slow program.
  const startMs = (): number => {
    const from = performance.now()
    spawnSync(process.execPath, [join(ROOT, 'bin/vc.js'), '--version'])
    return performance.now() - from
  }

  test('shows the first table in time, says where things are, and stops cleanly on Ctrl-C', async () => {
    const yardstickMs = Math.max(startMs(), startMs(), startMs())
    const from = performance.now()
    vc = startProgram([join(ROOT, 'scripts/start.mjs'), 'start'])
    await vc.until(/^MACHINE .*WRONG FIRST$/m)
    const tookMs = performance.now() - from
    expect(tookMs).toBeLessThan(Math.max(9_000, 40 * Math.max(yardstickMs, startMs())))
    await vc.until(/keeps watching here/)
    const said = vc.said()
    expect(said).toMatch(/^Next, in another terminal in this folder: {2}npx vc status · npx vc robot triage/m)
    const [, data = ''] = /^data +(\S+)$/m.exec(said) ?? []
    const [, socket = ''] = /^socket +(\S+)$/m.exec(said) ?? []
    expect([existsSync(data), existsSync(socket)]).toEqual([true, true])
    expect(data.startsWith(vc.home)).toBe(true)
    expect(await vc.interrupt()).toBe(0)
    expect(vc.said()).toContain('vc: stopped')
    expect(existsSync(socket)).toBe(false)
    expect(processesOf(vc.home)).toEqual([])
  })
})

describe('scripts/start.mjs in a checkout of its own', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'vc-start-'))
    for (const dir of ['scripts', 'bin', 'node_modules', 'path']) mkdirSync(join(root, dir))
    copyFileSync(join(ROOT, 'scripts/start.mjs'), join(root, 'scripts/start.mjs'))
    write('bin/vc.js', "process.stdout.write('vc ' + process.argv.slice(2).join(' '))\n")
    write('path/npm', '#!/bin/sh\necho "npm $1 ran" >&2\nexit 7\n')
    chmodSync(join(root, 'path/npm'), 0o755)
    // Without a package.json that says "module", the stub is plain CommonJS.
    lock('package-lock.json', {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    })
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const write = (path: string, text: string): void => writeFileSync(join(root, path), text)
  const lock = (path: string, packages: object): void => write(path, JSON.stringify({ packages }))
  const installed = (packages: object, ageS = 0): void => {
    lock('node_modules/.package-lock.json', packages)
    const at = Date.now() / 1000 - ageS
    utimesSync(join(root, 'node_modules/.package-lock.json'), at, at)
  }
  const start = (argv: readonly string[], more: Record<string, string> = {}) => {
    const env = { PATH: `${join(root, 'path')}:${process.env.PATH}`, HOME: root, ...more }
    const ran = spawnSync(process.execPath, [join(root, 'scripts/start.mjs'), ...argv], { encoding: 'utf8', env })
    return { exit: ran.status, out: ran.stdout, err: ran.stderr }
  }

  test('nothing installed: npm ci runs, and its failure is said with what to do', () => {
    const said = start(['start'])
    expect(said).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('npm ci ran') })
    expect(said.err).toMatch(/npm ci failed .*\n {2}fix: /)
  })

  // Installs as npm ci does, slowly, and notes each time it ran and with whom it met.
  const slowNpm = (): void => {
    const done = JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } })
    write(
      'path/npm',
      `#!/bin/sh
mkdir '${root}/busy' || echo met >> '${root}/runs'
echo ran >> '${root}/runs'
sleep 1
echo '${done}' > '${root}/node_modules/.package-lock.json'
rmdir '${root}/busy'
`,
    )
    write('runs', '')
  }
  const startLater = (argv: readonly string[]) =>
    new Promise<{ exit: number | null; out: string; err: string }>((done) => {
      const env = { PATH: `${join(root, 'path')}:${process.env.PATH}`, HOME: root }
      const child = spawn(process.execPath, [join(root, 'scripts/start.mjs'), ...argv], { env })
      let [out, err] = ['', '']
      child.stdout.on('data', (text: Buffer) => (out += text))
      child.stderr.on('data', (text: Buffer) => (err += text))
      child.on('close', (exit) => done({ exit, out, err }))
    })

  test('starts at the same time install once: the others wait, say so, and go on', async () => {
    slowNpm()
    const all = await Promise.all([1, 2, 3].map(() => startLater(['start'])))
    expect(all.map(({ exit, out }) => [exit, out])).toEqual(Array(3).fill([0, 'vc up']))
    expect(readFileSync(join(root, 'runs'), 'utf8')).toBe('ran\n')
    const waited = all.filter(({ err }) => /another start \(pid \d+\) is installing dependencies; waiting/.test(err))
    expect(waited).toHaveLength(2)
    expect(existsSync(join(root, '.installing.lock'))).toBe(false)
  })

  test('an installer that was killed, or never came to write who it is, is not waited for', () => {
    slowNpm()
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    write('.installing.lock', String(gone))
    expect(start(['start'])).toMatchObject({ exit: 0, out: 'vc up' })
    rmSync(join(root, 'node_modules/.package-lock.json'))
    write('.installing.lock', '')
    const longAgo = Date.now() / 1000 - 60
    utimesSync(join(root, '.installing.lock'), longAgo, longAgo)
    expect(start(['start'])).toMatchObject({ exit: 0, out: 'vc up' })
    expect(readFileSync(join(root, 'runs'), 'utf8')).toBe('ran\nran\n')
  })

  test('an install that fails leaves no lock behind', () => {
    expect(start(['start']).exit).toBe(1)
    expect(existsSync(join(root, '.installing.lock'))).toBe(false)
  })

  test('not installed below who runs from node_modules: nothing is taken away, and the fix is said', () => {
    write('node_modules/in-use', '')
    const said = start(['start'], { VC_NO_INSTALL: '1' })
    expect(said.exit).toBe(1)
    expect(said.err).toMatch(/^vc: node_modules is not what package-lock\.json names\n {2}fix: npm ci/)
    expect(existsSync(join(root, 'node_modules/in-use'))).toBe(true)
  })

  test('installed: arguments pass through and npm is left alone', () => {
    installed({ 'node_modules/a': { version: '1.0.0' } })
    expect(start(['start', '--config', 'ops.toml'])).toEqual({ exit: 0, out: 'vc up --config ops.toml', err: '' })
    expect(start(['demo'])).toMatchObject({ exit: 0, out: 'vc up --demo' })
  })

  test.each([
    ['the same versions under a newer lock file: nothing to do', { 'node_modules/a': { version: '1.0.0' } }, false],
    ['another version', { 'node_modules/a': { version: '0.9.0' } }, true],
    [
      'a package that is no longer wanted',
      { 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } },
      true,
    ],
    ['a package that is missing', {}, true],
  ])('an older install: %s', (_, packages, installs) => {
    installed(packages, 3_600)
    expect(start(['start']).err.includes('npm ci ran')).toBe(installs)
  })

  test('an old Node takes the one npm brought along; without it, one sentence and the fix', () => {
    installed({ 'node_modules/a': { version: '1.0.0' } })
    write(
      'old.cjs',
      "if (process.argv[1].endsWith('start.mjs')) Object.defineProperty(process, 'version', { value: 'v20.9.0' })\n",
    )
    const old = { NODE_OPTIONS: `--require=${join(root, 'old.cjs')}` }
    const refused = start(['start'], old)
    expect(refused).toMatchObject({ exit: 1, out: '' })
    expect(refused.err).toMatch(/this machine has Node v20\.9\.0 .*\n {2}fix: install Node >= 22\.18/)
    mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true })
    symlinkSync(process.execPath, join(root, 'node_modules/node/bin/node'))
    expect(start(['start'], old)).toEqual({ exit: 0, out: 'vc up', err: '' })
  })

  test('a verb nobody knows is refused with those there are', () => {
    expect(start(['go'])).toMatchObject({ exit: 2, err: expect.stringMatching(/knows start, demo, .*; got go/) })
  })
})
