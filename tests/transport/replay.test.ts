import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import type { Answer, ScriptAsk } from '../../src/core/ask.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openReplay, type ReplayExecutor } from '../../src/transport/replay.ts'
import { recordFrame } from '../../src/transport/replay-record.ts'
import { setClock } from '../../src/transport/replay-template.ts'
import { shMachine } from './sh-machine.ts'

const root = mkdtempSync(join(tmpdir(), 'vc-replay-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const OPENED = Date.parse('2026-01-02T00:00:00Z')
let count = 0

/** A recording on disk: the manifest and the files it names. */
function recording(manifest: object, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  count += 1
  const dir = join(root, `machine-${count}`)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true })
    writeFileSync(join(dir, name), content)
  }
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ format: 1, about: 'for a test', ...manifest }))
  return dir
}

const asking = (executor: ReplayExecutor) => openAsker({ executor, local: false }).beginRun()
const named = (name: string, more: Partial<ScriptAsk> = {}): ScriptAsk => ({ script: `# vc:ask ${name}\n:`, ...more })
const text = (answer: Answer): string => Buffer.from(answer.stdout).toString('utf8')

test('an ask gets its recorded answer: outputs, exit status and duration', async () => {
  const answers = [{ ask: 'git.status', stdout: 'out', stderr: 'err', exitCode: 3, durationMs: 120 }]
  const run = asking(openReplay({ dir: recording({ answers }, { out: 'dirty\n', err: 'oh\n' }) }))
  const answer = await run.run(named('git.status', { args: ['any'] }))
  expect(answer).toMatchObject({ fault: null, exitCode: 3, durationMs: 120 })
  expect([text(answer), Buffer.from(answer.stderr).toString()]).toEqual(['dirty\n', 'oh\n'])
})

test('arguments tell recordings apart, and several for one ask are played in turn, the last one staying', async () => {
  const answers = [
    { ask: 'x.y', args: ['a'], stdout: 'a1' },
    { ask: 'x.y', args: ['a'], stdout: 'a2' },
    { ask: 'x.y', args: ['b'], stdout: 'b' },
  ]
  const machine = openReplay({ dir: recording({ answers }, { a1: 'a1', a2: 'a2', b: 'b' }) })
  const run = asking(machine)
  const ask = async (arg: string) => text(await run.run(named('x.y', { args: [arg] })))
  expect([await ask('a'), await ask('a'), await ask('a')]).toEqual(['a1', 'a2', 'a2'])
  expect(machine.unused()).toEqual(['x.y'])
  expect(await ask('b')).toBe('b')
  expect(machine.unused()).toEqual([])
})

test('one argument tells recordings apart, and an answer carries the nonce it was asked with', async () => {
  const answers = ['%0', '%1'].map((pane) => ({ ask: 'x.y', argAt: { 1: pane }, stdout: pane, template: true }))
  const machine = openReplay({ dir: recording({ answers }, { '%0': '@{arg.0} none', '%1': '@{arg.0} one@{arg.7}' }) })
  const run = asking(machine)
  const ask = async (...args: readonly string[]) => text(await run.run(named('x.y', { args })))
  expect([await ask('n1', '%1'), await ask('n2', '%0')]).toEqual(['n1 one', 'n2 none'])
  expect(machine.complaints).toEqual([])
  await ask('n3', '%2')
  expect(machine.complaints).toHaveLength(1)
})

test('an ask nobody recorded is complained about and costs its neighbours nothing', async () => {
  const machine = openReplay({ dir: recording({ answers: [{ ask: 'known', stdout: 'out' }] }, { out: 'fine' }) })
  const run = asking(machine)
  const [strange, known] = await Promise.all([run.run(named('strange', { args: ['--x'] })), run.run(named('known'))])
  expect(strange).toMatchObject({ fault: null, exitCode: 127 })
  expect(Buffer.from(strange.stderr).toString()).toMatch(/no recording of strange with arguments \["--x"\]/)
  expect(text(known)).toBe('fine')
  expect(machine.complaints).toHaveLength(1)
})

