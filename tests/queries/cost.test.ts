import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { tempStore } from '../store/support.ts'
import { ago, NOW, run } from './seeded-store.ts'

const used = (key: string, atS: number, session: string, costMicrousd: number | null): Row => ({
  provider: 'anthropic', message_key: key, ts: ago(atS), request_id: null, cli: 'claude', session_id: session, parent_session_id: null,
  is_sidechain: false, shared: false, model: 'claude-opus-4-5', input_tokens: 100, output_tokens: 0, cache_read_tokens: 0,
  cache_write_5m_tokens: 0, cache_write_1h_tokens: 0, reasoning_tokens: 0, total_tokens: 100, cost_microusd: costMicrousd,
  price_source: 'test', account_key: 'acc-1', cwd: '/w', project: '/w', repo: null,
}) // biome-ignore format: a table of values

const agent = (id: string, session: string, pane: string): Row => ({
  agent_id: id, machine_id: 'atlas', cli: 'claude', kind: 'observed', first_seen: ago(9000), ended: null, session_id: session,
  parent_session_id: null, cli_version: null, cwd: '/w', repo_id: null, boot_id: null, root_pid: 1, root_start_ticks: 1, tty: null,
  pane_key: pane, session_name: null, account_key: null,
}) // biome-ignore format: a table of values

const alias = (id: string, session: string): Row => ({
  machine_id: 'atlas', alias: `session:claude:${session}`, agent_id: id, since: ago(9000),
}) // biome-ignore format: one row

const state = (id: string, word: string, atS: number): Row => ({
  agent_id: id, machine_id: 'atlas', state: word, reason: null, since: ago(atS), until_at: null, rule: 'test@1', winner_json: null,
  losers_json: '[]', judged_at: ago(atS),
}) // biome-ignore format: a table of values

const hook = (pane: string, bead: string | null): Row => ({
  town: '/t', address: 'mayor/', rig: null, role: 'mayor', name: null, session_name: null, socket: null, pane_key: pane,
  agent_id: null, running: true, state: null, has_work: bead !== null, hook_bead: bead, work_title: null, cli_info: null, gone: false,
}) // biome-ignore format: a table of values

test('cost by bead and what idles at a price; a turn that begins under an idle state is no overhead', async () => {
  const store = await tempStore({ groupWindowMs: 0 })
  const write = (atS: number, table: string, rows: readonly Row[]) =>
    store.write({ machineId: 'atlas', source: 'oracle.agents', at: ago(atS), batches: [{ table, rows }] })
  await write(9000, 'agents', [agent('atlas/claude-a', 'a', 'p1'), agent('atlas/claude-b', 'b', 'p2')])
  await write(9000, 'agent_aliases', [alias('atlas/claude-a', 'a'), alias('atlas/claude-b', 'b')])
  await write(7200, 'latest_agent_states', [
    state('atlas/claude-a', 'idle', 7200),
    state('atlas/claude-b', 'idle', 7200),
  ])
  await write(3590, 'latest_agent_states', [state('atlas/claude-b', 'working', 3590)])
  await store.append(run('atlas', 'gastown', 7100, [{ table: 'gastown_agents', rows: [hook('p1', 'vc-17')] }]))
  await store.append(
    run('atlas', 'claude', 60, [
      {
        table: 'agent_usage',
        rows: [used('1', 3600, 'a', 2_000_000), used('2', 3600, 'b', 500_000), used('3', 8000, 'a', null)],
      },
    ]),
  )
  const reply = await answer(
    queries,
    { topic: 'cost', params: { period: 'week' } },
    { db: store.db, now: NOW, plan: { machines: [], budgets: { dayMicrousd: 5_000_000, monthMicrousd: null } } },
  )
  expect(reply.data).toMatchObject({
    periods: [{ period: 'today', cost_microusd: 2_500_000, unpriced_tokens: 100 }, {}, {}],
    by: {
      bead: [
        { key: 'vc-17', cost_microusd: 2_000_000, total_tokens: 100 },
        { key: null, cost_microusd: 500_000, total_tokens: 200, unpriced_tokens: 100 },
      ],
    },
    overhead: [{ agent: 'atlas/claude-a', messages: 1, idle_hours: 2, microusd_per_hour: 1_000_000 }],
    budgets: [
      { period: 'day', limit_microusd: 5_000_000, spent_pct: 50, probability_over: null, expected_microusd: null },
    ],
  })
  expect(reply.warnings).toEqual([expect.stringMatching(/^unpriced: 100 tokens/)])
})

test('the last hour and the last day are the sums that usage tells of them', async () => {
  const store = await tempStore({ groupWindowMs: 0 })
  const spread = [1, 1800, 3599, 3601, 7100, 86_399, 86_401].map((atS, at) => used(`${at}`, atS, 'a', 24 * 10 ** at))
  await store.append(run('atlas', 'claude', 60, [{ table: 'agent_usage', rows: spread }]))
  const ctx = { db: store.db, now: NOW, plan: { machines: [] } }
  const ask = async (topic: string, params: object) =>
    (await answer(queries, { topic, params: { ...params } }, ctx)).data
  expect(await ask('cost', {})).toMatchObject({
    burn: { last_hour_microusd: 24 * 111, day_microusd_per_hour: 111_111 },
  })
  expect(await ask('usage', { since: '1h' })).toMatchObject({ total: { cost_microusd: 24 * 111 } })
  expect(await ask('usage', { since: '24h' })).toMatchObject({ total: { cost_microusd: 24 * 111_111 } })
})
