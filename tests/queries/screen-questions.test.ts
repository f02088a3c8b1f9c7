import { expect, test } from 'vitest'
import type { FleetPlan } from '../../src/core/plan.ts'
import type { Row } from '../../src/core/rows.ts'
import { windowLengthMs } from '../../src/queries/cost-windows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Store } from '../../src/store/index.ts'
import { tempStore } from '../store/support.ts'
import { ago, NOW, run } from './seeded-store.ts'

const HOUR = 3_600

const ask = async (store: Store, topic: string, params: Record<string, unknown>, plan: FleetPlan = { machines: [] }) =>
  answer(queries, { topic, params }, { db: store.db, now: NOW, plan })

const used = (key: string, atS: number, over: Row = {}): Row => ({
  provider: 'anthropic', message_key: key, ts: ago(atS), request_id: null, cli: 'claude', session_id: 's', parent_session_id: null,
  is_sidechain: false, shared: false, model: 'claude-opus-4-5', input_tokens: 100, output_tokens: 0, cache_read_tokens: 0,
  cache_write_5m_tokens: 0, cache_write_1h_tokens: 0, reasoning_tokens: 0, total_tokens: 100, cost_microusd: 1_000_000,
  price_source: 'test', account_key: null, cwd: '/w', project: '/w', repo: null, ...over,
}) // biome-ignore format: a table of values

const usedStore = async (rows: readonly Row[]): Promise<Store> => {
  const store = await tempStore({ groupWindowMs: 0, now: () => NOW })
  await store.append(run('atlas', 'claude', 60, [{ table: 'agent_usage', rows }]))
  return store
}

test('usage by weekday and hour lays weeks over one another, in order of the week', async () => {
  // NOW is Friday noon; a week before it is the same hour of the same weekday.
  const store = await usedStore([used('1', HOUR), used('2', HOUR + 7 * 24 * HOUR), used('3', 26 * HOUR)])
  const reply = await ask(store, 'usage', { since: '30d', by: 'weekday_hour' })
  expect(reply.data).toMatchObject({
    groups: [
      { key: '4-10', total_tokens: 100 },
      { key: '5-11', total_tokens: 200 },
    ],
  })
})

test('usage by hour is told by the beginning of the hour, oldest first', async () => {
  const store = await usedStore([used('1', HOUR), used('2', 30 * HOUR)])
  const reply = await ask(store, 'usage', { since: '3d', by: 'hour' })
  expect((reply.data as { groups: { key: string }[] }).groups.map(({ key }) => key)).toEqual([
    '2026-11-19T06:00:00.000Z',
    '2026-11-20T11:00:00.000Z',
  ])
})

test('cost says what the next 30 days are likely to be, and says nothing with too little history', async () => {
  const days = [1, 2, 3, 4, 5].map((day) => used(`d${day}`, day * 24 * HOUR, { cost_microusd: 3_000_000 }))
  const reply = await ask(await usedStore(days), 'cost', {})
  expect(reply.data).toMatchObject({
    forecast: { next_30_days: { per_day_microusd: 3_000_000, expected_microusd: 90_000_000, days_seen: 4 } },
  })
  const little = await ask(await usedStore([used('1', HOUR)]), 'cost', {})
  expect(little.data).toMatchObject({ forecast: { next_30_days: null } })
})

const seen = (window: string, resetsInS: number): Row => ({
  provider: 'anthropic', account_key: 'acc-1', account_label: null, limit_id: 'claude', window_name: window, used_pct: 40,
  resets_at: ago(-resetsInS), observed_at: ago(60), observed_source: 'claude.cached_usage', source_rank: 1, status: null,
  plan: null, credits: null,
}) // biome-ignore format: a table of values

test('a billing window counts its own account, and the whole provider where transcripts name none', async () => {
  for (const [key, counted, cost] of [
    ['acc-1', 'account', 2_000_000],
    [null, 'provider', 3_000_000],
  ] as const) {
    const other = key === null ? null : 'acc-2'
    const store = await usedStore([
      used('1', HOUR, { account_key: key }),
      used('2', 2 * HOUR, { account_key: key }),
      used('3', HOUR, { account_key: other }),
      used('early', 6 * HOUR, { account_key: key }),
    ])
    await store.append(
      run('atlas', 'accounts', 60, [{ table: 'account_usage_snapshots', rows: [seen('5h', 2 * HOUR)] }]),
    )
    const reply = await ask(store, 'cost', {})
    expect(reply.data).toMatchObject({
      windows: [{ window: '5h', since: ago(3 * HOUR).toISOString(), counted, cost_microusd: cost }],
    })
  }
})

