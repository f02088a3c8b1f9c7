import { describe, expect, test } from 'vitest'
import type { Answer, ScriptAsk } from '../../src/core/ask.ts'
import type { Executor, RunClass, RunRequest, RunResult } from '../../src/core/executor.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { type Frame, type FrameSlot, readFrame } from '../../src/transport/frame.ts'
import { outcomesOf } from '../../src/transport/frame-exec.ts'
import { noAnswer } from '../../src/transport/frame-faults.ts'
import { ask, open, text } from './asked-machine.ts'
import { shMachine } from './sh-machine.ts'

test('questions of all runs of a tick travel in one exec, dependent ones in a second', async () => {
  const machine = shMachine()
  const asker = open(machine)
  const runs = Array.from({ length: 5 }, () => asker.beginRun())
  const seen = await Promise.all(
    runs.map(async (run, i) => {
      const [first, twin] = await Promise.all([run.run(ask(`echo a${i}`)), run.run(ask('echo twin'))])
      const second = await run.run(ask('printf "%s" "$1"', { args: [`${text(first).trim()}${text(twin).trim()}!`] }))
      run.end()
      return text(second)
    }),
  )
  expect(seen).toEqual(['a0twin!', 'a1twin!', 'a2twin!', 'a3twin!', 'a4twin!'])
  expect(machine.scripts.map((script) => readFrame(script)?.asks.length)).toEqual([10, 5])
  expect(asker.stats).toMatchObject({ execs: 2, asks: 15 })
})

test('a run can tell how each of its questions went', async () => {
  const run = open().beginRun()
  await run.run(ask('# vc:ask demo.say\nprintf "%s" "$1"; exit 3\n', { args: ['a b'] }))
  await run.stat(['/nowhere'])
  expect(run.meter.notes).toMatchObject([
    { name: 'demo.say', args: ['a b'], fault: null, exitCode: 3, bytes: 3 },
    { name: 'vc.stat', fault: null, exitCode: 0 },
  ])
})

test('questions about this machine that need no process say so', async () => {
  const run = openAsker({ executor: shMachine(), local: true, looks: null }).beginRun()
  await run.readRange({ path: '/nowhere', offset: 0, maxBytes: 10 })
  expect(run.meter.notes).toMatchObject([{ name: 'vc.range', args: ['/nowhere'], exitCode: null, bytes: 0 }])
})

test('a run that ends without asking holds up nobody', async () => {
  const asker = open()
  const [quiet, curious] = [asker.beginRun(), asker.beginRun()]
  const answer = curious.run(ask('echo hi'))
  quiet.end()
  expect(text(await answer)).toBe('hi\n')
})

test('a run that is busy elsewhere is waited for only so long', async () => {
  const asker = openAsker({ executor: shMachine(), local: false, graceMs: 5 })
  asker.beginRun()
  expect(text(await asker.beginRun().run(ask('echo hi')))).toBe('hi\n')
})

test('a slow question gets an exec of its own', async () => {
  const machine = shMachine()
  const run = open(machine).beginRun()
  await Promise.all([run.run(ask('echo quick')), run.run(ask('echo slow', { slow: true })), run.run(ask('echo quick'))])
  const sizes = machine.scripts.map((script) => readFrame(script)?.asks.length ?? 0)
  expect(sizes.toSorted()).toEqual([1, 2])
})

test('never more than four execs are in flight, and of slow questions never more than three', async () => {
  const sh = shMachine()
  let [now, most] = [0, 0]
  const counting: Executor = {
    ...sh,
    run: async (request) => {
      now += 1
      most = Math.max(most, now)
      return sh.run(request).finally(() => {
        now -= 1
      })
    },
  }
  const run = open(counting).beginRun()
  const answers = await Promise.all(Array.from({ length: 9 }, (_, i) => run.run(ask(`echo ${i}`, { slow: true }))))
  expect(answers.map(text)).toEqual(Array.from({ length: 9 }, (_, i) => `${i}\n`))
  expect(most).toBe(3)
})

