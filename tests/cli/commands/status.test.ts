import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Reader } from '../../../src/core/carrier.ts'
import { VcError } from '../../../src/core/errors.ts'
import { NoDaemon } from '../../../src/transport/socket-client.ts'
import { vc } from '../fake-cli.ts'
import { fakeReader, newHome } from '../fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => home.leave())

const status = async (
  argv: readonly string[],
  answers: Readonly<Record<string, unknown>> = {},
  warnings: readonly string[] = [],
) => {
  const { reader, asked, closed } = fakeReader(answers)
  const warned: Reader = { ...reader, ask: async (request) => ({ ...(await reader.ask(request)), warnings }) }
  const said = await vc(['status', ...argv], { ...home.parts, openReader: async () => warned })
  expect(closed()).toBe(1)
  return { ...said, asked }
}

test('prints the fleet, and with --json the answers it is made of', async () => {
  const table = await status([])
  expect(table).toMatchObject({ exit: 0, err: '' })
  expect(table.out).toMatch(/^MACHINE .*WRONG FIRST\natlas +online/)
  const { machines, usage, triage } = JSON.parse((await status(['--json'])).out)
  expect([machines.topic, usage.topic, triage.topic]).toEqual(['machines', 'usage', 'triage'])
})

test('a machine that does not answer is named until there is an alert: nothing to do must not stand below its line', async () => {
  const shown = {
    top_issue: null,
    agents: {},
    stale: true,
    cpu_pct: null,
    mem_pct: null,
    disk_used_pct: null,
    load5: null,
  }
  const line = (id: string, what: string, why: string | null = 'connect_timeout: no login in time') => ({
    ...{ ...shown, id, status: what, age_s: null, cores: null, status_reason: why },
  })
  const said = async (...lines: object[]) => (await status([], { machines: { machines: lines } })).out
  expect(await said(line('ghost', 'unknown'), line('atlas', 'online'))).toContain(
    'Next: nothing asks for you yet, but ghost does not answer (vc machines probe ghost).',
  )
  expect(await said(line('ghost', 'unknown'), line('borg', 'offline'))).toContain(
    'but ghost and 1 more do not answer (',
  )
  expect(await said(line('atlas', 'online'), line('off', 'disabled'))).toContain('Next: nothing asks for you.\n')
  const unseen = { ...line('new', 'unknown', null), top_issue: 'never reached' }
  const young = await said(line('ghost', 'unknown'), unseen, { ...unseen, id: 'newer' })
  expect(young).toContain(
    'but ghost does not answer (vc machines probe ghost), and the first look at new and 1 more is under way.',
  )
  expect(young).toMatch(/^new .* not looked at yet$/m)
  const nobodyLooks = 'embedded: no daemon is running, so nothing is being collected (start one: vc daemon)'
  expect((await status([], { machines: { machines: [unseen] } }, [nobodyLooks])).out).toContain('new does not answer')
})

test('a daemon that was started with another file tells of that one when it is refused', async () => {
  const words = 'config_refused: the configuration is refused, and the daemon goes on (vc config lint)'
  expect((await status([], undefined, [words])).out).toContain(`note: ${words}`)
})

test('a note that names the way back from a lost database is whole, whatever its path', async () => {
  const restore = `vc db restore /srv/data/${'deep/'.repeat(50)}backups/vc-20260101T031700Z.duckdb`
  const words = `begun_anew: the database was begun empty at 2026-03-10T12:00Z (bring it back: ${restore})`
  for (const argv of [[], ['-m', 'atlas']]) expect((await status(argv, undefined, [words])).out).toContain(restore)
})

test('where nothing new is kept, nothing to do is not said', async () => {
  const full = 'store_disk_full: the disk has 3 MB left, so nothing new is kept (make room)'
  expect((await status(['-m', 'borg'])).out).toContain('Next: nothing asks for you on borg.')
  const told = (await status(['-m', 'borg'], undefined, [full])).out
  expect(told).toContain('Next: mend what the note says of the data of vc; until then nothing new is kept.')
  expect(told).not.toContain('nothing asks for you')
})

