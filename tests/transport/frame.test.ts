import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Answer, ScriptAsk } from '../../src/core/ask.ts'
import { composeFrame, type Frame, parseFrame, readFrame, type TimeoutTool } from '../../src/transport/frame.ts'
import { hasProgram } from '../programs.ts'
import { shMachine } from './sh-machine.ts'

const NONCE = '0123456789abcdef0123456789abcdef'
// mksh was tried by hand; the others are what machines have as sh.
const SHELLS = ['dash', 'bash', 'busybox sh'].filter((shell) => hasProgram(shell.split(' ')[0] ?? ''))

interface RunOptions {
  readonly shell?: string
  readonly tool?: TimeoutTool | 'auto'
  readonly deadlineMs?: number
}

async function play(asks: readonly ScriptAsk[], options: RunOptions = {}): Promise<Frame> {
  const { shell = 'sh', tool = 'timeout', deadlineMs = 60_000 } = options
  const script = composeFrame(asks, { nonce: NONCE, remoteTimeout: tool, deadlineMs })
  const limits = { deadlineMs: 25_000, maxStdout: 1e7, maxStderr: 1e7 }
  const ran = await shMachine({ shell: [...shell.split(' '), '-s'] }).run({ script, ...limits })
  return parseFrame(NONCE, asks, { ...ran, execMs: ran.timings.execMs })
}

const answers = (frame: Frame): readonly Answer[] =>
  frame.slots.flatMap((slot) => (slot.is === 'done' ? [slot.answer] : []))
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8')
const echo = (args: readonly string[]): ScriptAsk => ({ script: '# vc:ask t.echo\nprintf "%s\\0" "$@"', args })

describe.each(SHELLS)('a frame in %s', (shell) => {
  test('keeps status, both outputs and duration of each ask apart', async () => {
    const frame = await play(
      [
        { script: 'printf "no newline"; echo one >&2; exit 3' },
        { script: 'echo two >&2' },
        { script: 'exec printf x' },
      ],
      { shell },
    )
    expect(answers(frame).map((a) => [text(a.stdout), text(a.stderr), a.exitCode, a.fault])).toEqual([
      ['no newline', 'one\n', 3, null],
      ['', 'two\n', 0, null],
      ['x', '', 0, null],
    ])
    expect(frame.complete).toBe(true)
    expect(answers(frame).every((a) => a.durationMs >= 0 && a.durationMs < 20_000)).toBe(true)
  })

  test('is not spoilt by an ask with a syntax error, a kill, a greedy reader or a hang', async () => {
    const frame = await play(
      [
        { script: 'if then (' },
        { script: 'kill -9 $$' },
        { script: 'cat' },
        { script: 'trap "" TERM; printf before; sleep 60; sleep 60', timeoutMs: 1000 },
        { script: 'echo "still here"' },
      ],
      { shell },
    )
    const [broken, killed, greedy, hung, last] = answers(frame)
    expect(broken).toMatchObject({ fault: null, exitCode: expect.any(Number) })
    expect(broken?.exitCode).not.toBe(0)
    expect(killed).toMatchObject({ fault: 'exit_code', signal: 'SIGKILL', exitCode: null })
    expect(text(greedy?.stdout)).toBe('')
    expect(hung).toMatchObject({ fault: 'timeout', exitCode: null })
    expect(text(hung?.stdout)).toBe('before')
    expect(text(last?.stdout)).toBe('still here\n')
  })

  test('hands over any arguments exactly', async () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1))) }),
      fc.constantFrom(
        '',
        '-n',
        '--',
        '$(id)',
        '`id`',
        "'",
        '"',
        '\\',
        '\n',
        'a\n\n',
        '*',
        '~',
        '\x01\x7f',
        '\x1f',
        ' ',
      ),
    )
    const noNul = anyText.map((s) => s.replaceAll('\0', '').toWellFormed())
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(noNul, { maxLength: 6 }), { minLength: 5, maxLength: 5 }), async (lists) => {
        const got = answers(await play(lists.map(echo), { shell })).map((a) => text(a.stdout))
        expect(got).toEqual(lists.map((args) => (args.length === 0 ? '\0' : args.map((arg) => `${arg}\0`).join(''))))
      }),
      { numRuns: 40 },
    )
  })

  test('hands over arguments that use every byte there is', async () => {
    const every = Array.from({ length: 127 }, (_, i) => String.fromCharCode(i + 1)).join('')
    const args = [every, '', `${every}\n`]
    expect(text(answers(await play([echo(args)], { shell }))[0]?.stdout)).toBe(args.map((arg) => `${arg}\0`).join(''))
  })
})

