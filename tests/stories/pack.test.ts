import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeCorpus } from '../../bench/corpus/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const LIMIT_MS = 240_000

let dir: string
let packed: readonly string[]
let home: string
const npmEnv = { ...process.env, npm_config_audit: 'false', npm_config_fund: 'false', npm_config_loglevel: 'error' }

const npm = (cwd: string, ...args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync('npm', args, { cwd, encoding: 'utf8', env: npmEnv, timeout: LIMIT_MS })

const vc = (...args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync('npx', ['--no-install', 'vc', ...args], {
    cwd: join(dir, 'user'),
    encoding: 'utf8',
    env: { HOME: home, PATH: process.env.PATH ?? '', NO_COLOR: '1', TMUX_TMPDIR: home, VC_PING_MS: '4000' },
    timeout: LIMIT_MS,
  })

/** The sources in a folder of their own, so that packing never touches the dist of the checkout. */
const copySources = (to: string): void => {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(ROOT)) {
    if (['node_modules', '.git', 'dist', 'bench'].includes(name)) continue
    cpSync(join(ROOT, name), join(to, name), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'))
}

interface Lock {
  readonly packages: Record<string, { dev?: boolean; optional?: boolean }>
}

/** What the checkout pins, without what only developers need: npm takes it from its cache where the checkout put it. */
const writeUser = (folder: string, tarball: string): void => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object }
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock
  const wanted = { 'vibe-cockpit': `file:${tarball}` }
  const kept = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  const packages = {
    '': { name: 'user', dependencies: wanted },
    ...Object.fromEntries(kept),
    'node_modules/vibe-cockpit': {
      version: '0.1.0',
      resolved: `file:${tarball}`,
      dependencies: manifest.dependencies,
      bin: { vc: 'bin/vc.js' },
    },
  }
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, dependencies: wanted }))
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ name: 'user', lockfileVersion: 3, requires: true, packages }),
  )
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-pack-'))
  home = join(dir, 'home')
  mkdirSync(home)
  copySources(join(dir, 'sources'))
  const pack = npm(join(dir, 'sources'), 'pack', '--json', '--pack-destination', dir)
  expect(pack.status, pack.stderr).toBe(0)
  // The build speaks first.
  const [told] = JSON.parse(pack.stdout.slice(pack.stdout.search(/^\[/m))) as [
    { filename: string; files: { path: string }[] },
  ]
  packed = told.files.map(({ path }) => path)
  writeUser(join(dir, 'user'), join(dir, told.filename))
  const installed = npm(join(dir, 'user'), 'ci', '--prefer-offline', '--omit=dev')
  expect(installed.status, installed.stderr).toBe(0)
}, LIMIT_MS)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('the package holds the program, its migrations and the recorded fleet, and no test or source beside them', () => {
  for (const path of ['bin/vc.js', 'bin/package.json', 'dist/main.js', 'dist/robot.cjs', 'migrations/0001_spine.sql'])
    expect(packed).toContain(path)
  expect(packed.filter((path) => path.startsWith('tests/') && !path.startsWith('tests/fixtures/fleet/'))).toEqual([])
  expect(packed.filter((path) => /^(src|bench|scripts|node_modules)\//.test(path))).toEqual([])
  expect(packed.some((path) => path.startsWith('tests/fixtures/fleet/'))).toBe(true)
})

test('every page that README leads to comes along: messages of vc name them, too', () => {
  const links = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to)
  const there = (to: string): boolean => packed.some((path) => path === to || path.startsWith(`${to}/`))
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((to) => !there(to))).toEqual([])
})

test('what only developers need is not installed', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const there = new Set(readdirSync(join(dir, 'user/node_modules')))
  expect(Object.keys(devDependencies).filter((name) => !name.includes('/') && there.has(name))).toEqual([])
  // mysql2 brings the types of Node along
  const types = there.has('@types') ? readdirSync(join(dir, 'user/node_modules/@types')) : []
  expect(types.filter((name) => name !== 'node')).toEqual([])
})

// As src/tui/ui/contrib-chart.ts does it, with what the package brings and blessed as the user has it.
const DRAW = `
import { PassThrough } from 'node:stream'
import blessed from 'blessed'
const { default: line } = await import('vibe-cockpit/dist/tui/line-chart.cjs')
const tty = () => Object.assign(new PassThrough(), { isTTY: true, columns: 90, rows: 20 })
const screen = blessed.screen({ input: tty(), output: tty(), terminal: 'xterm', warnings: false })
const x = Array.from({ length: 60 }, (_, at) => String(at))
const chart = line({ screen, width: 80, height: 14, minY: 0, maxY: 100, showLegend: false, style: { line: 200, text: 201, baseline: 202 } })
chart.emit('attach')
chart.setData([{ title: 'cpu', x, y: x.map((at) => 50 + 40 * Math.sin(at / 9)), style: { line: 200 } }])
process.stdout.write(chart.ctx._canvas.frame())
process.exit(0)
`

test('the chart that is bundled draws a curve, and the cockpit of the package finds it', () => {
  const user = join(dir, 'user')
  writeFileSync(join(user, 'draw.mjs'), DRAW)
  const drawn = spawnSync(process.execPath, ['draw.mjs'], { cwd: user, encoding: 'utf8', timeout: LIMIT_MS })
  expect(drawn.status, drawn.stderr).toBe(0)
  expect(drawn.stdout.match(/[\u2801-\u28ff]/g)?.length ?? 0).toBeGreaterThan(40)
  const dist = join(user, 'node_modules/vibe-cockpit/dist')
  const loaders = readdirSync(join(dist, 'chunks')).filter(
    (name) =>
      name.endsWith('.js') && readFileSync(join(dist, 'chunks', name), 'utf8').includes('../tui/line-chart.cjs'),
  )
  // From there the widget lies in the folder beside: only chunks may load it.
  expect(loaders).not.toEqual([])
})

test(
  'a user collects, looks and asks; transcripts are read by the workers of the bundle',
  () => {
    const truth = writeCorpus(11, { home, bytes: 256 * 1024, rare: false })
    const collected = vc('collect')
    expect(collected.status, collected.stdout + collected.stderr).toBe(0)
    const usage = vc('robot', 'usage', '--since', '3650d', '--json')
    expect(usage.status, usage.stderr).toBe(0)
    const { data } = JSON.parse(usage.stdout) as { data: { total: { messages: number } } }
    expect(data.total.messages).toBe(truth.claude.total().messages + truth.codex.total().messages)
    // On a busy machine half a minute may have passed since: then it is called degraded, and its age says why.
    expect(vc('status')).toMatchObject({ status: 0, stdout: expect.stringMatching(/ (online|degraded) +\d+s /) })
    expect(JSON.parse(vc('robot', 'health').stdout)).toMatchObject({ schema_version: 'vc.robot.health.v1' })
  },
  LIMIT_MS,
)