test('a file that is refused hides no daemon that runs; without one it is the answer', async () => {
  home.configure('[[machines]]\nid = "atlas"\nssh = "local"\ntagz = []\n')
  const { reader, closed } = fakeReader()
  const beside = await vc(['status', '-m', 'atlas'], { ...home.parts, runningReader: async () => reader })
  expect(beside).toMatchObject({ exit: 0, out: expect.stringMatching(/\natlas +online/) })
  expect(beside.err).toMatch(/the configuration is refused, .*vc\.toml:4: unknown key 'tagz'/)
  expect(closed()).toBe(1)
  const warnings = ['config_refused: the configuration is refused, and the daemon goes on (vc config lint)']
  const saying: Reader = { ...reader, ask: async (request) => ({ ...(await reader.ask(request)), warnings }) }
  const both = await vc(['status'], { ...home.parts, runningReader: async () => saying })
  expect(both.err).toContain('the configuration is refused')
  expect(both.out).not.toContain('refused')
  const alone = await vc(['status'], home.parts)
  expect(alone).toMatchObject({ exit: 2, out: '', err: expect.stringContaining("unknown key 'tagz'") })
})

test('of a daemon that fell silent the last known table is shown, headed by its age, and only what it wrote down is asked', async () => {
  const words =
    'state_file: process 7 (vc daemon, stopped by a signal) does not answer; this is its last written state, 40 s old (let it go on: kill -CONT 7)'
  const { reader, asked } = fakeReader()
  const silent: Reader = {
    ...reader,
    carrier: 'state_file',
    ask: async (request) => ({ ...(await reader.ask(request)), warnings: [words] }),
  }
  const openReader = async () => silent
  const said = await vc(['status'], { ...home.parts, openReader })
  expect(said).toMatchObject({ exit: 0, err: '' })
  expect(said.out).toMatch(/^NOT NOW: process 7 .*, 40 s old \(let it go on: kill -CONT 7\)\n\nMACHINE /)
  expect(said.out).toContain('Next: let the daemon answer again; nothing else asked for you then.')
  expect(said.out).not.toContain('note: ')
  expect(asked).toEqual([
    { topic: 'machines', params: {} },
    { topic: 'usage', params: { since: 'today', by: 'machine' } },
    { topic: 'triage', params: {} },
  ])
  expect((await vc(['status', '--require-fresh', '-m', 'borg'], { ...home.parts, openReader })).exit).toBe(3)
  const missing = await vc(['status', '-m', 'borgg'], { ...home.parts, openReader })
  expect(missing.err).toContain("did you mean 'borg'")
  expect(asked.some(({ topic }) => topic === 'machine')).toBe(false)
})

test('one that was only busy is asked the whole screen', async () => {
  const { reader, asked } = fakeReader()
  const said = await vc(['status'], { ...home.parts, openReader: async () => ({ ...reader, carrier: 'state_file' }) })
  expect(said.out).not.toContain('NOT NOW')
  expect(asked.map(({ topic }) => topic)).toEqual(expect.arrayContaining(['beads', 'accounts']))
})

test('a daemon that goes away in the middle is told with a way on, not as a fault of vc', async () => {
  const openReader = async (): Promise<never> => Promise.reject(new NoDaemon('silent', '/srv/run/vc.sock'))
  const said = await vc(['status'], { ...home.parts, openReader })
  expect(said).toMatchObject({ exit: 1, out: '' })
  expect(said.err).toBe(
    'vc: no daemon answers on /srv/run/vc.sock (silent)\n  fix: see whether one runs: vc daemon status; then try again\n',
  )
})

test('one machine alone, and the past', async () => {
  const one = await status(['-m', 'atlas'])
  expect(one.out).not.toContain('borg')
  const asked = (await status(['--at', '2h'])).asked.map(({ params }) => Date.parse(String(params.at)))
  expect(asked.every((at) => Math.abs(Date.now() - 7_200_000 - at) < 60_000)).toBe(true)
})

