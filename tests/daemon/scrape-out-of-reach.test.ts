import { describe, expect, test } from 'vitest'
import type { Executor } from '../../src/core/executor.ts'
import { shMachine } from '../transport/sh-machine.ts'
import { collector, only, saying, scrape } from './scrape-story.ts'

describe('a machine out of reach', () => {
  const away: Executor = {
    ...shMachine(),
    run: async () => ({
      class: 'refused',
      exitCode: null,
      signal: null,
      stdout: new Uint8Array(0),
      stderr: new Uint8Array(0),
      partial: false,
      timings: { queueMs: 0, connectMs: 1, execMs: 0 },
      reusedConnection: false,
      detail: 'port 22',
    }),
  }

  test('marks every due run with the trouble of the way, whatever the collectors make of it', async () => {
    const naive = saying('naive')
    const stats = collector(async (ctx) => {
      await ctx.stat(['/etc/passwd'])
      return { batches: [] }
    })
    const runs = await scrape([naive, stats], { executor: away })
    for (const run of runs)
      expect(run).toMatchObject({
        up: false,
        fault: 'unreachable',
        detail: 'refused: port 22',
        batches: [],
        cursors: [],
      })
  })

  test('is no success for a collector that had nothing to ask', async () => {
    const quiet = collector(async () => ({ batches: [{ table: 'things', rows: [] }] }), { name: 'quiet' })
    const [silent] = await scrape([quiet, saying('loud')], { executor: away })
    expect(silent).toMatchObject({ collector: 'quiet', up: false, fault: 'unreachable', batches: [] })
    const [reached] = await scrape([quiet, saying('loud')])
    expect(reached).toMatchObject({ up: true, fault: null })
    expect(reached?.batches).toHaveLength(1)
  })

  test('is told so too by a collector whose time was over before the way was', async () => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>()
    const dark: Executor = { ...away, run: (request) => over.then(() => away.run(request)) }
    const hasty = collector(async (ctx) => ctx.run({ script: 'true' }).then(() => ({ batches: [] })), {
      name: 'hasty',
      timeoutMs: 20,
    })
    const heard: string[] = []
    setTimeout(end, 200)
    const runs = await scrape([hasty, saying('patient')], { executor: dark, onRun: (run) => heard.push(run.collector) })
    for (const run of runs) expect(run).toMatchObject({ up: false, fault: 'unreachable', detail: 'refused: port 22' })
    expect(heard.toSorted()).toEqual(['hasty', 'patient'])
  })

  test('is not what a collector says whose own time was over', async () => {
    const hanging = collector(
      async (ctx) => ctx.run({ script: 'sleep 60', timeoutMs: 50_000, slow: true }).then(() => ({ batches: [] })),
      { name: 'hanging', timeoutMs: 500 },
    )
    const fault = { up: false, fault: 'timeout', detail: 'the run took more than 500 ms' }
    expect(await scrape([hanging, saying('quick')])).toMatchObject([fault, { up: true }])
    expect(await scrape([hanging])).toMatchObject([fault])
  })

  test('in the middle of a run keeps only what the collector calls partial', async () => {
    const sh = shMachine()
    let execs = 0
    const dying: Executor = { ...sh, run: (request) => (++execs === 1 ? sh.run(request) : away.run(request)) }
    const twoRounds = (partial: boolean) =>
      collector(async (ctx) => {
        await ctx.run({ script: 'echo one' })
        await ctx.run({ script: 'echo two' })
        return { batches: [{ table: 'things', rows: [{ a: 1 }] }], cursors: [{ key: 'k', value: 1 }], partial }
      })
    expect(await only(scrape([twoRounds(true)], { executor: dying }))).toMatchObject({
      up: false,
      partial: true,
      cursors: [{ key: 'k' }],
    })
    execs = 0
    expect(await only(scrape([twoRounds(false)], { executor: dying }))).toMatchObject({
      fault: 'unreachable',
      batches: [],
      cursors: [],
    })
  })
})
