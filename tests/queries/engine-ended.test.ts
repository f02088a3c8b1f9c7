// Agents that vc keeps and that ended stay until they are forgotten: of thousands the last ones are told, and all are counted.
import { expect, test } from 'vitest'
import { managedAgent } from '../store/picture-rows.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'
import { asking, MANY, many } from './asking.ts'

const name = (i: number): string => `claude-e${String(i).padStart(2, '0')}`

const world = async () => {
  const store = await tempStore()
  const rows = [
    ...many((i) => managedAgent(name(i), { ended_at: at(i) })),
    managedAgent('claude-runs', { status: 'running', wanted: 'run' }),
    managedAgent('claude-lost', { status: 'lost', wanted: 'run', role: 'tester' }),
    managedAgent('claude-clock', { schedule_json: '{"cron":"0 3 * * *"}' }),
    managedAgent('claude-gone', { status: 'forgotten', wanted: 'forgotten', ended_at: at(500) }),
  ]
  const states = many((i) => ({
    ...{ agent_id: `atlas/${name(i)}`, machine_id: 'atlas', state: 'dead', rule: 'r', judged_at: at(0) },
  }))
  const events = many((i) => ({
    ...{ event_id: `e${i}`, agent_id: `atlas/${i === 0 ? 'claude-lost' : name(i)}`, ts: at(i), type: 'spawn' },
    ...{ detail: null, data_json: '{}' },
  }))
  await appendAll(
    store,
    runOf([
      { table: 'managed_agents', rows },
      { table: 'latest_agent_states', rows: states },
    ]),
    runOf([{ table: 'engine_events', rows: events }], { collector: 'engine' }),
  )
  const ask = asking(store)
  return async (params: Record<string, unknown>) => {
    const { data, most } = await ask('engine', params)
    const listed = data.agents as unknown as { agent: string }[]
    return { data, most, listed: listed.map(({ agent }) => agent.slice('atlas/'.length)) }
  }
}

test('of the agents that ended so many are listed as are asked for, the last first; all others are, and all are counted', async () => {
  const told = await world()
  const { listed, data, most } = await told({ ended: 2, limit: 5 })
  expect(listed).toEqual(['claude-clock', 'claude-e38', 'claude-e39', 'claude-lost', 'claude-runs'])
  expect([data.total, data.by_status, data.by_role]).toEqual([
    MANY + 3,
    { lost: 1, running: 1, stopped: MANY + 1 },
    { coder: MANY + 2, tester: 1 },
  ])
  expect([data.pools, most]).toEqual([[{ machine: 'atlas', limit: null, taken: 1, waiting: 0 }], 5])
  expect((await told({ ended: 1, all: true })).listed).toEqual([
    'claude-clock',
    'claude-gone',
    'claude-lost',
    'claude-runs',
  ])
  expect((await told({ ended: 0, role: 'tester' })).listed).toEqual(['claude-lost'])
})

test('one that is named in full is listed however long ago it ended', async () => {
  const told = await world()
  const { listed, data } = await told({ ended: 1, agent: 'atlas/claude-e03' })
  expect([listed, data.total]).toEqual([['claude-e03'], 1])
  expect((await told({ ended: 1, agent: 'claude-e0' })).listed).toEqual(['claude-e09'])
})

test('what happened to an agent is told though much happened to others since', async () => {
  const told = await world()
  const happened = async (params: Record<string, unknown>) =>
    ((await told(params)).data.events as unknown as { agent: string }[]).map(({ agent }) => agent)
  expect(await happened({ agent: 'claude-lost', limit: 3 })).toEqual(['atlas/claude-lost'])
  expect(await happened({ role: 'tester', limit: 3 })).toEqual(['atlas/claude-lost'])
  expect(await happened({ limit: 2, machine: 'atlas' })).toHaveLength(2)
})