test('the week of one model counts what that model used, whatever version it is of', async () => {
  const key = { account_key: 'acc-1' }
  const store = await usedStore([
    used('1', HOUR, { ...key, model: 'claude-opus-4-5-20251101' }),
    used('2', HOUR, { ...key, model: 'claude-sonnet-4-5' }),
    used('3', HOUR, { ...key, model: 'claude-opusculum-1' }),
    used('4', HOUR, { ...key, model: null }),
  ])
  const rows = ['7d', '7d:opus', '7d:opus-4.5', '7d:haiku'].map((window) => seen(window, 2 * HOUR))
  await store.append(run('atlas', 'accounts', 60, [{ table: 'account_usage_snapshots', rows }]))
  const { windows } = (await ask(store, 'cost', {})).data as { windows: { window: string; total_tokens: number }[] }
  expect(windows.map(({ window, total_tokens }) => [window, total_tokens]).sort()).toEqual([
    ['7d', 400],
    ['7d:haiku', 0],
    ['7d:opus', 100],
    ['7d:opus-4.5', 100],
  ])
})

test('many windows are summed in one question to the ledger, as one is', async () => {
  const asksOf = async (accounts: number): Promise<number> => {
    const store = await usedStore([used('1', HOUR, { account_key: 'acc-0' })])
    const rows = Array.from({ length: accounts }, (_, i) => ({ ...seen('5h', 2 * HOUR), account_key: `acc-${i}` }))
    await store.append(run('atlas', 'accounts', 60, [{ table: 'account_usage_snapshots', rows }]))
    let asks = 0
    const rowsOf = ((sql, params) => {
      asks += sql.includes('agent_usage') ? 1 : 0
      return store.db.rows(sql, params)
    }) as Store['db']['rows']
    const { data } = await answer(
      queries,
      { topic: 'cost', params: {} },
      { db: { rows: rowsOf }, now: NOW, plan: { machines: [] } },
    )
    expect((data as { windows: unknown[] }).windows).toHaveLength(accounts)
    return asks
  }
  expect(await asksOf(30)).toBe(await asksOf(1))
})

test('the length of a window is read off its name, and unknown otherwise', () => {
  expect(['5h', '7d', '7d_opus', '7d:opus', 'weekly', '5hours', ''].map(windowLengthMs)).toEqual([
    5 * HOUR * 1000, 7 * 24 * HOUR * 1000, 7 * 24 * HOUR * 1000, 7 * 24 * HOUR * 1000, null, null, null,
  ]) // biome-ignore format: a table of values
})

const setting = (name: string, value: string): Row => ({
  scope: '/h/.claude', source_file: '/h/.claude/settings.json', cli: 'claude', level: 'global', project_path: '', kind: 'setting',
  name, value, value_hash: value, value_length: value.length, items: null, enabled: null, transport: null, command: null,
  url_host: null, env_names: null, header_names: null, gone: false,
}) // biome-ignore format: a table of values

test('settings mark what changed since a time, name what is gone, and say when vc did not look yet', async () => {
  const store = await tempStore({ groupWindowMs: 0, now: () => NOW })
  const write = (atS: number, rows: readonly Row[]) =>
    store.append(run('atlas', 'agent_config', atS, [{ table: 'agent_config', rows }]))
  await write(3 * HOUR, [setting('model', 'opus'), setting('theme', 'dark'), setting('old', 'x')])
  await write(HOUR, [
    setting('model', 'sonnet'),
    setting('theme', 'dark'),
    { ...setting('old', 'x'), gone: true },
    setting('new', 'y'),
  ])
  const { data } = await ask(store, 'settings', { since: '2h' })
  const lines = (data as { settings: { name: string; change: string | null }[] }).settings
  expect(Object.fromEntries(lines.map(({ name, change }) => [name, change]))).toEqual({
    model: 'changed', theme: null, new: 'appeared',
  }) // biome-ignore format: a table of values
  expect(data).toMatchObject({ gone: [{ name: 'old', value: 'x' }] })
  const few = (await ask(store, 'settings', { since: '2h', limit: 0 })).data as {
    settings: { name: string }[]
    total: number
  }
  expect([few.settings.map(({ name }) => name).sort(), few.total]).toEqual([['model', 'new'], 3])
  const early = await ask(store, 'settings', { since: '9h' })
  expect(early.data).toMatchObject({ since: null, gone: [] })
  expect(early.warnings).toEqual([expect.stringMatching(/^no_history: /)])
})
