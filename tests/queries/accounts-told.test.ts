import { expect, test } from 'vitest'
import { reportMarkdown } from '../../src/commands/report-markdown.ts'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Store } from '../../src/store/index.ts'
import { tempStore } from '../store/support.ts'
import { ago, inventory, NOW, planOf, run } from './seeded-store.ts'

const HOUR_S = 3600
const inHours = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_S * 1000)

const seen = (over: Row): Row => ({
  ...{ provider: 'anthropic', account_key: 'acc-a', account_label: 'ann@example.net', limit_id: 'claude' },
  ...{ window_name: '5h', used_pct: 40, resets_at: inHours(2), observed_at: ago(60) },
  ...{ observed_source: 'claude.cached_usage', source_rank: 20, ...over },
})
const token = (key: string, over: Row): Row => ({
  ...{ provider: 'anthropic', message_key: key, ts: ago(600), cli: 'claude', session_id: 's', is_sidechain: false },
  ...{ shared: false, model: 'm', input_tokens: 10, output_tokens: 5, cache_read_tokens: 0, cache_write_5m_tokens: 0 },
  ...{ cache_write_1h_tokens: 0, reasoning_tokens: 0, total_tokens: 15, cost_microusd: 1_000_000, ...over },
})

const storeOf = async (usage: readonly Row[], ledger: readonly Row[]): Promise<Store> => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  const machines = { table: 'machines', rows: inventory(['atlas']) }
  await store.write({ machineId: 'atlas', source: 'config', at: ago(7_200), batches: [machines] })
  await store.append(run('atlas', 'claude', 5, [{ table: 'account_usage_snapshots', rows: [...usage] }]))
  await store.append(run('atlas', 'claude', 4, [{ table: 'agent_usage', rows: [...ledger] }]))
  return store
}
const asker =
  (store: Store) =>
  async <Data>(topic: string, params: Record<string, string> = {}): Promise<Data> =>
    (await answer(queries, { topic, params }, { db: store.db, now: NOW, plan: planOf(['atlas']) })).data as Data

test('a window that is over since it was seen is unknown at the end of a report, as on the screen of accounts', async () => {
  const ask = asker(
    await storeOf(
      [seen({}), seen({ window_name: '7d', used_pct: 91, resets_at: inHours(-1), observed_at: ago(2 * HOUR_S) })],
      [],
    ),
  )
  const { accounts } = await ask<{ accounts: unknown[] }>('report')
  expect(accounts).toEqual([
    { provider: 'anthropic', account: 'ann@example.net', window: '5h', used_pct: 40 },
    { provider: 'anthropic', account: 'ann@example.net', window: '7d', used_pct: null },
  ])
})

test('sums by account say what people call it', async () => {
  const ask = asker(await storeOf([seen({})], [token('a', { account_key: 'acc-a' }), token('b', {})]))
  const told = [
    { key: 'acc-a', label: 'ann@example.net' },
    { key: null, label: null },
  ]
  const usage = await ask<{ groups: unknown[] }>('usage', { since: '1d', by: 'account' })
  expect(usage.groups).toMatchObject(told)
  const cost = await ask<{ by: { account: unknown[] } }>('cost')
  expect(cost.by.account).toMatchObject(told)
  const report = await ask<Parameters<typeof reportMarkdown>[0]>('report')
  expect(report.cost.by_account).toMatchObject(told)
  expect(reportMarkdown(report, [])).toContain('| ann@example.net | 15 | $1.00 |')
})

test('what a window cost says how much of that time is of no known account, and is nothing where all are known', async () => {
  const bob = seen({ account_key: 'acc-b', account_label: 'bob@example.net' })
  const windowsOf = async (ledger: readonly Row[]) => {
    const ask = asker(await storeOf([seen({}), bob], ledger))
    const { windows } = await ask<{ windows: Record<string, unknown>[] }>('cost')
    return windows.map((one) => [one.account, one.counted, one.total_tokens, one.unattributed_tokens])
  }
  const mine = token('a', { account_key: 'acc-a' })
  const codex = token('c', { provider: 'openai', cli: 'codex' })
  expect(await windowsOf([mine, token('b', {}), codex])).toEqual([
    ['acc-a', 'account', 15, 15],
    ['acc-b', 'provider', 30, 15],
  ])
  expect(await windowsOf([mine, codex])).toEqual([
    ['acc-a', 'account', 15, 0],
    ['acc-b', 'account', 0, 0],
  ])
})

test('a full bucket of one model is told by its name and holds nothing else back', async () => {
  const codex = { provider: 'openai', account_key: 'acc-c', account_label: null, observed_source: 'codex.rollout' }
  const ask = asker(
    await storeOf(
      [
        seen({ ...codex, limit_id: 'codex', used_pct: 43 }),
        seen({ ...codex, limit_id: 'codex_spark', used_pct: 100, status: 'rate_limit_reached' }),
      ],
      [],
    ),
  )
  const { health_factors } = await ask<{ health_factors: { factor: string }[] }>('machine', { id: 'atlas' })
  expect(health_factors).toContainEqual(
    expect.objectContaining({ factor: 'quota', evidence: 'acc-c 5h codex_spark 100 % used' }),
  )
  const said = await ask<Record<string, unknown>>('accounts')
  expect(said.line).toContain('acc-c 5h codex_spark 100 %')
  expect(said.accounts).toMatchObject([{ held_until: null, binding_window: '5h codex_spark' }])
  expect(said.recommendations).toMatchObject([{ use: { account: 'acc-c', usable: true, headroom_pct: 57 } }])
})

