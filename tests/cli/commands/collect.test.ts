import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configSections } from '../../../src/config/index.ts'
import { VcError } from '../../../src/core/errors.ts'
import { type LookWish, type NotLooked, type ToldRun, toldRun } from '../../../src/core/looked.ts'
import { acquireLock } from '../../../src/store/lock.ts'
import { vc } from '../fake-cli.ts'
import { fakeCockpit, newHome, RUNNING, runOf, STORED } from '../fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => home.leave())

const GOOD = [runOf('atlas', 'probe'), STORED] as const
const BAD = [
  runOf('borg', 'git', { up: false, fault: 'timeout', detail: 'took\u001b[2J too long', batches: [] }),
  STORED,
] as const
const REFUSED = [runOf('atlas', 'git'), { ok: false, fault: 'persist_failed', detail: 'disk_full: 5 bytes' }] as const

const collect = async (argv: readonly string[], runs: Parameters<typeof fakeCockpit>[0] = [GOOD]) => {
  const cockpit = fakeCockpit(runs)
  const said = await vc(['collect', ...argv], { ...home.parts, startCockpit: cockpit.startCockpit })
  return { ...said, did: cockpit.did, wanted: cockpit.wanted[0] }
}

test('a line per run, why one failed, and how many were well', async () => {
  const said = await collect([], [GOOD, BAD, REFUSED])
  expect(said).toMatchObject({ exit: 0, err: '', did: ['collect', 'judge', 'stop'] })
  expect(said.out.split('\n')).toEqual([
    'atlas  probe  ok  41 ms, 812 bytes, 1 rows',
    expect.stringMatching(/^borg {2}git {2}timeout {2}41 ms, 812 bytes, 0 rows {2}took\S* too long$/),
    'atlas  git  persist_failed  41 ms, 812 bytes, 1 rows  disk_full: 5 bytes',
    '1 of 3 runs ok',
    '',
  ])
  expect(said.out).not.toContain('\u001b')
})

test('--explain says which tables, how many rows were new, and the version', async () => {
  const { out } = await collect(['--explain'])
  expect(out).toContain('    sys_samples: 1 rows\n    stored: 1 new, 0 known already\n')
  expect(out).toContain('    version 1.2.3, cpu 3 ms\n')
})

test('machines and collectors may be repeated or listed; what is not named is not passed on', async () => {
  const { wanted } = await collect(['-m', 'atlas,borg', '--collector', 'git', '--collector', 'probe'])
  expect([[...(wanted?.machines ?? [])], [...(wanted?.collectors ?? [])]]).toEqual([
    ['atlas', 'borg'],
    ['git', 'probe'],
  ])
  expect((await collect([])).wanted).toMatchObject({ machines: [], collectors: [] })
})

test.each([
  [['-m', 'atals'], "there is no machine 'atals'", "did you mean 'atlas'?"],
  [['--collector', 'prob'], "there is no collector 'prob'", "did you mean 'probe'?"],
])('%j is refused with the nearest name, and the store is let go', async (argv, says, fix) => {
  const said = await collect(argv)
  expect(said).toMatchObject({ exit: 2, out: '', did: ['stop'] })
  expect(said.err).toContain(says)
  expect(said.err).toContain(fix)
})

test('--json is one object with every run; a refused one is not up', async () => {
  const { runs } = JSON.parse((await collect(['--json'], [GOOD, REFUSED])).out)
  expect(runs).toMatchObject([
    { machine: 'atlas', collector: 'probe', up: true, fault: null, duration_ms: 41, rows: 1 },
    { machine: 'atlas', collector: 'git', up: false, fault: 'persist_failed', detail: 'disk_full: 5 bytes' },
  ])
})

test('exit 1 when no run was well', async () => expect((await collect([], [BAD, REFUSED])).exit).toBe(1))

test.each([
  ['EPIPE', 0, ''],
  ['ENOSPC', 1, 'vc: the answer could not be written whole: ENOSPC\n  fix: make room'],
])('%s on what is printed ends neither the look nor the closing of the store', async (code, exit, says) => {
  const cockpit = fakeCockpit([GOOD])
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const said = await vc(['collect'], {
    ...home.parts,
    io: { stdin: new PassThrough(), stdout, stderr, env: {} },
    async startCockpit(...given) {
      const started = await cockpit.startCockpit(...given)
      const looking = async (wish: Parameters<typeof started.collect>[0]) => {
        stdout.emit('error', Object.assign(new Error(code), { code }))
        return started.collect(wish)
      }
      return { ...started, collect: looking }
    },
  })
  expect([said.exit, cockpit.did]).toEqual([exit, ['collect', 'judge', 'stop']])
  expect(String(stderr.read() ?? '')).toContain(says)
})