test('a script that takes a list is answered piece by piece, in the order asked', async () => {
  const each = {
    argsPerItem: 2,
    keyArg: 1,
    head: '<',
    tail: '>',
    items: { '/a': '[@{i} A]', '/b': '[@{i} B]' },
    otherwise: '[@{i} ?]',
  }
  const run = asking(openReplay({ dir: recording({ answers: [{ ask: 'list', each }] }) }))
  const args = ['x', '/b', 'x', 'constructor', 'x', '/a']
  expect(text(await run.run(named('list', { args })))).toBe('<[1 B][2 ?][3 A]>')
})

test('recordings with times follow the clock and begin anew', async () => {
  let now = OPENED
  const answers = [
    { ask: 't', stdout: 'early', atS: 0 },
    { ask: 't', stdout: 'late', atS: 60 },
  ]
  const run = asking(
    openReplay({ dir: recording({ answers, loopS: 100 }, { early: 'early', late: 'late' }), now: () => now }),
  )
  const at = async (seconds: number) => {
    now = OPENED + seconds * 1000
    return text(await run.run(named('t')))
  }
  expect([await at(0), await at(59), await at(60), await at(99), await at(100), await at(161)]).toEqual([
    'early',
    'early',
    'late',
    'late',
    'early',
    'late',
  ])
})

test('templates follow the clock: the present, moved, and counters', () => {
  const clock = { openedMs: OPENED, nowMs: OPENED + 10_500 }
  const template = '@{epoch} @{epoch-90} @{iso+30} @{epochms} @{t*37+1000}.5 @{nonsense}'
  expect(setClock(template, clock)).toBe(
    `${OPENED / 1000 + 10} ${OPENED / 1000 - 80} 2026-01-02T00:00:40.500Z ${OPENED + 10_500} 1388.5 @{nonsense}`,
  )
})

test('hangs, kills and machines out of reach are played as such', async () => {
  const answers = [
    { ask: 'hangs', hangs: true },
    { ask: 'killed', signal: 9 },
  ]
  const run = asking(openReplay({ dir: recording({ answers }) }))
  expect(await run.run(named('hangs', { timeoutMs: 3000 }))).toMatchObject({ fault: 'timeout', durationMs: 3000 })
  expect(await run.run(named('killed'))).toMatchObject({ fault: 'exit_code', signal: 'SIGKILL' })
  const away = asking(openReplay({ dir: recording({ trouble: { class: 'host_key_changed', detail: 'line 4' } }) }))
  expect(await away.run(named('any'))).toMatchObject({ fault: 'host_key_changed', detail: 'host_key_changed: line 4' })
})

describe('files/ is the disk of the machine', () => {
  const path = '/home/u/a b.jsonl'
  const files = { [path]: { template: true, mtimeAgoS: 5 } }
  const dir = recording({ files }, { [`files${path}`]: '{"at":"@{iso-10}"}\n' })

  test('for stat and ranges, with clocks set once so that sizes stay', async () => {
    const run = asking(openReplay({ dir, now: () => OPENED }))
    const [stat, none, folder] = await run.stat([path, '/home/none', '/home/u'])
    expect(stat).toMatchObject({ is: 'file', size: 34, mtimeMs: OPENED - 5000 })
    expect([none?.is, folder?.is]).toEqual(['missing', 'dir'])
    const range = await run.readRange({ path, offset: 1, maxBytes: 100 })
    expect(range.is === 'bytes' && Buffer.from(range.bytes).toString()).toBe('"at":"2026-01-01T23:59:50.000Z"}\n')
    expect(await run.readRange({ path: '/home/u', offset: 0, maxBytes: 1 })).toMatchObject({ is: 'fault' })
    expect(await run.readRange({ path: '/../../etc/passwd', offset: 0, maxBytes: 1 })).toEqual({ is: 'missing' })
  })

  test('for databases', async () => {
    const database = new DatabaseSync(join(dir, 'files/x.db'))
    database.exec('CREATE TABLE t(n INTEGER); INSERT INTO t VALUES (9007199254740993)')
    database.close()
    const run = asking(openReplay({ dir }))
    expect(await run.sqlite('/x.db', 'SELECT n FROM t')).toEqual({ is: 'rows', rows: [{ n: 9007199254740993n }] })
    expect(await run.sqlite('/y.db', 'SELECT 1')).toEqual({ is: 'missing' })
  })
})

