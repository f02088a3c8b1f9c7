import { expect, test } from 'vitest'
import { idleOverhead } from '../../src/store/index.ts'
import { appendAll, at, runOf, tempStore, usage } from './support.ts'

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S
const state = (name: string, seconds: number) => ({
  agent_id: 'atlas/claude-a', machine_id: 'atlas', state: name, rule: 'r', judged_at: at(seconds),
}) // biome-ignore format: a row

test('an agent that was idle when the span began, after days of turns, idles over the whole of it', async () => {
  const store = await tempStore()
  const turns = [-10 * DAY_S, -9 * DAY_S, -2 * DAY_S].map((seconds, n) =>
    runOf([{ table: 'latest_agent_states', rows: [state(n === 1 ? 'working' : 'idle', seconds)] }], {
      startedAt: at(seconds),
    }),
  )
  for (const turn of turns) await appendAll(store, turn)
  const alias = { machine_id: 'atlas', alias: 'session:claude:s', agent_id: 'atlas/claude-a', since: at(-10 * DAY_S) }
  const used = usage('k', at(HOUR_S), { cli: 'claude', session_id: 's', total_tokens: 7, cost_microusd: 70 })
  await appendAll(
    store,
    runOf([
      { table: 'agent_aliases', rows: [alias] },
      { table: 'agent_usage', rows: [used] },
    ]),
  )
  const over = (since: number, until: number) => idleOverhead(store.db, { since: at(since), until: at(until) })
  expect(await over(0, DAY_S)).toMatchObject([
    { agent_id: 'atlas/claude-a', messages: 1, total_tokens: 7, idle_hours: 24 },
  ])
  expect(await over(-3 * DAY_S, DAY_S)).toMatchObject([{ messages: 1, idle_hours: 72 }])
  expect(await over(-11 * DAY_S, DAY_S)).toMatchObject([{ messages: 1, idle_hours: 96 }])
})
