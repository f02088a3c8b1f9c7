import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { openSwarm } from '../../src/daemon/profiles.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { DAY_MS, swarmWorld } from '../oracle/swarm-worlds.ts'
import { ago, planOf, run, seededStore } from '../queries/seeded-store.ts'

/** Agents that slow each other down, for two weeks before this. */
const NOW = new Date('2026-12-07T00:00:00Z')
const LATER_MS = 21 * DAY_MS
const later = (at: Date): Date => new Date(at.getTime() + LATER_MS)
const found = swarmWorld(42, { agents: 6, days: 14, together: 0.1 })
const world = {
  hours: found.hours.map((one) => ({ ...one, at: later(one.at) })),
  errors: found.errors.map((one) => ({ ...one, at: later(one.at), workingAt: one.workingAt && later(one.workingAt) })),
}

const usage = (at: Date, agent: string, over: Row): Row => ({
  provider: 'anthropic', message_key: `${agent} ${at.getTime()}`, ts: at, request_id: null, cli: 'claude', session_id: agent, parent_session_id: null,
  is_sidechain: false, shared: false, model: 'm', input_tokens: 100, output_tokens: 50, cache_read_tokens: 900, cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0, reasoning_tokens: 0, total_tokens: 1050, cost_microusd: 1, price_source: 'test', account_key: null, cwd: null, project: null, repo: null, ...over,
}) // biome-ignore format: a row

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
  const rows = world.hours.map((one) =>
    usage(one.at, one.agentId ?? '', { output_tokens: one.outputTokens, project: one.project }),
  )
  await seeded.store.append(run('atlas', 'claude', 3, [{ table: 'agent_usage', rows }]))
  const agents = [...new Set(world.hours.map(({ agentId }) => agentId ?? ''))]
  const state = (at: Date, agent: string, is: string): Row => ({
    agent_id: agent, machine_id: 'atlas', state: is, reason: null, since: at, until_at: null, rule: 'r', winner_json: null, losers_json: null, judged_at: at,
  }) // biome-ignore format: a row
  await seeded.store.write({
    machineId: 'atlas', source: 'oracle', at: ago(1),
    batches: [{ table: 'agent_aliases', rows: agents.map((agent) => ({ machine_id: 'atlas', alias: `session:claude:${agent}`, agent_id: agent, since: ago(1) })) }],
  }) // biome-ignore format: one row per line
  for (const { at, agentId, workingAt } of world.errors.slice(0, 40))
    for (const [moment, is] of [[at, 'failed'], [workingAt, 'working']] as const)
      if (moment !== null)
        await seeded.store.write({ machineId: 'atlas', source: 'oracle.agents', at: moment, batches: [{ table: 'latest_agent_states', rows: [state(moment, agentId, is)] }] })
  await seeded.store.flush()
}, 60_000) // biome-ignore format: short lists
afterAll(() => seeded.close())

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined } as unknown as Log
const at = (now: Date) => ({ db: seeded.store.db, now, plan: planOf(['atlas']) })
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const ask = async (topic: string, now: Date, params: object = {}): Promise<any> =>
  answer(queries, { topic, params: { ...params } }, at(now))

const lookAt = async (now: Date): Promise<void> => {
  const swarm = openSwarm({ store: seeded.store, plan: () => planOf(['atlas']), now: () => now, log: silent })
  await swarm.turn()
  await swarm.stop()
  await seeded.store.flush()
}

test('without a daemon the same is computed at once, and is what a daemon would store', async () => {
  const live = [(await ask('dna', NOW)).data, (await ask('patterns', NOW)).data]
  expect(live[0].computed_at).toBe(NOW.toISOString())
  expect(
    live[0].profiles
      .filter((one: { kind: string }) => one.kind === 'agent')
      .map((one: { agent: string }) => one.agent)
      .sort(),
  ).toEqual([
    'atlas/claude-0',
    'atlas/claude-1',
    'atlas/claude-2',
    'atlas/claude-3',
    'atlas/claude-4',
    'atlas/claude-5',
  ])
  expect(new Set(live[1].patterns.map(({ kind }: { kind: string }) => kind))).toEqual(new Set(['contention']))
  await lookAt(NOW)
  expect([(await ask('dna', NOW)).data, (await ask('patterns', NOW)).data]).toEqual(live)
})

test('errors and recoveries come from the states of agents', async () => {
  const { data } = await ask('dna', NOW, { id: 'claude-0' })
  expect(data.profiles).toHaveLength(1)
  const { errors_per_active_h: errors, recovery_minutes: recovery } = data.profiles[0].figures
  expect(errors.value).toBeGreaterThan(0)
  expect(recovery.value).toBeGreaterThan(1)
  expect(recovery.value).toBeLessThan(21)
})

test('an agent without a profile is named with the nearest', async () => {
  await expect(ask('dna', NOW, { id: 'atlas/claude-9' })).rejects.toMatchObject({
    code: 'no_profile',
    fix: expect.stringContaining('atlas/claude-'),
  })
})

test('within the hour nobody looks again; after it the picture is new, and one that is empty is stored too', async () => {
  const looks = () => seeded.store.db.rows<{ n: number }>('SELECT count(*) AS n FROM swarm_looks')
  const [before] = await looks()
  await lookAt(new Date(NOW.getTime() + 30 * 60_000))
  expect((await looks())[0]).toEqual(before)
  const afterwards = new Date(NOW.getTime() + 40 * 86_400_000)
  await lookAt(afterwards)
  expect((await looks())[0]?.n).toBe((before?.n ?? 0) + 2)
  expect((await ask('dna', afterwards)).data).toMatchObject({
    computed_at: afterwards.toISOString(),
    weighed: 0,
    profiles: [],
  })
  expect((await ask('patterns', afterwards)).data).toMatchObject({ tests: 0, patterns: [] })
})

test('the past is told as it was seen then, or said to be unknown', async () => {
  const afterwards = new Date(NOW.getTime() + 40 * 86_400_000)
  const then = await ask('patterns', afterwards, { at: new Date(NOW.getTime() + 60_000).toISOString() })
  expect(then.data.patterns[0]).toMatchObject({ kind: 'contention' })
  const between = await ask('dna', afterwards, { at: new Date(NOW.getTime() + 20 * 86_400_000).toISOString() })
  expect(between.data).toMatchObject({ computed_at: null, profiles: [] })
  expect(between.warnings.join()).toContain('not_computed')
})