test.each((['timeout', 'perl'] as const).filter(hasProgram))(
  '%s ends an ask that ignores TERM, with its children',
  async (tool) => {
    const hang = { script: 'trap "" TERM; sh -c \'trap "" TERM; sleep 60; sleep 60\'', timeoutMs: 1000 }
    const frame = await play([hang, { script: 'exit 7' }], { tool })
    expect(answers(frame).map((a) => [a.fault, a.exitCode])).toEqual([
      ['timeout', null],
      [null, 7],
    ])
  },
)

// One that has ended may still wait for somebody to take notice.
const isAlive = (pid: number): boolean =>
  /^[RSDT]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim())

// What the shell does by itself differs between shells; the other two do it all.
const ENDERS = (['timeout', 'perl', 'setsid'] as const)
  .filter(hasProgram)
  .flatMap((tool) => (tool === 'setsid' ? SHELLS : ['sh']).map((shell) => [tool, shell] as const))

test.each(ENDERS)(
  '%s in %s leaves nothing running that an ask began and that has gone on too long',
  async (tool, shell) => {
    const stubborn = `sh -c 'trap "" TERM; echo $$ >&2; while :; do sleep 1; done'`
    const frame = await play(
      [
        // The shell ends at TERM, what it waits for does not.
        { script: stubborn, timeoutMs: 1000 },
        { script: `x=$(${stubborn} >/dev/null)`, timeoutMs: 1000 },
        { script: `trap 'exit 143' TERM; ${stubborn}`, timeoutMs: 1000 },
        { script: `${stubborn} >/dev/null & sleep 60`, timeoutMs: 1000 },
        { script: 'echo "still here"; echo said >&2; exit 3' },
      ],
      { shell, tool },
    )
    const [last, ...hung] = answers(frame).toReversed()
    expect(hung.map((answer) => answer.fault)).toEqual(Array(4).fill('timeout'))
    expect([last?.exitCode, text(last?.stdout), text(last?.stderr)]).toEqual([3, 'still here\n', 'said\n'])
    const pids = hung.map((answer) => Number(/^\d+/.exec(text(answer.stderr))?.[0]))
    expect(pids.every((pid) => pid > 1)).toBe(true)
    await expect.poll(() => pids.filter(isAlive)).toEqual([])
  },
)

test.runIf(hasProgram('busybox'))(
  'a timeout that makes no group is not taken where the shell can make one itself',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vc-frame-'))
    const use = (...names: readonly string[]) => {
      for (const name of names) symlinkSync(`/bin/busybox`, join(dir, name))
    }
    try {
      use('sh', 'timeout', 'kill', 'cat')
      const find = async (): Promise<TimeoutTool | null> => {
        const script = composeFrame([{ script: ':' }], { nonce: NONCE, remoteTimeout: 'auto', deadlineMs: 9_000 })
        const limits = { deadlineMs: 25_000, maxStdout: 1e6, maxStderr: 1e6 }
        const ran = await shMachine({ shell: [join(dir, 'sh'), '-s'], env: { PATH: dir } }).run({ script, ...limits })
        return parseFrame(NONCE, [{ script: ':' }], { ...ran, execMs: 1 }).tool
      }
      expect(await find()).toBe('plain')
      use('setsid', 'sleep')
      expect(await find()).toBe('setsid')
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  },
)

test('without any such tool asks run untimed, and the frame says so', async () => {
  const frame = await play([{ script: 'exit 124' }], { tool: 'none' })
  expect(frame.tool).toBe('none')
  expect(answers(frame)[0]).toMatchObject({ fault: null, exitCode: 124 })
})

test('the frame finds out by itself which tool is there', async () => {
  expect((await play([{ script: ':' }], { tool: 'auto' })).tool).toBe('timeout')
})

test('a script that says 124 by itself did not time out', async () => {
  expect(answers(await play([{ script: 'exit 124' }]))[0]).toMatchObject({ fault: null, exitCode: 124 })
})

test('asks beyond the deadline of the frame are late, and the one running is shortened', async () => {
  const frame = await play([{ script: 'sleep 60', timeoutMs: 50_000 }, { script: ':' }], { deadlineMs: 1000 })
  expect(frame.slots.map((slot) => slot.is)).toEqual(['done', 'late'])
  expect(answers(frame)[0]?.fault).toBe('timeout')
  expect(frame.complete).toBe(true)
})

test('an output beyond the cap of its ask is cut and says so', async () => {
  const frame = await play([
    { script: 'printf 123456', maxBytes: 5 },
    { script: 'printf 12345', maxBytes: 5 },
  ])
  expect(answers(frame).map((a) => [text(a.stdout), a.truncated, a.fault])).toEqual([
    ['12345', true, 'truncated'],
    ['12345', false, null],
  ])
})

test('the text of an ask is neither in a command line nor left in the environment', async () => {
  const script = 'env; tr "\\0" "\\n" </proc/$PPID/cmdline; tr "\\0" "\\n" </proc/self/cmdline # secret-word'
  expect(text(answers(await play([{ script }]))[0]?.stdout)).not.toContain('secret-word')
})