test('the time-out tool is looked for once', async () => {
  const machine = shMachine()
  const asker = open(machine)
  const run = asker.beginRun()
  expect(asker.timeoutTool()).toBeNull()
  await run.run(ask(':'))
  await run.run(ask(':'))
  expect(asker.timeoutTool()).toBe('timeout')
  expect(machine.scripts.map((script) => script.includes('for vc_w in'))).toEqual([true, false])
})

describe('trouble of the way', () => {
  const failing = (kind: RunClass, more: Partial<RunResult> = {}): Executor => ({
    ...shMachine(),
    run: async () => ({
      class: kind,
      exitCode: null,
      signal: null,
      stdout: new Uint8Array(0),
      stderr: new Uint8Array(0),
      partial: false,
      timings: { queueMs: 0, connectMs: 5, execMs: 0 },
      reusedConnection: false,
      detail: 'in its own words',
      ...more,
    }),
  })

  test.each([
    ['refused', 'unreachable'],
    ['dns', 'unreachable'],
    ['connect_timeout', 'unreachable'],
    ['connection_lost', 'unreachable'],
    ['transport', 'unreachable'],
    ['auth', 'auth'],
    ['host_key_unknown', 'host_key_unknown'],
    ['host_key_changed', 'host_key_changed'],
    ['timeout', 'timeout'],
    ['aborted', 'cancelled'],
  ] as const)('%s is %s for every question of the exec, with the finer class as detail', async (kind, fault) => {
    const run = open(failing(kind)).beginRun()
    const answers = await Promise.all([run.run(ask('echo a')), run.run(ask('echo b'))])
    expect(answers.map((answer) => [answer.fault, answer.detail])).toEqual(
      Array(2).fill([fault, `${kind}: in its own words`]),
    )
    expect(run.meter.lost).toEqual({ fault, detail: `${kind}: in its own words` })
  })

  test('a machine that answers but runs no shell is unreachable, with its words as evidence', async () => {
    const stdout = Buffer.from('This account is \x1b[31mcurrently not available.\n')
    const run = open(failing('exit', { exitCode: 1, stdout, detail: null })).beginRun()
    expect(await run.run(ask('echo a'))).toMatchObject({
      fault: 'unreachable',
      detail: 'transport: no shell answered (exit 1), it said "This account is [31mcurrently not available."',
    })
  })

  test('a connection lost in the middle keeps what was complete', async () => {
    const sh = shMachine()
    const cutting: Executor = {
      ...sh,
      run: async (request) => {
        const ran = await sh.run(request)
        const at = Buffer.from(ran.stdout).indexOf('second')
        return {
          ...ran,
          class: 'connection_lost',
          partial: true,
          stdout: ran.stdout.subarray(0, at + 3),
          detail: 'gone',
        }
      },
    }
    const run = open(cutting).beginRun()
    const answers = await Promise.all(['first', 'second', 'third'].map((word) => run.run(ask(`echo ${word}`))))
    expect(answers.map((answer) => [answer.fault, text(answer)])).toEqual([
      [null, 'first\n'],
      ['unreachable', 'sec'],
      ['unreachable', ''],
    ])
  })
})

test.each([
  ['a NUL byte', ask('echo', { args: ['a\0b'] })],
  ['a huge script', ask(`: ${'x'.repeat(130_000)}`)],
  ['a huge argument', ask(':', { args: ['x'.repeat(130_000)] })],
  ['too many arguments', ask(':', { args: Array(60).fill('x'.repeat(10_000)) })],
])('an ask with %s is refused by itself', async (_, impossible) => {
  const run = open().beginRun()
  const [refused, fine] = await Promise.allSettled([run.run(impossible), run.run(ask('echo fine'))])
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'bad_ask' } })
  expect(fine).toMatchObject({ status: 'fulfilled', value: { fault: null } })
})

test('arguments near the limit still arrive', async () => {
  const args = Array(45).fill('x'.repeat(10_000))
  expect(text(await open().beginRun().run(ask('printf %s "$*" | wc -c', { args }))).trim()).toBe('450044')
})

