import ssh2 from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Executor, RunResult, ShellCall } from '../../../src/core/executor.ts'
import { openAsker } from '../../../src/transport/asker.ts'
import { type Fleet, missingPrograms, startFleet } from './fleet.ts'
import { openOn, request, text } from './ways.ts'

const lacking = missingPrograms(['sshd', 'ssh', 'ssh-keygen'])
let fleet: Fleet
let executor: Executor
beforeAll(async () => {
  if (lacking === null) fleet = await startFleet(1, ['onesession', 'drop', 'flood'])
})
afterEach(() => executor.close())
afterAll(() => fleet?.down())

const BEGINS = '\x1efeed begin '
const ENDS = '\x1efeed done\n'
const BEGUN = `printf '\\036feed begin \\n'\n`
const DONE = `printf '\\036feed done\\n'; printf '\\036feed done\\n' >&2\n`

/** The same question for a kept shell and for one of its own; the shell tells which of the two it is by `$vc_told`. */
const poll = (script: string, deadlineMs = 5_000): Promise<RunResult> =>
  executor.run(
    request(`${script}\n`, {
      patient: true,
      deadlineMs,
      call: {
        definitions: new Map([['told', 'vc_told=told']]),
        text: `${BEGUN}${script}\n${DONE}`,
        begins: BEGINS,
        ends: ENDS,
      },
    }),
  )

const said = (run: RunResult): string => text(run.stdout).replace(`${BEGINS}\n`, '').replace(ENDS, '')
const WHO = 'echo "$$ $vc_told"'

