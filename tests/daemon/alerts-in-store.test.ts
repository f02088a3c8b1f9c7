import { expect, test } from 'vitest'
import { actInStore } from '../../src/commands/alert-act.ts'
import type { Row, RowBatch } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { standingAlerts } from '../../src/store/index.ts'
import { ago, inventory, NOW, run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'
import { openOn, PLAN, sample, storeWithTrouble } from './store-with-trouble.ts'

test('every source that says something wrong becomes an alert, from rows really stored', async () => {
  const store = await storeWithTrouble()
  const { look } = openOn(store)
  const found = (await look(0)).map((row) => `${row.status} ${row.severity} ${row.rule} ${row.subject}`).sort()
  expect(found).toEqual([
    'firing critical dcg_denies rule core.rm',
    'firing critical disk_low /',
    'firing critical oom_kills oom',
    'firing critical rch_saturated rch',
    'firing info cass_stale cass',
    'firing info transcripts_deleted claude',
    'firing warning dcg_denies denies',
    'firing warning mail_backlog mail',
    'firing warning mail_overdue mail',
    'firing warning network_unknown network',
    'pending warning clock_skew clock',
    'pending warning load_high load',
    'pending warning swap_rising swap',
  ])
  expect(await look(15)).toEqual([])
})

test('while nothing new is kept no machine is blamed for silence, and deadlines of what stands go on', async () => {
  const { look, told, looked, disk } = openOn(await storeWithTrouble())
  await look(0)
  const before = told.length
  disk.isFull = true
  for (let seconds = 15; seconds <= 1_800; seconds += 15) expect(await look(seconds)).toEqual([])
  expect(told).toHaveLength(before)
  expect(new Set(looked)).toEqual(new Set([looked[0]]))
  expect(looked).toHaveLength(121)
  disk.isFull = false
  await look(1_815)
  expect((await look(2_700)).map((row) => row.rule)).toContain('collector_red')
})

test('agents: waiting, failing, with a full window; and short lives only where something failed', async () => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  const agent = (id: string, over: Row = {}): Row => ({
    agent_id: id, machine_id: 'atlas', cli: 'claude', kind: 'observed', first_seen: ago(600), ended: null, session_id: `s-${id}`, cwd: '/srv/shop', ...over,
  }) // biome-ignore format: a row
  const state = (id: string, what: string, sinceS: number): Row => ({
    agent_id: id, machine_id: 'atlas', state: what, since: ago(sinceS), rule: 'r', judged_at: ago(1), winner_json: '{}', losers_json: '[]',
  }) // biome-ignore format: a row
  const session = (id: string, over: Row): Row => ({
    machine_id: 'atlas', cli: 'claude', session_id: `s-${id}`, is_subagent: false, source_gone: false, updated_at: ago(5), last_activity_at: ago(5), ...over,
  }) // biome-ignore format: a row
  const short = (id: string): Row => agent(id, { first_seen: ago(300), ended: ago(200), cwd: '/srv/loop' })
  const write = (at: number, ...batches: RowBatch[]) =>
    store.write({ machineId: 'atlas', source: 'oracle.agents', at: ago(at), batches, awaited: true })
  await write(900, { table: 'machines', rows: inventory(['atlas']) })
  await store.append(run('atlas', 'probe', 5, [{ table: 'sys_samples', rows: [sample()] }]))
  await write(800, {
    table: 'agents',
    rows: [
      agent('a/w'),
      agent('a/f'),
      agent('a/c'),
      ...['1', '2', '3'].flatMap((n) => [
        short(`a/fail${n}`),
        agent(`a/once${n}`, { first_seen: ago(300), ended: ago(250), cwd: '/srv/once' }),
      ]),
    ],
  })
  for (const sinceS of [900, 600, 300]) {
    await write(sinceS, { table: 'latest_agent_states', rows: [state('a/f', 'failed', sinceS)] })
    await write(sinceS - 60, { table: 'latest_agent_states', rows: [state('a/f', 'working', sinceS - 60)] })
  }
  await write(5, {
    table: 'latest_agent_states',
    rows: [state('a/w', 'needs_approval', 400), state('a/c', 'working', 20)],
  })
  await write(5, {
    table: 'agent_sessions',
    rows: [
      session('a/c', { context_tokens: 190_000, context_window_tokens: 200_000 }),
      session('a/f', { last_error: 'ENOSPC: no space left on device', last_error_at: ago(60) }),
      ...['1', '2', '3'].map((n) => session(`a/fail${n}`, { last_error: 'boom', last_error_at: ago(220) })),
    ],
  })
  const { look } = openOn(store)
  expect((await look(0)).map((row) => `${row.rule} ${row.subject}`).sort()).toEqual([
    'agent_error_loop a/f',
    'agent_waits a/w',
    'context_full a/c',
    'crash_loop claude /srv/loop',
    'inotify_low enospc',
  ])
})