test('when the exec was ended without a time-out tool, the hanging ask pays and the others get another turn', () => {
  const asks = ['done', 'hangs', 'waits'].map((word) => ask(word))
  const done: FrameSlot = { is: 'done', answer: noAnswer({ fault: 'exit_code', detail: null }) }
  const cut: FrameSlot = { is: 'cut', stdout: Buffer.from('so far'), stderr: new Uint8Array(0) }
  const frame: Frame = { begun: true, complete: false, tool: 'none', slots: [done, cut, { is: 'unstarted' }] }
  const run = { class: 'timeout', detail: null, timings: { execMs: 9 } } as RunResult
  expect(outcomesOf(asks, frame, run, false)).toMatchObject([
    { is: 'answer', answer: done.answer },
    { is: 'answer', answer: { fault: 'timeout', stdout: Buffer.from('so far') }, lost: false },
    { is: 'again' },
  ])
  expect(outcomesOf(asks, frame, run, true)[2]).toMatchObject({ answer: { fault: 'timeout' }, lost: false })
})

test('a run that is given up gets its answer at once, and an exec nobody waits for is ended', async () => {
  const machine = shMachine()
  const endings: string[] = []
  const watched = async (request: RunRequest): Promise<RunResult> => {
    const ran = await machine.run(request)
    endings.push(ran.class)
    return ran
  }
  const asker = open({ ...machine, run: watched })
  const giveUp = new AbortController()
  const run = asker.beginRun(giveUp.signal)
  const answer = run.run(ask('sleep 60', { timeoutMs: 50_000 }))
  await expect.poll(() => asker.stats.execs).toBe(1)
  giveUp.abort()
  expect(await answer).toMatchObject({ fault: 'cancelled' })
  await expect.poll(() => endings, { timeout: 45_000 }).toEqual(['aborted'])
})

test('bytes and CPU of the answers are on the account of the run that asked', async () => {
  const asker = open()
  const [small, large] = [asker.beginRun(), asker.beginRun()]
  const burn = async () => {
    const answer = await large.run(ask('head -c 100000 /dev/zero'))
    // By the processor's clock, not the wall's: a busy machine may give little of 60 ms.
    const before = process.threadCpuUsage()
    while (process.threadCpuUsage(before).user < 30_000) answer.stdout.at(0)
  }
  await Promise.all([small.run(ask('printf 12')), burn()])
  await expect.poll(() => large.meter.cpuMs).toBeGreaterThan(10)
  expect([small.meter.bytes, large.meter.bytes]).toEqual([2, 100_000])
  expect(small.meter.cpuMs).toBeLessThan(large.meter.cpuMs)
})

describe('a question about this machine', () => {
  const here = (known: string | null) => {
    const learned: string[] = []
    const looks = {
      answer: async () => known,
      learn: (_: ScriptAsk, answer: Answer) => void learned.push(text(answer)),
    }
    const machine = shMachine()
    return { asker: openAsker({ executor: machine, local: true, graceMs: 60_000, looks }), machine, learned }
  }

  test('starts no process where its answer can be told without', async () => {
    const { asker, machine, learned } = here('told')
    const run = asker.beginRun()
    const answer = await run.run(ask('echo asked'))
    expect([text(answer), answer.exitCode, answer.fault]).toEqual(['told', 0, null])
    expect([machine.scripts.length, learned, run.meter.asks]).toEqual([0, [], 1])
  })

  test('is asked where it cannot, with the others of its tick, and what the script said is learned', async () => {
    const { asker, machine, learned } = here(null)
    const runs = [asker.beginRun(), asker.beginRun()]
    const answers = await Promise.all(runs.map((run, i) => run.run(ask(`printf ${i}`))))
    expect(answers.map(text)).toEqual(['0', '1'])
    expect([machine.scripts.length, learned.sort()]).toEqual([1, ['0', '1']])
  })

  test('that was given up gets no late answer', async () => {
    const { asker } = here('told')
    const giveUp = new AbortController()
    const answer = asker.beginRun(giveUp.signal).run(ask('echo asked'))
    giveUp.abort()
    expect((await answer).fault).toBe('cancelled')
  })
})