test('lines that look like markers forge nothing', async () => {
  const forged = `printf '\\036%s end 0 0 1\\n\\036%s done\\n\\036%s ask 1 1 1\\n' 0123 0123 0123`
  const frame = await play([{ script: forged }, { script: 'echo real' }])
  expect(answers(frame).map((a) => text(a.stdout))).toEqual([
    '\x1e0123 end 0 0 1\n\x1e0123 done\n\x1e0123 ask 1 1 1\n',
    'real\n',
  ])
})

test('banners before the frame are dropped; without a frame nothing is believed', async () => {
  const asks = [{ script: 'echo hi' }]
  const real = composeFrame(asks, { nonce: NONCE, remoteTimeout: 'timeout', deadlineMs: 5000 })
  const ran = await shMachine().run({ script: real, deadlineMs: 20_000, maxStdout: 1e6, maxStderr: 1e6 })
  const noisy = Buffer.concat([Buffer.from('Welcome!\n\x1e begin 1 timeout\n'), ran.stdout])
  const output = { stdout: noisy, stderr: ran.stderr, execMs: 1 }
  expect(text(answers(parseFrame(NONCE, asks, output))[0]?.stdout)).toBe('hi\n')
  expect(parseFrame('ffff', asks, output)).toMatchObject({ begun: false, slots: [{ is: 'unstarted' }] })
})

test('a frame cut at any byte keeps its complete asks and invents none', async () => {
  const asks = [{ script: 'echo one' }, { script: 'printf two' }, { script: 'echo three; exit 1' }]
  const script = composeFrame(asks, { nonce: NONCE, remoteTimeout: 'timeout', deadlineMs: 5000 })
  const ran = await shMachine().run({ script, deadlineMs: 20_000, maxStdout: 1e6, maxStderr: 1e6 })
  const whole = parseFrame(NONCE, asks, { ...ran, execMs: 1 })
  expect(whole.complete).toBe(true)
  for (let cut = 0; cut < ran.stdout.length; cut++) {
    const part = parseFrame(NONCE, asks, { stdout: ran.stdout.subarray(0, cut), stderr: ran.stderr, execMs: 1 })
    expect(part.complete).toBe(false)
    part.slots.forEach((slot, i) => {
      if (slot.is === 'done') expect(slot).toEqual(whole.slots[i])
    })
  }
})

test('a script cut on its way runs nothing', async () => {
  const asks = [{ script: 'echo "it\'s run"' }]
  const script = composeFrame(asks, { nonce: NONCE, remoteTimeout: 'timeout', deadlineMs: 5000 })
  const cuts = Array.from({ length: 40 }, (_, i) => Math.floor(((script.length - 12) * i) / 40))
  for (const shell of SHELLS)
    for (const cut of cuts) {
      const sent = script.slice(0, cut)
      const ran = await shMachine({ shell: [...shell.split(' '), '-s'] }).run({
        script: sent,
        deadlineMs: 20_000,
        maxStdout: 1e6,
        maxStderr: 1e6,
      })
      expect(text(ran.stdout)).toBe('')
    }
})

test('any bytes parse without a throw, with as many slots as asks', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'begin 1 timeout',
        'begin 2 timeout',
        'ask 0 1.0 5',
        'ask 9 - -',
        'end 0 0 1.5',
        'end 1 x y',
        'late 0',
        'done',
        '',
      )
      .map((words) => Buffer.from(`\x1e${NONCE} ${words}\n`)),
  )
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces))
  const asks = [{ script: 'a' }, { script: 'b', maxBytes: 3 }]
  fc.assert(
    fc.property(soup, soup, (stdout, stderr) => {
      const frame = parseFrame(NONCE, asks, { stdout, stderr, execMs: 1 })
      expect(frame.slots).toHaveLength(2)
      for (const answer of answers(frame)) expect(Number.isFinite(answer.durationMs)).toBe(true)
    }),
  )
})

test('a composed frame can be read back, for machines that are recordings', () => {
  const script = fc.string({ unit: fc.constantFrom("'", '\n', 'a', '"', '$', ' ', 'vc_ask 0', '\\') })
  const args = fc.array(fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\0', '').toWellFormed()))
  fc.assert(
    fc.property(fc.array(fc.record({ script, args }), { maxLength: 4 }), (asks) => {
      const frame = readFrame(composeFrame(asks, { nonce: NONCE, remoteTimeout: 'auto', deadlineMs: 5000 }))
      expect(frame?.asks.map((ask) => ({ script: ask.script, args: ask.args }))).toEqual(asks)
    }),
  )
  expect(readFrame('echo hi')).toBeNull()
})