test('a machine that was recorded can be played: same answers, without the secret', async () => {
  const dir = join(root, 'recorded')
  const recorder = recordFrame(shMachine(), { dir, about: 'a test', scrub: (s) => s.replaceAll('hunter2', 'xxxxxxx') })
  const asks: readonly ScriptAsk[] = [
    { script: '# vc:ask t.args\nprintf "%s" "$1"; echo hunter2 >&2', args: ["it's\n"] },
    { script: '# vc:ask t.bytes\nprintf "\\377\\0\\001"; exit 4' },
    { script: '# vc:ask t.kill\nkill -9 $$' },
  ]
  const live = openAsker({ executor: recorder, local: false }).beginRun()
  const said = await Promise.all(asks.map((ask) => live.run(ask)))
  await Promise.all(asks.map((ask) => live.run(ask)))
  recorder.save()
  const machine = openReplay({ dir })
  const played = await Promise.all(asks.map((ask) => asking(machine).run(ask)))
  const gist = (answer: Answer) => [
    Buffer.from(answer.stdout).toString('hex'),
    answer.exitCode,
    answer.signal,
    answer.fault,
  ]
  expect(played.map(gist)).toEqual(said.map(gist))
  expect(Buffer.from(played[0]?.stderr ?? []).toString()).toBe('xxxxxxx\n')
  expect(machine.complaints).toEqual([])
})

test.each([
  [{ answers: [{ ask: 'x', stdout: 'nowhere' }] }, /nowhere is not there/],
  [{ answers: [{ ask: 'x', stdout: '../../etc/passwd' }] }, /outside the recording/],
  [{ answers: [{ ask: 'x', exit: 3 }] }, /exit/],
  [{ format: 2 }, /format/],
])('a broken recording is refused with its place: %o', (manifest, why) => {
  expect(() => openReplay({ dir: recording(manifest) })).toThrow(why)
})

test('marks of the start and of the day stand still while the present moves on', () => {
  const openedMs = Date.parse('2026-01-02T10:00:00Z')
  const clock = { openedMs, nowMs: openedMs + 60_000 }
  expect(setClock('@{iso} @{start.iso-30} @{start.epoch+5}', clock)).toBe(
    `2026-01-02T10:01:00.000Z 2026-01-02T09:59:30.000Z ${openedMs / 1000 + 5}`,
  )
  expect(setClock('@{today.iso*0.5} @{today.epochms*0.0}', clock)).toBe(
    `2026-01-02T05:00:00.000Z ${Date.parse('2026-01-02T00:00:00Z')}`,
  )
})

test('a database recorded as SQL is built with its clock set, and gone when the machine is closed', async () => {
  const sql = 'CREATE TABLE t(at INTEGER); INSERT INTO t VALUES (@{start.epochms-1});'
  const machine = openReplay({ dir: recording({}, { 'files/home/dev/x.db.sql': sql }), now: () => OPENED })
  const run = asking(machine)
  expect(await run.sqlite('/home/dev/x.db', 'SELECT at FROM t')).toEqual({ is: 'rows', rows: [{ at: OPENED - 1000 }] })
  expect(await run.stat(['/home/dev/x.db', '/home/dev/y.db'])).toMatchObject([{ is: 'file' }, { is: 'missing' }])
  await machine.close()
})
