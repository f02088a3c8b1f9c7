import { describe, expect, test } from 'vitest'
import { type Profile, profiles, type SwarmFacts, type WorkHour } from '../../src/oracle/dna.ts'
import { commitDays, commitsByWorker } from '../../src/oracle/dna-commits.ts'
import { medianEstimate, ratioEstimate, shareEstimate, variationEstimate } from '../../src/oracle/dna-estimate.ts'
import { seededRandom } from '../../src/oracle/patterns-random.ts'
import { DAY_MS, HOUR_MS, hour, START } from './swarm-worlds.ts'

const at = (day: number, hourOfDay: number): Date => new Date(START + day * DAY_MS + hourOfDay * HOUR_MS)
const worked = (n: number, over: Partial<WorkHour> = {}): WorkHour[] =>
  Array.from({ length: n }, (_, i) => hour({ at: at(Math.floor(i / 8), 9 + (i % 8)), ...over }))
const facts = (hours: readonly WorkHour[], over: Partial<SwarmFacts> = {}): SwarmFacts => ({
  hours,
  errors: [],
  commits: [],
  beads: [],
  ...over,
})
const found = (from: SwarmFacts): Profile[] => [...profiles(from)].filter((one) => one !== null && one !== undefined)
const agentOf = (from: SwarmFacts): Profile | undefined => found(from).find(({ kind }) => kind === 'agent')

describe('intervals hold what they promise', () => {
  const random = seededRandom(7)
  const held = (trial: () => { low: number; high: number } | null, truth: number): number => {
    const trials = Array.from({ length: 1000 }, trial)
    return trials.filter((one) => one !== null && one.low <= truth && truth <= one.high).length / trials.length
  }
  test.each([12, 40])('a ratio of %i samples: 95 in 100', (n) => {
    const share = held(
      () =>
        ratioEstimate(
          Array.from({ length: n }, () => {
            const whole = 0.2 + random()
            return { part: whole * 100 * (0.5 + random()), whole }
          }),
        ),
      100,
    )
    expect(share).toBeGreaterThan(0.92)
    expect(share).toBeLessThan(0.985)
  })
  test('a median of twenty: 95 in 100 or more', () => {
    expect(held(() => medianEstimate(Array.from({ length: 20 }, () => random() ** 3)), 0.125)).toBeGreaterThan(0.94)
  })
  test('a share of thirty: 95 in 100', () => {
    const draw = (): number =>
      Array.from({ length: 30 }, () => (random() < 0.2 ? 1 : 0)).reduce<number>((a, b) => a + b, 0)
    expect(held(() => shareEstimate(draw(), 30), 0.2)).toBeGreaterThan(0.92)
  })
  test('never seen is not never: the upper end stays above zero', () => {
    expect(ratioEstimate(Array.from({ length: 20 }, () => ({ part: 0, whole: 0.5 })))).toMatchObject({
      value: 0,
      low: 0,
      high: expect.closeTo(0.2996, 3),
      n: 20,
    })
  })
  test('too few say nothing', () => {
    const eleven = Array.from({ length: 11 }, () => ({ part: 1, whole: 1 }))
    expect([
      ratioEstimate(eleven),
      medianEstimate([1, 2, 3, 4, 5]),
      variationEstimate([1, 2]),
      shareEstimate(3, 11),
    ]).toEqual([null, null, null, null])
    expect(ratioEstimate(Array.from({ length: 20 }, () => ({ part: 1, whole: 0 })))).toBeNull()
  })
})

test('a steady agent: each figure with value, interval and sample size', () => {
  const profile = agentOf(facts(worked(24)))
  expect(profile).toMatchObject({
    key: 'agent:atlas/claude-a',
    cli: 'claude',
    model: 'm',
    project: '/src/ledger',
    activeHours: 12,
    sampledHours: 24,
  })
  expect(profile?.figures.output_tokens_per_active_h).toEqual({ value: 2000, low: 2000, high: 2000, n: 24 })
  expect(profile?.figures.turns_per_active_h?.value).toBe(20)
  expect(profile?.figures.cache_read_share?.value).toBe(0.8)
  expect(profile?.figures.output_per_context?.value).toBe(0.1)
  expect(profile?.figures.pace_variation?.value).toBe(0)
  expect(profile?.tooFew).toEqual({ commits_per_active_h: 0, recovery_minutes: 0 })
  expect(profile?.hours.slice(8, 18)).toEqual([0, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0])
})