test('of one machine what it asks for, also behind what others ask for, and nothing of theirs', async () => {
  const recommend = (n: number, scope: string) => ({ id: `r${n}`, priority: n, title: `trouble ${n}`, description: '', scope, action: 'look' })
  const scopes = ['fleet', ...Array.from({ length: 9 }, () => 'machine:borg'), 'machine:atlas', 'agent:atlas/claude-7k2m', 'agent:atlas2/claude-1']
  const triage = {
    recommendations: scopes.map((scope, i) => recommend(i, scope)),
    suggested_commands: scopes.map((_, i) => ({ command: `vc x${i}`, reason: '', confidence: 1 })),
  }
  const said = await status(['-m', 'atlas'], { triage })
  expect(said.asked.find(({ topic }) => topic === 'triage')?.params).toEqual({ limit: 200 })
  expect(said.out.slice(said.out.indexOf('Next:'))).toBe(
    'Next:\n  1. trouble 10 → look  (vc x10)\n  2. trouble 11 → look  (vc x11)\n',
  )
  const json = JSON.parse((await status(['-m', 'atlas', '--json'], { triage })).out)
  expect(json.machines.data.machines.map(({ id }: { id: string }) => id)).toEqual(['atlas'])
  expect(json.triage.data.recommendations.map(({ id }: { id: string }) => id)).toEqual(['r10', 'r11'])
  expect((await status(['-m', 'borg'])).out).toContain('Next: nothing asks for you on borg.')
}) // biome-ignore format: rows

test('what many have alike is said once, so that the rest of the worst has room; with --json it is not touched', async () => {
  const ids = [...Array.from({ length: 9 }, (_, i) => `disk_low:m${i}:/`), 'agent:borg/x:needs_approval', 'agent:atlas/y:needs_approval', 'mail:borg', 'mail_overdue:atlas:mail', 'mail:eris']
  const triage = {
    recommendations: ids.map((id, i) => ({ id, priority: i + 1, title: `it is ${id}`, description: '', scope: 'fleet', action: 'look' })),
    suggested_commands: ids.map((_, i) => ({ command: `vc x${i}`, reason: '', confidence: 1 })),
  }
  const { out } = await status([], { triage })
  expect(out.slice(out.indexOf('Next:')).trim().split('\n')).toEqual([
    'Next:',
    '  1. it is disk_low:m0:/, and 8 more like it → look  (vc x0)',
    '  2. it is agent:borg/x:needs_approval → look  (vc x9)',
    '  3. it is agent:atlas/y:needs_approval → look  (vc x10)',
    '  4. it is mail:borg, and 2 more like it → look  (vc x11)',
  ])
  const json = await status(['--json'], { triage })
  expect(json.asked.find(({ topic }) => topic === 'triage')?.params).toEqual({ limit: 5 })
  expect(JSON.parse(json.out).triage.data).toEqual(triage)
}) // biome-ignore format: rows

test('a title that is cut says so', async () => {
  const one = { id: 'r', priority: 1, title: 'long '.repeat(40), description: '', scope: 'fleet', action: 'look' }
  const { out } = await status([], { triage: { recommendations: [one], suggested_commands: [{ command: 'vc x' }] } })
  expect(out).toContain(`${'long '.repeat(40).slice(0, 109)}… → look`)
})

