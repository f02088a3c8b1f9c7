import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ScriptAsk } from '../../src/core/ask.ts'
import { composeFrame, parseFrame, type TimeoutTool } from '../../src/transport/frame.ts'
import { hasProgram } from '../programs.ts'
import { answers, echo, NONCE, play, SHELLS, text } from './played-frame.ts'
import { shMachine } from './sh-machine.ts'

const GATHERS = (['timeout', 'perl', 'setsid', 'none'] as const).filter((tool) => tool === 'none' || hasProgram(tool))

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

  test.each(GATHERS)('gathers what an ask says to the last line break, with %s', async (tool) => {
    const said = [
      '',
      'x',
      'no newline x',
      'three\n\n\n',
      '%s\\n\\036 $x `id` "x"\n',
      `${'0123456789abcdef\n'.repeat(2000)}`,
    ]
    const asks = said.map((word, i): ScriptAsk => {
      const script = `printf %s "$1"; echo ${i} >&2; exit ${i}`
      return { script, args: [word], gathered: true }
    })
    const frame = await play([...asks, { script: 'printf "a\\0b"' }], { shell, tool })
    expect(answers(frame).map((a) => [text(a.stdout), text(a.stderr), a.exitCode])).toEqual([
      ...said.map((word, i) => [word, `${i}\n`, i]),
      ['a\0b', '', 0],
    ])
    expect(frame.complete).toBe(true)
  })

  test.each(GATHERS.filter((tool) => tool !== 'none'))(
    'has what a gathered ask said before it hung or was killed, with %s',
    async (tool) => {
      const frame = await play(
        [
          { script: 'trap "" TERM; printf before; sleep 60; sleep 60', timeoutMs: 1000, gathered: true },
          { script: 'printf before; kill -9 $$', gathered: true },
          { script: 'echo "still here"', gathered: true },
        ],
        { shell, tool },
      )
      const [hung, killed, last] = answers(frame)
      expect([hung?.fault, text(hung?.stdout)]).toEqual(['timeout', 'before'])
      expect([killed?.signal, text(killed?.stdout)]).toEqual(['SIGKILL', 'before'])
      expect(text(last?.stdout)).toBe('still here\n')
    },
  )

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
