import { afterEach, beforeEach, expect, test } from 'vitest'
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
  expect(said).toMatchObject({ exit: 0, err: '', did: ['collect', 'stop'] })
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
  expect((await collect([])).wanted).not.toHaveProperty('machines')
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

test('while a daemon collects it is refused, naming the daemon', async () => {
  const said = await vc(['collect'], { ...home.parts, pingDaemon: async () => RUNNING })
  expect(said).toMatchObject({
    exit: 4,
    err: expect.stringMatching(/a daemon \(pid 4711\) owns the store[\s\S]*fix: /),
  })
})