const OFF: NotLooked = {
  machine: 'borg',
  collector: null,
  why: 'disabled',
  detail: 'the machine is disabled: vc looks at nothing there',
  fix: 'vc machines enable borg',
}
const WAITS: NotLooked = { ...OFF, why: 'backing_off', detail: 'it did not answer', fix: 'vc collect -m borg' }

const beside = (argv: readonly string[], told: readonly ToldRun[], notLooked: readonly NotLooked[] | VcError = []) => {
  const wishes: LookWish[] = []
  const said = vc(['collect', ...argv], {
    ...home.parts,
    pingDaemon: async () => RUNNING,
    async lookBeside(_loaded, wish, { onRun }) {
      wishes.push(wish)
      for (const run of told) onRun(run)
      if (notLooked instanceof VcError) throw notLooked
      return notLooked
    },
  })
  return said.then((end) => ({ ...end, wishes }))
}
const TOLD = toldRun(...GOOD)

test('a daemon that only starts is waited for, and then it looks', async () => {
  const { paths } = await home.parts.loadConfig(undefined)
  const lock = await acquireLock(paths.dataDir)
  const pings = Array.from({ length: 40 }, () => null)
  const said = await vc(['collect', '-m', 'atlas'], {
    ...home.parts,
    pingDaemon: async () => (pings.length > 0 ? (pings.pop() ?? null) : RUNNING),
    async lookBeside(_loaded, _wish, { onRun }) {
      onRun(TOLD)
      return []
    },
  }).finally(() => lock.release())
  expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('1 of 1 runs ok') })
  expect(said.err).toMatch(/process \d+ \(.+\) has the store open; waiting until it answers or is done, half a minute/)
})

test('beside a daemon the daemon looks, and what it sees is shown as without one', async () => {
  const older = { ...toldRun(...BAD), was_running: true, started_at: new Date(Date.now() - 12_000).toISOString() }
  const said = await beside(['-m', 'atlas', '--explain'], [TOLD, older], [OFF])
  expect(said).toMatchObject({ exit: 0, err: '', wishes: [{ machines: ['atlas'], collectors: [] }] })
  expect(said.out).toContain('atlas  probe  ok  41 ms, 812 bytes, 1 rows\n    sys_samples: 1 rows\n')
  expect(said.out).toContain('borg  git  timeout  41 ms, 812 bytes, 0 rows  (began 12 s ago)  took')
  expect(said.out).toContain(
    'borg  not looked at  the machine is disabled: vc looks at nothing there (vc machines enable borg)\n1 of 2 runs ok, 1 not looked at\n',
  )
})

test.each<[string, readonly string[], readonly ToldRun[], readonly NotLooked[], number]>([
  ['everything was seen', ['--require-fresh'], [TOLD], [], 0],
  ['some of it was not', ['--require-fresh'], [TOLD, toldRun(...BAD)], [], 3],
  ['a machine was not asked', ['--require-fresh'], [TOLD], [WAITS], 3],
  ['a machine was not asked, and nobody minds', [], [TOLD], [WAITS], 0],
  ['nobody could be asked', [], [], [WAITS], 1],
  ['all of it is switched off', [], [], [OFF], 4],
])('%s: exit as the page of exit codes says', async (_what, argv, told, notLooked, exit) => {
  expect((await beside([...argv, '--json'], told, notLooked)).exit).toBe(exit)
})

test('what the daemon could not end is said with its exit code, after what was seen', async () => {
  const lost = new VcError('daemon_lost', 'the daemon went away', 'look', { exitCode: 5 })
  const said = await beside([], [TOLD], lost)
  expect(said).toMatchObject({ exit: 5, err: expect.stringMatching(/the daemon went away[\s\S]*fix: look/) })
  expect(said.out).toContain('atlas  probe  ok')
})

test('a daemon that went away between the question whether it is there and the wish: this process looks', async () => {
  const cockpit = fakeCockpit([GOOD], [OFF])
  const { startCockpit } = cockpit
  const parts = { ...home.parts, startCockpit, pingDaemon: async () => RUNNING, lookBeside: async () => null }
  const said = await vc(['collect', '--json'], parts)
  expect(JSON.parse(said.out)).toMatchObject({ runs: [{ machine: 'atlas' }], not_looked: [OFF] })
  expect(cockpit.did).toEqual(['collect', 'judge', 'stop'])
})

test('help says how soon a machine that does not answer is asked again', async () => {
  const { out } = await vc(['collect', '--help'])
  expect(out.replace(/\s+/g, ' ')).toContain(
    'only where -m names it, and not again within polling.retry_min_seconds (5 s) of the last try',
  )
  expect(configSections().flatMap(({ keys }) => keys)).toContainEqual(
    expect.objectContaining({ path: 'polling.retry_min_seconds', default: 5 }),
  )
})
