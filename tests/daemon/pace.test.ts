import { describe, expect, test } from 'vitest'
import { intervalAt } from '../../src/core/plan.ts'
import type { RowBatch, ScrapeRun } from '../../src/core/rows.ts'
import { fleetPlan, openFleet } from '../../src/daemon/fleet.ts'
import { mayStretch, openPace } from '../../src/daemon/pace.ts'
import { stretchOf } from '../../src/daemon/schedule.ts'
import { isLate, type SourcePicture } from '../../src/oracle/status.ts'
import { scrapeRun } from '../scrape-run.ts'
import { configOf, fakeStore, heldCollector, portsOf } from './fleet-story.ts'

const shows = (value: number): readonly RowBatch[] => [{ table: 'repos', rows: [{ repo: 'a', value }] }]
const run = (batches: readonly RowBatch[], more: Partial<ScrapeRun> = {}): ScrapeRun =>
  scrapeRun({ collector: 'git', batches, ...more })

test('an interval doubles after two looks without a change, and again, up to four times', () => {
  expect([0, 1, 2, 3, 4, 5, 1000].map(stretchOf)).toEqual([1, 1, 2, 2, 4, 4, 4])
})

test('a source that shows the same is left alone longer; a change brings its own pace back', () => {
  const pace = openPace()
  const factors = Array.from({ length: 6 }, (_, look) => {
    pace.saw(run(shows(1), { startedAt: new Date(1000 * look) }))
    return pace.factor
  })
  expect(factors).toEqual([1, 1, 2, 2, 4, 4])
  expect(pace.sinceMs).toBe(4000)
  pace.saw(run(shows(2), { startedAt: new Date(9000) }))
  expect([pace.factor, pace.sinceMs]).toEqual([1, 9000])
})

const SAME: readonly (readonly [string, Partial<ScrapeRun>])[] = [
  ['a fault', { up: false, fault: 'timeout' }],
  ['a half', { partial: true }],
  ['a cursor', { cursors: [{ key: 'k', value: 1 }] }],
  ['a warning', { warnings: [{ code: 'c', message: 'm', fix: 'f' }] }],
  ['too many rows to compare', { batches: [{ table: 'repos', rows: Array.from({ length: 3000 }, () => ({ a: 1 })) }] }],
]
test.each(SAME)('%s is no sameness', (_name, more) => {
  const pace = openPace()
  for (let look = 0; look < 5; look++) pace.saw(run(shows(1)))
  pace.saw(run(shows(1), more))
  expect(pace.factor).toBe(1)
})

test('ids beyond 2^53 and times are compared, too', () => {
  const pace = openPace()
  for (let look = 0; look < 3; look++) pace.saw(run([{ table: 't', rows: [{ id: 2n ** 60n, at: new Date(5) }] }]))
  expect(pace.factor).toBe(2)
  pace.saw(run([{ table: 't', rows: [{ id: 2n ** 60n + 1n, at: new Date(5) }] }]))
  expect(pace.factor).toBe(1)
})

test('the plan that lives with a fleet says all that the written one says: budgets, too', async () => {
  const config = configOf(['atlas'], '[alerts]\ndaily_budget_usd = 5')
  const ports = portsOf(fakeStore().store)
  const fleet = openFleet(config, config.machines, [heldCollector('git').collector], ports)
  expect(fleet.plan).toMatchObject(fleetPlan(config, config.machines, [heldCollector('git').collector]))
  expect(fleet.plan.budgets).toEqual({ dayMicrousd: 5_000_000, monthMicrousd: null })
  await fleet.stop()
})

test('what is behind a critical alert is never left alone longer', () => {
  for (const name of ['probe', 'tmux', 'live', 'claude', 'codex', 'gemini', 'opencode'])
    expect(mayStretch(name)).toBe(false)
  expect(mayStretch('git')).toBe(true)
})

describe('a fleet', () => {
  const planOf = async (source: string, config = '') => {
    const { collector, waiting } = heldCollector(source, 300)
    const fleet = openFleet(
      configOf(['atlas'], config),
      configOf(['atlas'], config).machines,
      [collector],
      portsOf(fakeStore().store),
    )
    for (let look = 1; look <= 5; look++) {
      const looking = fleet.collectNow({})
      while (waiting.length < look) await new Promise((done) => setImmediate(done))
      waiting.at(-1)?.end({ batches: shows(1) })
      await looking
    }
    const plan = fleet.plan.machines[0]?.sources[0]
    await fleet.stop()
    if (plan === undefined) throw new Error('nothing planned')
    return plan
  }

  test('tells the pace in force, and lateness is judged by it', async () => {
    const plan = await planOf('git')
    expect(plan).toMatchObject({ intervalS: 1200, stretch: { factor: 4, slowestS: 1200 } })
    const picture: SourcePicture = {
      source: 'git',
      up: true,
      fault: null,
      detail: null,
      okAgeS: 1500,
      intervalS: intervalAt(plan, new Date(8e12)),
      consecutiveFailures: 0,
      bytes: 0,
    }
    expect([isLate(picture), isLate({ ...picture, intervalS: 300 })]).toEqual([false, true])
    expect(isLate({ ...picture, okAgeS: 4000 })).toBe(true)
  })

  test('before the present stretch began the longest pace counts', () => {
    const plan = { source: 'git', intervalS: 300, stretch: { factor: 1, sinceMs: 5000, slowestS: 1200 } }
    expect([4000, 5000].map((ms) => intervalAt(plan, new Date(ms)))).toEqual([1200, 300])
  })

  test('keeps a pace that a person wrote down, and that of critical sources', async () => {
    expect(await planOf('git', '[collectors.git]\ninterval_seconds = 300\n')).toMatchObject({ intervalS: 300 })
    expect((await planOf('probe')).stretch).toBeUndefined()
  })
})