test('the health of a machine says which window was the last where none is open, as the list of accounts does', async () => {
  const quotaOf = async (...usage: readonly Row[]) => {
    const { health_factors } = await asker(await storeOf(usage, []))<{
      health_factors: { factor: string; score: number | null; evidence: string }[]
    }>('machine', { id: 'atlas' })
    const { score, evidence } = health_factors.find(({ factor }) => factor === 'quota') ?? {}
    return [score, evidence]
  }
  const old = { observed_at: ago(8 * HOUR_S), resets_at: inHours(-3) }
  expect(await quotaOf()).toEqual([null, 'no rate-limit window seen here'])
  expect(await quotaOf(seen(old), seen({ ...old, window_name: '10h', resets_at: inHours(-5) }))).toEqual([
    null,
    'no rate-limit window open now; the last one, ann@example.net 5h, ended 3 h ago',
  ])
  // One that may still be open, but was not seen for long, is no word on now.
  const week = { window_name: '7d', used_pct: 71, resets_at: inHours(48) }
  expect(await quotaOf(seen(old), seen({ ...week, observed_at: ago(7 * HOUR_S) }))).toEqual([
    null,
    'ann@example.net 7d 71 % used when last seen, 7 h ago',
  ])
  expect(await quotaOf(seen(old), seen(week))).toEqual([1, 'ann@example.net 7d 71 % used'])
})

test('a line of a report without any price is no sum of money', async () => {
  const ask = asker(await storeOf([], [token('a', { model: 'new', cost_microusd: null })]))
  const report = await ask<Parameters<typeof reportMarkdown>[0]>('report')
  expect(reportMarkdown(report, [])).toContain('| new | 15 | not known | 15 |')
})

test('a day is the UTC one at both ends of a period, and a period without a beginning is the day it ends on', async () => {
  const at = (iso: string): Row => token(iso, { ts: new Date(iso) })
  const times = [
    '2026-11-18T23:59:59.999Z',
    '2026-11-19T00:00:00.000Z',
    '2026-11-19T23:59:59.999Z',
    '2026-11-20T00:00:00.000Z',
  ]
  const ask = asker(await storeOf([], times.map(at)))
  const days = async (params: Record<string, string>) => {
    const said = await ask<{ since: string; until: string; groups: { key: string; messages: number }[] }>('usage', {
      by: 'day',
      ...params,
    })
    return [said.since, said.until, ...said.groups.map(({ key, messages }) => `${key} ${messages}`)]
  }
  const [begin, end] = ['2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z']
  expect(await days({ since: 'yesterday', until: 'today' })).toEqual([begin, end, '2026-11-19 2'])
  expect(await days({ since: 'yesterday' })).toEqual([begin, NOW.toISOString(), '2026-11-19 2', '2026-11-20 1'])
  expect(await days({})).toEqual([end, NOW.toISOString(), '2026-11-20 1'])
  expect(await days({ until: '2026-11-19T06:00:00Z' })).toEqual([begin, '2026-11-19T06:00:00.000Z', '2026-11-19 1'])
})

test('an account that only a removed machine saw is in no standing of now, and keeps its name in what it used', async () => {
  const store = await storeOf([seen({ account_key: 'acc-both', account_label: 'both@example.net' })], [])
  const borg = (removed_at: Date | null) => ({
    table: 'machines',
    rows: inventory(['borg']).map((row) => ({ ...row, removed_at })),
  })
  await store.write({ machineId: 'borg', source: 'config', at: ago(3_600), batches: [borg(null)] })
  const gone = seen({ account_key: 'acc-gone', account_label: 'gone@example.net', used_pct: 100 })
  const both = seen({ account_key: 'acc-both', account_label: 'both@example.net', used_pct: 60, observed_at: ago(30) })
  await store.append(run('borg', 'claude', 3, [{ table: 'account_usage_snapshots', rows: [gone, both] }]))
  await store.append(
    run('borg', 'claude', 2, [{ table: 'agent_usage', rows: [token('a', { account_key: 'acc-gone' })] }]),
  )
  const ask = asker(store)
  const accountsOf = async (topic: string, list: string): Promise<unknown[]> => [
    ...new Set((await ask<Record<string, { label: string }[]>>(topic))[list]?.map(({ label }) => label)),
  ]
  const told = async () => [
    await accountsOf('accounts', 'windows'),
    await accountsOf('accounts', 'accounts'),
    await accountsOf('forecast', 'limits'),
    await accountsOf('cost', 'windows'),
  ]
  const all = [expect.arrayContaining(['both@example.net', 'gone@example.net'])]
  expect(await told()).toEqual([...all, ...all, ...all, ...all])
  await store.write({ machineId: 'borg', source: 'config', at: ago(1), batches: [borg(ago(1))] })
  expect(await told()).toEqual(Array(4).fill(['both@example.net']))
  // What a machine that stays shares with it keeps the newest word, whoever said it.
  expect((await ask<{ windows: unknown[] }>('accounts')).windows).toMatchObject([{ used_pct: 60 }])
  const { groups } = await ask<{ groups: unknown[] }>('usage', { since: '1d', by: 'account' })
  expect(groups).toMatchObject([{ key: 'acc-gone', label: 'gone@example.net' }])
})
