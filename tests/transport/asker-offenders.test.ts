import { describe, expect, test } from 'vitest'
import type { RunClass } from '../../src/core/executor.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { readFrame } from '../../src/transport/frame.ts'
import { ask, open, text } from './asked-machine.ts'
import { shMachine } from './sh-machine.ts'

describe('an offender', () => {
  test('that floods is cut, the others are asked again without it, and next time it travels alone', async () => {
    const machine = shMachine()
    const run = open(machine).beginRun()
    const flood = ask('# vc:ask t.flood\nwhile :; do echo flooding; done', { maxBytes: 2000 })
    const tick = () =>
      Promise.all([run.run(ask('echo before', { maxBytes: 1e6 })), run.run(flood), run.run(ask('echo after'))])
    const [before, flooded, after] = await tick()
    expect([before, after].map(text)).toEqual(['before\n', 'after\n'])
    expect(flooded).toMatchObject({ fault: 'truncated', truncated: true })
    expect(flooded.stdout).toHaveLength(2000)
    const execs = machine.scripts.length
    const again = await tick()
    expect(text(again[2])).toBe('after\n')
    const sizes = machine.scripts.slice(execs).map((script) => readFrame(script)?.asks.length ?? 0)
    expect(sizes.toSorted()).toEqual([1, 2])
  })

  test('that hangs is ended by its deadline and delays the others only once', async () => {
    const machine = shMachine()
    const run = open(machine).beginRun()
    const hang = ask('# vc:ask t.hang\nsleep 60', { timeoutMs: 1000 })
    const [hung, after] = await Promise.all([run.run(hang), run.run(ask('echo after'))])
    expect(hung.fault).toBe('timeout')
    expect(text(after)).toBe('after\n')
    const execs = machine.scripts.length
    await Promise.all([run.run(hang), run.run(ask('echo after'))])
    expect(machine.scripts).toHaveLength(execs + 2)
  })

  test('that hangs holds up nobody of its own tick: who was done is told, who waits behind it goes another way', async () => {
    const machine = shMachine()
    const asker = open(machine)
    const giveUp = new AbortController()
    const [hanging, other] = [asker.beginRun(giveUp.signal), asker.beginRun()]
    const before = other.run(ask('echo before; echo why >&2'))
    const hung = hanging.run(ask('# vc:ask t.hang\nsleep 60', { timeoutMs: 50_000 }))
    const behind = other.run(ask('echo behind'))
    expect((await Promise.all([before, behind])).map(text)).toEqual(['before\n', 'behind\n'])
    expect(Buffer.from((await before).stderr).toString()).toBe('why\n')
    expect(machine.scripts.map((script) => readFrame(script)?.asks.length)).toEqual([3, 1])
    giveUp.abort()
    expect(await hung).toMatchObject({ fault: 'cancelled' })
  }, 40_000)

  test('that only takes its time answers in the exec it began in, which then ends', async () => {
    const sh = shMachine()
    const endings: RunClass[] = []
    const run = open({
      ...sh,
      run: async (request) => {
        const ran = await sh.run(request)
        endings.push(ran.class)
        return ran
      },
    }).beginRun()
    const slow = run.run(ask('sleep 6; echo slow', { timeoutMs: 50_000 }))
    const behind = run.run(ask('sleep 0.1; echo behind'))
    expect(await Promise.all([slow, behind].map(async (answer) => text(await answer)))).toEqual(['slow\n', 'behind\n'])
    await expect.poll(() => endings, { timeout: 20_000 }).toContain('ok')
    expect(sh.scripts.map((script) => readFrame(script)?.asks.length)).toEqual([2, 1])
  }, 40_000)

  test('with an exec of its own leaves one of them to the quick questions of the next ticks', async () => {
    const giveUp = new AbortController()
    const asker = open()
    const stuck = asker.beginRun(giveUp.signal)
    const hung = Array.from({ length: 6 }, (_, i) =>
      stuck.run(ask(`sleep 60 # ${i}`, { timeoutMs: 50_000, slow: true })),
    )
    await expect.poll(() => asker.stats.execs).toBe(3)
    stuck.end()
    expect(text(await asker.beginRun().run(ask('echo quick')))).toBe('quick\n')
    giveUp.abort()
    expect(new Set((await Promise.all(hung)).map((answer) => answer.fault))).toEqual(new Set(['cancelled']))
  }, 40_000)

  test('gives its place up to those that waited behind it', async () => {
    const machine = shMachine()
    const asker = openAsker({ executor: machine, local: false, graceMs: 60_000, maxInFlight: 1 })
    const giveUp = new AbortController()
    const run = asker.beginRun(giveUp.signal)
    const hung = run.run(ask('sleep 60', { timeoutMs: 50_000 }))
    expect(text(await run.run(ask('echo behind')))).toBe('behind\n')
    giveUp.abort()
    expect(await hung).toMatchObject({ fault: 'cancelled' })
  }, 40_000)

  test('that ends the shell of the frame costs the others nothing', async () => {
    const run = open().beginRun()
    const killer = ask('[ "$(ps -o comm= -p $PPID)" = timeout ] && p=$(ps -o ppid= -p $PPID) && kill -9 $p; sleep 1')
    const [killed, after] = await Promise.all([run.run(killer), run.run(ask('echo after'))])
    expect(killed.fault).toBe('exit_code')
    expect(text(after)).toBe('after\n')
  })
})