describe.skipIf(lacking !== null)('a kept shell', () => {
  test('answers one question after the other, each with its own words', { timeout: 30_000 }, async () => {
    executor = await openOn(fleet, 'ssh2', 'm0000')
    const [first, second] = [await poll(WHO), await poll(`${WHO}; echo oh >&2`)]
    expect([first.class, second.class]).toEqual(['ok', 'ok'])
    expect(said(first)).toMatch(/^\d+ told\n$/)
    expect(said(second)).toBe(said(first))
    expect(text(second.stderr)).toBe(`oh\n${ENDS}`)
  })

  test('a run that is not patient, and one that comes while it is busy, have one of their own', async () => {
    executor = await openOn(fleet, 'ssh2', 'm0000')
    const kept = said(await poll(WHO))
    expect(text((await executor.run(request(`${WHO}\n`))).stdout)).toMatch(/^\d+ \n$/)
    const [busy, beside] = await Promise.all([poll(`sleep 0.5; ${WHO}`), poll(WHO)])
    expect(said(busy)).toBe(kept)
    expect(said(beside)).toMatch(/^\d+ \n$/)
    expect(said(await poll(WHO))).toBe(kept)
  })

  test('is replaced when a question said too much', { timeout: 30_000 }, async () => {
    executor = await openOn(fleet, 'ssh2', 'm0000')
    const first = said(await poll(WHO))
    expect((await poll('yes')).class).toBe('output_limit')
    const second = said(await poll(WHO))
    expect(second).toMatch(/told/)
    expect(second).not.toBe(first)
  })

  test('a question that does not end is cut as ever, and those after it run the ordinary way', async () => {
    executor = await openOn(fleet, 'ssh2', 'm0000')
    expect(said(await poll(WHO))).toMatch(/told/)
    expect(await poll('sleep 60', 500)).toMatchObject({ class: 'timeout', partial: true })
    expect(said(await poll(WHO))).toMatch(/^\d+ \n$/)
  })

  test('one that ends before it answers is asked nothing: the question runs the ordinary way', async () => {
    executor = await openOn(fleet, 'ssh2', 'm0000')
    const once = await executor.run(
      request('echo here\n', {
        patient: true,
        call: { definitions: new Map(), text: 'exit 3\n', begins: BEGINS, ends: ENDS },
      }),
    )
    expect([once.class, text(once.stdout)]).toEqual(['ok', 'here\n'])
    // For a while nothing else is tried there.
    expect(said(await poll(WHO))).toMatch(/^\d+ \n$/)
  })

  test('gives its place up where a server allows one session', { timeout: 30_000 }, async () => {
    executor = await openOn(fleet, 'ssh2', 'onesession')
    expect(said(await poll(WHO))).toMatch(/told/)
    expect(await executor.run(request('echo hi'))).toMatchObject({ class: 'ok', reusedConnection: true })
    expect(said(await poll(WHO))).toMatch(/^\d+ \n$/)
  })

  test('a lost connection is told as that, and the next question finds a new shell', { timeout: 30_000 }, async () => {
    executor = await openOn(fleet, 'ssh2', 'drop')
    expect(said(await poll(WHO))).toMatch(/told/)
    expect((await poll('seq 1 20000')).class).toBe('connection_lost')
    expect(said(await poll(WHO))).toMatch(/told/)
  })

  test('a machine that floods is cut as ever', { timeout: 30_000 }, async () => {
    executor = await openOn(fleet, 'ssh2', 'flood')
    expect((await poll(WHO)).class).toBe('output_limit')
  })

  test('frames of a beat have the same answers there', { timeout: 30_000 }, async () => {
    executor = await openOn(fleet, 'ssh2', 'm0000')
    const asker = openAsker({ executor, local: false })
    const look = async (patient: boolean) => {
      const run = asker.beginRun(undefined, patient)
      const asks = [
        {
          script: "N='it'\\''s'\n",
          body: `# ${'long '.repeat(2_000)}\necho "$N" "$1"; echo e >&2; exit 4\n`,
          args: ["a 'b"],
        },
        { script: 'sleep 5', timeoutMs: 1_000 },
        { script: 'echo "$$ $vc_told"' },
      ]
      const answers = await Promise.all(asks.map((ask) => run.run(ask)))
      run.end()
      return answers.map(({ fault, exitCode, stdout, stderr }) => [
        fault,
        exitCode,
        text(stdout).replace(/^\d+/, 'pid'),
        // Of what was ended the shell there says so, in its own words.
        fault === null ? text(stderr) : '',
      ])
    }
    const ordinary = await look(false)
    expect(ordinary).toEqual([
      [null, 4, "it's a 'b\n", 'e\n'],
      ['timeout', null, '', ''],
      [null, 0, 'pid \n', ''],
    ])
    for (const _ of [1, 2, 3]) expect(await look(true)).toEqual(ordinary)
    asker.close()
  })

  // Linux, for it asks /proc who started it.
  test.runIf(process.platform === 'linux')(
    'frames of a beat run in the same shell, which is told the body once',
    async () => {
      const way = await openOn(fleet, 'ssh2', 'm0000')
      const calls: (ShellCall | undefined)[] = []
      executor = {
        ...way,
        run(asked) {
          calls.push(asked.call)
          return way.run(asked)
        },
      }
      const asker = openAsker({ executor, local: false })
      const body = `# ${'long '.repeat(2_000)}\nread -r pid name state parent rest </proc/$PPID/stat; echo "$parent"\n`
      const shellOf = async (patient: boolean) => {
        const run = asker.beginRun(undefined, patient)
        const answer = await run.run({ script: '', body })
        run.end()
        return text(answer.stdout)
      }
      const [first, ...kept] = [await shellOf(false), await shellOf(true), await shellOf(true), await shellOf(true)]
      expect(kept[0]).toMatch(/^\d+\n$/)
      expect(kept).toEqual([kept[0], kept[0], kept[0]])
      expect(first).not.toBe(kept[0])
      expect(calls.map((call) => call && call.text.length < 2_000)).toEqual([undefined, true, true, true])
      expect(new Set(calls.flatMap((call) => [...(call?.definitions.values() ?? [])])).size).toBe(2)
      asker.close()
    },
  )
})

test('ssh2 still has what puts off its keepalive', () => {
  expect('_resetKA' in new ssh2.Client()).toBe(true)
})
