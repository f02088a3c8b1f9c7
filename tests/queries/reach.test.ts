import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { robotAnswer } from '../../src/robot/answer.ts'
import { NOW, ownConfig, planOf, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

const plan = planOf(['atlas', 'borg', 'coyote'])
const askAt =
  (laterS: number) =>
  (request: AskRequest): ReturnType<typeof answer> =>
    answer(queries, request, {
      db: seeded.store.db,
      now: new Date(NOW.getTime() + laterS * 1000),
      plan,
      ownConfig,
    })
const ask = (topic: string, params: AskRequest['params'] = {}, laterS = 0) => askAt(laterS)({ topic, params })
const exitOf = async (topic: string, params: AskRequest['params'] = {}, laterS = 0): Promise<number> =>
  (await robotAnswer(askAt(laterS), topic, 'json', { ...params, 'require-fresh': true })).exit

/** Topics that rest on what a machine said, but say by themselves how far they reach. */
const BY_THEMSELVES = ['health', 'status', 'triage', 'machines', 'machine', 'usage', 'cost', 'explain']
/** Topics about vc itself, about what it did, and about what was. */
const OF_NO_MACHINE = [
  ...['engine', 'missions', 'oracle', 'config', 'search', 'audit', 'events', 'diff', 'incidents', 'kpi', 'report'],
  ...['retention', 'doctor', 'dna', 'patterns'],
]

test('each topic that rests on machines says on which of their sources', () => {
  const silent = queries.filter((query) => query.sources === undefined).map((query) => query.name)
  expect(silent.sort()).toEqual([...BY_THEMSELVES, ...OF_NO_MACHINE].sort())
})

test.each(['agents', 'sessions', 'ptys', 'repos', 'alerts', 'accounts', 'forecast', 'scrapes', 'beads'])(
  '%s names the machine that never answered, and is not fresh then; of another machine it is',
  async (topic) => {
    expect((await ask(topic)).warnings).toContainEqual(expect.stringMatching(/^never_reached: coyote never answered/))
    expect(await exitOf(topic)).toBe(3)
    const oneOnly = ['accounts', 'scrapes'].includes(topic) ? null : { machine: 'atlas' }
    if (oneOnly !== null) expect(await exitOf(topic, oneOnly)).toBe(0)
  },
)

test('the evidence about an agent is as fresh as its machine', async () => {
  expect(await exitOf('explain', { id: 'atlas/claude-7k2m' })).toBe(0)
  expect(await exitOf('explain', { id: 'atlas/claude-7k2m' }, 660)).toBe(3)
})

test('a sum of money says how many machines it leaves out, as one of tokens does', async () => {
  for (const topic of ['cost', 'usage'])
    expect((await ask(topic)).warnings).toContainEqual(
      expect.stringMatching(/^partial: the sum covers 2 of 3 machines/),
    )
  expect(await exitOf('cost')).toBe(3)
})

test('the ages of the sources it rests on stand beside an answer', async () => {
  expect((await ask('agents')).staleness).toEqual({ claude: 6, probe: 5, tmux: 6 })
  expect((await ask('repos', { machine: 'atlas' })).staleness).toEqual({ git: 4 })
  for (const topic of ['usage', 'cost']) expect((await ask(topic)).staleness).toEqual({ claude: 6 })
})

test.each(['health', 'status', 'machines', 'agents', 'alerts'])(
  '%s of eleven minutes ago is not fresh: nothing was heard since',
  async (topic) => {
    expect((await ask(topic, {}, 660)).warnings).toContainEqual(
      expect.stringMatching(/^stale: nothing was heard from .*atlas.* for up to 11 min \(vc doctor\)$/),
    )
    expect(await exitOf(topic, topic === 'machines' ? {} : { machine: 'atlas' }, 660)).toBe(3)
  },
)

test('a source that fails makes stale what rests on it, and nothing else', async () => {
  const fails = { up: false, fault: 'timeout' as const, detail: 'no answer within 20 s' }
  const other = await seededStore(['atlas'])
  await other.store.append(run('atlas', 'claude', 1, [], fails))
  await other.store.flush()
  const exit = (topic: string) =>
    robotAnswer(
      (request) => answer(queries, request, { db: other.store.db, now: NOW, plan: planOf(['atlas']), ownConfig }),
      ...([topic, 'json', { 'require-fresh': true }] as const),
    )
  expect((await exit('sessions')).text).toContain('stale: claude on atlas: timeout (no answer within 20 s)')
  expect([(await exit('sessions')).exit, (await exit('repos')).exit, (await exit('health')).exit]).toEqual([3, 0, 0])
  await other.close()
})
