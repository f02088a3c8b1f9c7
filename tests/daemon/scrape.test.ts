import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CollectContext, CollectResult } from '../../src/core/collector.ts'
import { VcError } from '../../src/core/errors.ts'
import { openAbsences } from '../../src/daemon/scrape-needs.ts'
import { readFrame } from '../../src/transport/frame.ts'
import { shMachine } from '../transport/sh-machine.ts'
import { collector, NOW, only, saying, scrape } from './scrape-story.ts'

test('a machine that can end nothing that hangs is told of, once', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-scrape-'))
  for (const name of ['sh', 'cat']) symlinkSync(`/bin/${name}`, join(dir, name))
  const having = (PATH: string) => ({ executor: shMachine({ shell: ['/bin/sh', '-s'], env: { PATH } }) })
  const asking = async (ctx: CollectContext): Promise<CollectResult> => {
    await ctx.run({ script: ':', args: [] })
    return { batches: [] }
  }
  const probe = collector(asking, { name: 'probe' })
  try {
    const [bare, other] = await scrape([probe, saying('one')], having(dir))
    expect([bare?.up, other?.up, other?.warnings]).toEqual([true, true, []])
    expect(bare?.warnings).toEqual([expect.objectContaining({ code: 'no_timeout_tool' })])
    expect((await only(scrape([probe], having('/usr/local/bin:/usr/bin:/bin')))).warnings).toEqual([])
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

test('every due collector gives a run with its rows, and all share one exec', async () => {
  const executor = shMachine()
  const heard: string[] = []
  const runs = await scrape(['one', 'two', 'three'].map(saying), {
    executor,
    onRun: (run) => heard.push(run.collector),
  })
  expect(runs.map((run) => [run.collector, run.up, run.fault, run.bytes, run.batches[0]?.rows])).toEqual([
    ['one', true, null, 3, [{ word: 'one' }]],
    ['two', true, null, 3, [{ word: 'two' }]],
    ['three', true, null, 5, [{ word: 'three' }]],
  ])
  expect(runs[0]).toMatchObject({ machineId: 'atlas', sourceVersion: '1.0.0', schemaVersion: 3, startedAt: NOW })
  expect(executor.scripts.map((script) => readFrame(script)?.asks.length)).toEqual([3])
  expect(heard.toSorted()).toEqual(['one', 'three', 'two'])
})

test('a collector that throws is a bad_output run and costs the others nothing', async () => {
  const broken = collector(
    async () => {
      throw new TypeError('x is not\x1b[31m iterable')
    },
    { name: 'broken' },
  )
  const sync = collector(
    () => {
      throw new VcError('bad_ask', 'asked nonsense', 'ask better')
    },
    { name: 'sync' },
  )
  const runs = await scrape([broken, sync, saying('fine')])
  expect(runs.map((run) => [run.collector, run.up, run.fault, run.detail])).toEqual([
    ['broken', false, 'bad_output', 'x is not[31m iterable'],
    ['sync', false, 'bad_output', 'asked nonsense'],
    ['fine', true, null, null],
  ])
})

test('a collector past its time is a timeout run; what it asked is ended and the others have long reported', async () => {
  const heard: string[] = []
  const hanging = collector(
    async (ctx) => ctx.run({ script: 'sleep 60', timeoutMs: 50_000, slow: true }).then(() => ({ batches: [] })),
    {
      name: 'hanging',
      timeoutMs: 1500,
    },
  )
  const runs = await scrape([hanging, saying('quick')], { onRun: (run) => heard.push(run.collector) })
  expect(runs[0]).toMatchObject({ up: false, fault: 'timeout', detail: 'the run took more than 1500 ms', batches: [] })
  expect(heard).toEqual(['quick', 'hanging'])
})

test('a run that reports progress has time', async () => {
  const patient = collector(
    async (ctx) => {
      for (let done = 1; done <= 6; done++) {
        await ctx.run({ script: 'sleep 0.2' })
        ctx.progress(done, 6)
      }
      return { batches: [] }
    },
    { timeoutMs: 900 },
  )
  const progress: number[] = []
  const run = await only(scrape([patient], { ports: { progress: (_, done) => progress.push(done) } }))
  expect(run).toMatchObject({ up: true, fault: null })
  expect(progress).toEqual([1, 2, 3, 4, 5, 6])
})

test('a truncated run stores its scrape alone', async () => {
  const cut = collector(async () => ({ batches: [{ table: 'things', rows: [{ a: 1 }] }], fault: 'truncated' }))
  expect(await only(scrape([cut]))).toMatchObject({ up: false, fault: 'truncated', batches: [] })
})

test('only cursors that moved are given back', async () => {
  const cursors = new Map<string, unknown>([
    ['same', { at: 5 }],
    ['moved', { at: 5 }],
    ['gone', 1],
  ])
  const seen: unknown[] = []
  const walker = collector(async (ctx) => {
    seen.push(ctx.cursors.get('same'))
    const changes = { same: { at: 5 }, moved: { at: 6 }, gone: null, never: null, fresh: 0 }
    return { batches: [], cursors: Object.entries(changes).map(([key, value]) => ({ key, value })) }
  })
  const run = await only(scrape([walker], { cursors }))
  expect(seen).toEqual([{ at: 5 }])
  expect(run.cursors).toEqual([
    { key: 'moved', value: { at: 6 } },
    { key: 'gone', value: null },
    { key: 'fresh', value: 0 },
  ])
})

test('a collector whose tools are absent does not run, and says so once until that changes', async () => {
  const absences = openAbsences()
  let ran = 0
  const needy = collector(
    async () => {
      ran += 1
      return { batches: [] }
    },
    { needs: [['tmux'], ['git', 'hg']] },
  )
  const tick = (tools: readonly string[] | null) =>
    scrape([needy], {
      absences,
      machine: {
        id: 'atlas',
        local: false,
        os: null,
        tools: tools && new Map(tools.map((tool) => [tool, `/bin/${tool}`])),
      },
    })
  expect(await tick(['hg'])).toMatchObject([{ up: false, fault: 'tool_missing', detail: 'not found there: tmux' }])
  expect(await tick(['hg'])).toEqual([])
  expect(await tick([])).toMatchObject([{ detail: 'not found there: tmux, git or hg' }])
  expect(ran).toBe(0)
  expect(await tick(['tmux', 'git'])).toMatchObject([{ up: true }])
  expect(await tick(null)).toMatchObject([{ up: true }])
  expect(await tick(['hg'])).toHaveLength(1)
  expect(ran).toBe(2)
})

test('stopping ends the runs in flight as cancelled', async () => {
  const stop = new AbortController()
  const waiting = collector(async (ctx) => {
    stop.abort()
    await ctx.run({ script: 'sleep 60' })
    return { batches: [] }
  })
  expect(await only(scrape([waiting], { signal: stop.signal }))).toMatchObject({ up: false, fault: 'cancelled' })
})

test('cursors that cannot be read are a persist failure: without them a run would count twice', async () => {
  const cursors = () => Promise.reject(new Error('disk on fire'))
  let ran = false
  const careful = collector(async () => {
    ran = true
    return { batches: [] }
  })
  expect(await only(scrape([careful], { ports: { cursors } }))).toMatchObject({
    fault: 'persist_failed',
    detail: 'cursors not readable: disk on fire',
  })
  expect(ran).toBe(false)
})

test('warnings of the run travel with it', async () => {
  const warning = { code: 'odd', message: '1 of 6 unreadable', fix: 'look' }
  const odd = collector(async (ctx) => {
    for (let i = 0; i < 500; i++) ctx.warn(warning.code, warning.message, warning.fix)
    return { batches: [], warnings: [{ ...warning, code: 'own' }] }
  })
  const run = await only(scrape([odd]))
  expect(run.warnings).toHaveLength(101)
  expect([run.warnings.at(0)?.code, run.warnings.at(-1)?.code]).toEqual(['odd', 'own'])
})