test('with little work every figure stays silent and says how little there was', () => {
  const profile = agentOf(facts(worked(5)))
  expect(profile?.figures).toEqual({})
  expect(profile?.tooFew).toMatchObject({ tokens_per_active_h: 5, cache_read_share: 5, errors_per_active_h: 5 })
  expect(profile?.affinity).toEqual([])
  expect(found(facts(worked(1, { activeHours: 1 / 12 })))).toEqual([])
})

test('two models in one hour are one hour of work, and the agent has no single model', () => {
  const hours = worked(12).flatMap((one) => [one, { ...one, model: 'other', activeHours: 0.25 }])
  expect(agentOf(facts(hours))).toMatchObject({ model: null, sampledHours: 12, activeHours: 9 })
  expect(found(facts(hours)).map(({ key }) => key)).toEqual([
    'agent:atlas/claude-a',
    'kind:claude m /src/ledger',
    'kind:claude other /src/ledger',
  ])
})

test('errors per hour and the time until it worked again; one that never recovered is no recovery', () => {
  const errors = Array.from({ length: 8 }, (_, i) => {
    const failed = new Date(at(Math.floor(i / 4), 9 + (i % 4)).getTime() + 60_000)
    return {
      at: failed,
      agentId: 'atlas/claude-a',
      workingAt: i === 7 ? null : new Date(failed.getTime() + (i + 1) * 60_000),
    }
  })
  const profile = agentOf(facts(worked(24), { errors }))
  expect(profile?.figures.errors_per_active_h).toMatchObject({ value: expect.closeTo(8 / 12, 6), n: 24 })
  expect(profile?.figures.recovery_minutes).toMatchObject({ value: 4, n: 7 })
})

test('errors of an hour without a message count too', () => {
  const errors = [{ at: at(9, 3), agentId: 'atlas/claude-a', workingAt: null }]
  expect(agentOf(facts(worked(24), { errors }))?.figures.errors_per_active_h?.value).toBeCloseTo(1 / 12)
})

test('whose sessions were never joined to an agent has no errors that are known, which is not none', () => {
  const [kind, ...more] = found(facts(worked(24, { agentId: null })))
  expect(more).toEqual([])
  expect(kind).toMatchObject({ kind: 'kind', agentId: null })
  expect(kind?.figures.errors_per_active_h).toBeUndefined()
})

test('affinities: shares of its hours by project, and of its issues by type', () => {
  const hours = [
    ...worked(30),
    ...worked(10, { project: '/src/gate' }).map((one) => ({ ...one, at: new Date(one.at.getTime() + 5 * DAY_MS) })),
  ]
  const beads = Array.from({ length: 16 }, (_, i) => ({ agentId: 'atlas/claude-a', type: i < 12 ? 'bug' : 'task' }))
  const profile = agentOf(facts(hours, { beads }))
  expect(profile?.affinity.map(({ of, name, value, n }) => [of, name, value, n])).toEqual([
    ['project', '/src/ledger', 0.75, 40],
    ['project', '/src/gate', 0.25, 40],
    ['bead_type', 'bug', 0.75, 16],
    ['bead_type', 'task', 0.25, 16],
  ])
  for (const one of profile?.affinity ?? []) expect(one.low < one.value && one.value < one.high).toBe(true)
})

describe('commits carry no agent', () => {
  const byDay = commitDays([4, 0, 2, 9], '2026-11-05')
  test('days count back from the last one, which is not over yet', () => {
    expect([...byDay]).toEqual([
      ['2026-11-02', 4],
      ['2026-11-03', 0],
      ['2026-11-04', 2],
    ])
  })
  test('a day is somebody’s only where nobody else worked there', () => {
    const day = (who: string, date: string) => ({ who, machineId: 'atlas', project: '/p', day: date, activeHours: 2 })
    const shares = commitsByWorker(
      [
        day('a', '2026-11-02'),
        day('a', '2026-11-03'),
        day('b', '2026-11-03'),
        day('b', '2026-11-04'),
        day('b', '2026-11-09'),
      ],
      [{ machineId: 'atlas', path: '/p', byDay }],
    )
    expect(Object.fromEntries(shares)).toEqual({ a: [{ part: 4, whole: 2 }], b: [{ part: 2, whole: 2 }] })
  })

  test('a project known by the last part of its folder is its checkout, unless two end alike', () => {
    const work = [{ who: 'a', machineId: 'atlas', project: 'gate', day: '2026-11-02', activeHours: 1 }]
    const at = (path: string) => ({ machineId: 'atlas', path, byDay })
    expect(commitsByWorker(work, [at('/src/gate')]).get('a')).toEqual([{ part: 4, whole: 1 }])
    expect(commitsByWorker(work, [at('/src/gate'), at('/old/gate')]).size).toBe(0)
  })
})
