import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type { ClientChannel } from 'ssh2'
import { afterEach, expect, test, vi } from 'vitest'
import { memorySink } from '../../../src/transport/output-cap.ts'
import { watchRun } from '../../../src/transport/run-watch.ts'
import { type KeptShell, openKeptShell } from '../../../src/transport/ssh/kept-shell.ts'
import type { Link } from '../../../src/transport/ssh/link.ts'
import { openShellStand } from '../../../src/transport/ssh/shell-stand.ts'
import { request, text, until } from '../executors/ways.ts'

const pids: number[] = []
afterEach(() => {
  for (const pid of pids.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {}
  }
})

const link = (): Link => ({
  client: new EventEmitter() as Link['client'],
  lost: () => null,
  onLost: () => () => {},
  heard: vi.fn(),
  begin: () => () => {},
  close() {},
})

/** A channel whose far end is a real process here. */
const channelTo = (...argv: [string, ...string[]]): ClientChannel => {
  const [command, ...args] = argv
  const child = spawn(command, args, { stdio: 'pipe' })
  if (child.pid !== undefined) pids.push(child.pid)
  const channel = Object.assign(new EventEmitter(), {
    stderr: child.stderr,
    write: (what: string) => child.stdin.write(what),
    end: () => child.stdin.end(),
    close: () => child.kill('SIGKILL'),
    signal: () => child.kill('SIGTERM'),
  })
  child.stdin.on('error', () => {})
  child.stdout.on('data', (chunk: Buffer) => channel.emit('data', chunk))
  child.once('exit', (code) => channel.emit('exit', code))
  child.once('close', (code) => channel.emit('close', code))
  return channel as unknown as ClientChannel
}

const BEGINS = '\x1efeed begin '
const ENDS = '\x1efeed done\n'
const BEGUN = `printf '\\036feed begin \\n'\n`
const DONE = `printf '\\036feed done\\n'; printf '\\036feed done\\n' >&2\n`

const ask = async (shell: KeptShell, script: string, idle: () => void = () => {}) => {
  const [out, err] = [memorySink(1e6), memorySink(1e6)]
  const live = shell.run(
    {
      definitions: new Map([['f', 'f() { echo f; }']]),
      text: `${BEGUN}${script}\n${DONE}`,
      begins: BEGINS,
      ends: ENDS,
    },
    idle,
  )
  const watched = await watchRun(live, request('', { deadlineMs: 20_000 }), out, err)
  return { class: watched.class, stdout: text(out.bytes()).replace(`${BEGINS}\n`, '').replace(ENDS, '') }
}

test('definitions are told once, and told again when they are others', async () => {
  const channel = channelTo('sh', '-s')
  const write = vi.spyOn(channel, 'write')
  const idle = vi.fn()
  const at = link()
  const shell = openKeptShell(at, channel, { onUnfit() {} })
  expect(await ask(shell, 'f', idle)).toEqual({ class: 'ok', stdout: 'f\n' })
  expect(await ask(shell, 'f; f', idle)).toEqual({ class: 'ok', stdout: 'f\nf\n' })
  expect(write.mock.calls.map(([said]) => String(said).includes('f()'))).toEqual([true, false])
  expect([idle, at.heard].map((one) => vi.mocked(one).mock.calls.length)).toEqual([2, 2])
  expect(shell.isFree()).toBe(true)
})

test('words that come while nothing was asked send it away', async () => {
  const shell = openKeptShell(link(), channelTo('sh', '-s'), { onUnfit() {} })
  expect(await ask(shell, '(sleep 0.2; echo late) & echo now')).toEqual({ class: 'ok', stdout: 'now\n' })
  await until(() => !shell.isOpen(), 'the shell is sent away')
})

test('what reads all of its input first is told the end of it, and answers', async () => {
  const onUnfit = vi.fn()
  const shell = openKeptShell(link(), channelTo('sh', '-c', 'eval "$(cat)"'), { onUnfit, silentMs: 300 })
  expect(await ask(shell, 'f')).toEqual({ class: 'ok', stdout: 'f\n' })
  expect(onUnfit).toHaveBeenCalledOnce()
  expect(shell.isFree()).toBe(false)
})

test('so is what greets and then reads all of its input', async () => {
  const onUnfit = vi.fn()
  const shell = openKeptShell(link(), channelTo('sh', '-c', 'echo welcome; eval "$(cat)"'), { onUnfit, silentMs: 300 })
  expect(await ask(shell, 'f')).toEqual({ class: 'ok', stdout: 'welcome\nf\n' })
  expect(onUnfit).toHaveBeenCalledOnce()
})

test('one that says nothing on stderr is not waited for, and not kept', async () => {
  const onUnfit = vi.fn()
  const shell = openKeptShell(link(), channelTo('sh', '-c', 'exec sh -s 2>/dev/null'), { onUnfit })
  expect(await ask(shell, 'f')).toEqual({ class: 'ok', stdout: 'f\n' })
  expect(onUnfit).toHaveBeenCalledOnce()
  expect(shell.isOpen()).toBe(false)
})

test('a mark cut anywhere ends the question', async () => {
  const slow = `printf '\\036fe'; sleep 0.05; printf 'ed do'; sleep 0.05; printf 'ne\\n'; printf '\\036feed done\\n' >&2`
  const shell = openKeptShell(link(), channelTo('sh', '-s'), { onUnfit() {} })
  const out = memorySink(1e6)
  const live = shell.run({ definitions: new Map(), text: `${slow}\n`, begins: BEGINS, ends: ENDS }, () => {})
  expect((await watchRun(live, request('', { deadlineMs: 20_000 }), out, memorySink(1e3))).class).toBe('ok')
  expect(text(out.bytes())).toBe(ENDS)
})

test('a server that keeps no shell is asked for one again after a quarter of an hour', () => {
  let now = 0
  const [stand, at] = [openShellStand(() => now), link()]
  const call = { definitions: new Map<string, string>(), text: '', begins: BEGINS, ends: ENDS }
  const one = request('', { patient: true, call })
  expect(stand.callOf(one, at)).toBe(call)
  expect(stand.callOf({ ...one, patient: false }, at)).toBeNull()
  expect(stand.clear()).toBe(false)
  now = 15 * 60_000 - 1
  expect(stand.callOf(one, at)).toBeNull()
  now += 1
  expect(stand.callOf(one, at)).toBe(call)
})