test('a clock time is read where the person who asks sits, not where the daemon runs', async () => {
  const before = process.env.TZ
  try {
    process.env.TZ = 'Asia/Kathmandu'
    const { asked } = await status(['--at', 'yesterday 14:00'])
    expect(new Set(asked.map(({ params }) => String(params.at).slice(11)))).toEqual(new Set(['08:15:00.000Z']))
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
})

test('a time that is none, or has not come, is refused before anybody is asked', async () => {
  for (const at of ['teatime', '2099-01-01T00:00:00Z']) {
    const said = await vc(['status', '--at', at], { ...home.parts })
    expect(said).toMatchObject({ exit: 2, out: '', err: expect.stringMatching(/is not a time|lies in the future/) })
  }
})

test('--require-fresh is exit 3 only when something shown is stale', async () => {
  expect((await status(['--require-fresh'])).exit).toBe(3)
  expect((await status(['--require-fresh', '-m', 'atlas'])).exit).toBe(0)
  expect((await status([])).exit).toBe(0)
})

test.each([
  ['atals', 2, "no machine is called 'atals'; did you mean 'atlas'?", 'machines: atlas, borg'],
  ['off', 2, 'off is disabled: nobody looks at it', 'vc machines enable off'],
])('a machine it cannot show, %s: why, and what to do', async (id, exit, says, fix) => {
  const said = await status(['-m', id])
  expect(said).toMatchObject({ exit, out: '' })
  expect(said.err).toContain(says)
  expect(said.err).toContain(`fix: ${fix}`)
})

test('a configured machine nobody looked at yet was never reached: that is an answer, and not a fresh one', async () => {
  const said = await status(['-m', 'atlas'], { machines: { machines: [] } })
  expect(said).toMatchObject({ exit: 0, err: '' })
  expect(said.out).toMatch(/\natlas +unknown +never +\? .* never reached: nothing has looked at it yet\n/)
  expect(said.out).toContain('Next: let vc look first; nothing is known yet of atlas.')
  expect((await status(['-m', 'atlas', '--require-fresh'], { machines: { machines: [] } })).exit).toBe(3)
  expect((await status(['-m', 'atlas', '--at', '2h'], { machines: { machines: [] } })).out).toMatch(
    /\natlas .* nothing had looked at it by then\n/,
  )
  expect((await status(['-m', 'atlsa'], { machines: { machines: [] } })).err).toContain("did you mean 'atlas'?")
})

test('a fleet of which nothing is known yet asks to be looked at, and is not fresh', async () => {
  const unseen = (argv: readonly string[]) =>
    status(argv, { machines: { machines: [] } }, ['not_looked_yet: nothing has looked yet at atlas (vc collect)'])
  expect((await unseen([])).out).toContain('Next: let vc look first; nothing is known yet of what the note names.')
  expect((await unseen(['--require-fresh'])).exit).toBe(3)
})

test('a machine that stands in a file that is not loaded is not called unreached, and nothing about it is fresh', async () => {
  const said = async (argv: readonly string[]) => {
    const { reader } = fakeReader({ machines: { machines: [] } })
    const openReader = async (): Promise<Reader> => ({
      ...reader,
      ask: async (request) => ({ ...(await reader.ask(request)), notLoaded: ['atlas'] }),
    })
    return vc(['status', ...argv], { ...home.parts, openReader })
  }
  const { out } = await said(['-m', 'atlas'])
  expect(out).toMatch(
    /\natlas +unknown +never .* not loaded: it stands in a file that changed since \(vc config reload\)\n/,
  )
  const next = 'Next: let vc take its configuration up (vc config reload); nothing is known yet of atlas.'
  expect([out, (await said([])).out]).toEqual([expect.stringContaining(next), expect.stringContaining(next)])
  for (const argv of [[], ['-m', 'atlas']]) expect((await said([...argv, '--require-fresh'])).exit).toBe(3)
})

test('an answer that fails keeps its exit code, and the reader is let go', async () => {
  const silent = new VcError('daemon_silent', 'process 7 does not answer', 'vc daemon stop', { exitCode: 124 })
  expect(await status([], { machines: silent })).toMatchObject({ exit: 124, err: expect.stringContaining('process 7') })
})

test('a format it does not have is refused before anybody is asked', async () => {
  const said = await vc(['status', '--format', 'xml'], home.parts)
  expect(said).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('formats: table, json') })
})