test('accounts, budgets, prices and vc itself', async () => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  const usage = Array.from({ length: 13 }, (_, i) => ({
    provider: 'anthropic', account_key: 'acc-1', account_label: 'ann@example.net', limit_id: '', window_name: '5h', used_pct: 40 + i * 4,
    resets_at: new Date(NOW.getTime() + 3 * 3_600_000), observed_at: ago((12 - i) * 300), observed_source: 'claude.statusline', source_rank: 1,
  })) // biome-ignore format: rows
  await store.write({
    machineId: 'atlas',
    source: 'config',
    at: ago(7_200),
    batches: [{ table: 'machines', rows: inventory(['atlas']) }],
  })
  await store.append(run('atlas', 'claude', 5, [{ table: 'account_usage_snapshots', rows: usage }]))
  const token = (key: string, over: Row): Row => ({
    provider: 'anthropic', message_key: key, ts: ago(30), cli: 'claude', session_id: 's', is_sidechain: false, shared: false, model: 'm', input_tokens: 10, output_tokens: 5,
    cache_read_tokens: 0, cache_write_5m_tokens: 0, cache_write_1h_tokens: 0, reasoning_tokens: 0, total_tokens: 15, cost_microusd: 9_000_000, ...over,
  }) // biome-ignore format: a row
  await store.append(
    run('atlas', 'claude', 4, [
      { table: 'agent_usage', rows: [token('a', {}), token('b', { model: 'new-model', cost_microusd: null })] },
    ]),
  )
  const own = (s: number) =>
    run('atlas', 'self', s, [
      {
        table: 'self_samples',
        rows: [
          {
            pid: 7,
            uptime_s: 1,
            cpu_ms: 30_000,
            children_cpu_ms: 0,
            rss_bytes: 5e7,
            processes_started: 0,
            bytes_received: 0,
            ticks: 1,
            ticks_missed: 0,
          },
        ],
      },
    ])
  for (const s of [180, 120, 60]) await store.append(own(s))
  const { look } = openOn(store, '[alerts]\ndaily_budget_usd = 10.0\nmonthly_budget_usd = 8.0\n')
  await look(0)
  const found = (await standingAlerts(store.db)).map(
    (row) => `${row.status} ${row.severity} ${row.rule} ${row.subject}`,
  )
  expect(found.sort()).toEqual([
    'firing critical budget month',
    'firing info unpriced_model anthropic/new-model',
    'firing warning account_near_limit anthropic acc-1  5h',
    'firing warning budget day',
    'pending warning limit_before_reset anthropic acc-1  5h',
    'pending warning own_cost cpu',
  ])
})

test('the topic: worst first, what was acknowledged, silenced and closed, and the history of one', async () => {
  const store = await storeWithTrouble()
  const { alerts, look, clock } = openOn(store)
  await look(0)
  const ask = async (params: Record<string, unknown>) =>
    (await answer(queries, { topic: 'alerts', params }, { db: store.db, now: clock.now, plan: PLAN })).data as {
      alerts: { id: string; acked_at: string | null; closed_at: string | null }[]
      counts: object
      history: { status: string }[]
    }
  const all = await ask({})
  expect(all.alerts).toHaveLength(13)
  expect(all.counts).toEqual({ critical: 4, warning: 4, info: 2 })
  clock.now = new Date(NOW.getTime() + 5_000)
  await alerts.act({ action: 'ack', alert: 'disk_low' })
  await alerts.act({ action: 'close', alert: 'cass_stale' })
  await expect(alerts.act({ action: 'ack', alert: 'mail' })).rejects.toThrow('fits 2 alerts')
  await expect(alerts.act({ action: 'silence', alert: 'rch', minutes: -1 })).rejects.toThrow('silenced for')
  expect((await ask({ rule: 'disk_low' })).alerts).toMatchObject([{ acked_at: expect.any(String) }])
  expect((await ask({ rule: 'cass_stale' })).alerts).toEqual([])
  expect((await ask({ rule: 'cass_stale', all: true })).alerts).toMatchObject([{ closed_at: expect.any(String) }])
  expect((await ask({ alert: 'cass' })).history.map((one) => one.status)).toEqual(['closed', 'firing'])
  await expect(ask({ alert: 'nothing-like-it' })).rejects.toThrow('no alert is called')
})

test("a person's word while no daemon runs is what the next one goes on with", async () => {
  const store = await storeWithTrouble()
  await openOn(store).look(0)
  expect(await actInStore(store, { action: 'close', alert: 'oom' }, NOW)).toMatchObject({
    alertId: 'oom_kills:atlas:oom',
  })
  const { look, told } = openOn(store)
  expect(await look(30)).toEqual([])
  expect(told).toEqual([])
  const row = (await standingAlerts(store.db)).find((one) => one.rule === 'oom_kills')
  expect(row).toMatchObject({
    status: 'firing',
    closed_at: NOW.toISOString(),
    title: expect.stringContaining('killed'),
  })
})

test('two entries of one machine are judged once, under the one that answers', async () => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  const rows = inventory(['atlas', 'copy']).map((row) => ({ ...row, boot_id: 'b1', hostname: 'atlas.local' }))
  await store.write({ machineId: 'fleet', source: 'config', at: ago(900), batches: [{ table: 'machines', rows }] })
  for (const id of ['atlas', 'copy'])
    await store.append(
      run(id, 'probe', 5, [
        { table: 'sys_samples', rows: [sample()] },
        { table: 'sys_filesystems', rows: [{ mount: '/', used_pct: 95 }] },
      ]),
    )
  expect((await openOn(store).look(0)).map((row) => row.alert_id)).toEqual(['disk_low:atlas:/'])
})

test('two users of one machine are judged each, as nobody else sees their agents', async () => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  const rows = inventory(['atlas', 'copy']).map((row, at) => ({
    ...row,
    ...{ boot_id: 'b1', hostname: 'atlas.local', ssh_target: ['ann@atlas', 'bob@atlas'][at] ?? '' },
  }))
  await store.write({ machineId: 'fleet', source: 'config', at: ago(900), batches: [{ table: 'machines', rows }] })
  for (const id of ['atlas', 'copy'])
    await store.append(run(id, 'probe', 5, [{ table: 'sys_filesystems', rows: [{ mount: '/', used_pct: 95 }] }]))
  const told = (await openOn(store).look(0)).map((row) => row.alert_id)
  expect(told.toSorted()).toEqual(['disk_low:atlas:/', 'disk_low:copy:/'])
})
