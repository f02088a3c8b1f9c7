import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import type { Store } from '../../src/store/index.ts'
import { usageTotals } from '../../src/store/index.ts'
import { ROLLUPS, selectRollup } from '../../src/store/write/rollups.ts'
import { appendAll, at, count, runOf, tempStore, usage } from './support.ts'

const HOUR = 3600
let clock = 0

const ingest = (store: Store, rows: readonly Row[], about = {}) =>
  appendAll(store, runOf([{ table: 'agent_usage', rows }], { collector: 'claude', startedAt: at(++clock), ...about }))

/** A fresh store per example would be most of the test's time. */
const empty = async (store: Store): Promise<void> => {
  for (const table of ['agent_usage', 'usage_1h', 'usage_1d', 'agent_sessions', 'agent_session_events'])
    await truncate(store, table)
}

const truncate = async (store: Store, table: string): Promise<void> => {
  await store.db.rows(`DELETE FROM "${table}"`)
}

const totals = async (store: Store): Promise<unknown> =>
  store.db.rows(
    `SELECT count(*) AS messages, sum(input_tokens) AS input, sum(output_tokens) AS output, sum(total_tokens) AS total,
       sum(cost_microusd) AS cost, min(ts) AS first, max(ts) AS last, count(*) FILTER (shared) AS shared FROM agent_usage`,
  )

/** Every rollup equals the group-by it stands for. */
const expectRollups = async (store: Store): Promise<void> => {
  for (const rollup of ROLLUPS.filter(({ raw }) => raw === 'agent_usage')) {
    const fresh = `SELECT * FROM (${selectRollup(rollup, 'true')})`
    const kept = `SELECT * FROM ${rollup.table}`
    const off = await store.db.rows(`(${fresh} EXCEPT ALL ${kept}) UNION ALL (${kept} EXCEPT ALL ${fresh})`)
    expect([rollup.table, off]).toEqual([rollup.table, []])
  }
}

const messages = fc.array(
  fc.record({
    key: fc.integer({ min: 0, max: 11 }),
    hours: fc.integer({ min: 0, max: 36 }),
    session: fc.constantFrom('s1', 's2'),
    output: fc.integer({ min: 0, max: 3 }),
    input: fc.integer({ min: 0, max: 3 }),
    priced: fc.boolean(),
    request: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
)

const toRow = (m: {
  key: number
  hours: number
  session: string
  output: number
  input: number
  priced: boolean
  request: boolean
}): Row =>
  usage(`m${m.key}`, at(m.hours * HOUR), {
    session_id: m.session,
    output_tokens: m.output,
    // Usage of one message is one story: equal output and total mean equal input and price.
    input_tokens: m.input,
    total_tokens: m.output + m.input,
    cost_microusd: m.output * 10 + m.input,
    request_id: m.request ? `r${m.key}` : null,
  })

describe('the ledger', () => {
  test('has the same totals however the rows arrive: twice, split, overlapping, in any order', {
    timeout: 120_000,
  }, async () => {
    const store = await tempStore()
    await fc.assert(
      fc.asyncProperty(messages, fc.nat(), fc.nat(), async (list, cutAt, overlap) => {
        const rows = list.map(toRow)
        await empty(store)
        await ingest(store, rows)
        const whole = await totals(store)
        await expectRollups(store)
        await ingest(store, rows)
        expect(await totals(store)).toEqual(whole)
        await empty(store)
        const cut = cutAt % (rows.length + 1)
        await ingest(store, rows.slice(cut))
        await ingest(store, rows.slice(0, Math.min(rows.length, cut + (overlap % 5))))
        expect(await totals(store)).toEqual(whole)
        await expectRollups(store)
      }),
      { numRuns: Number(process.env.VC_PROPERTY_RUNS ?? 25) },
    )
  })

  test('keeps the largest usage under the earliest record', async () => {
    const store = await tempStore()
    const first = usage('m', at(0), { output_tokens: 1, total_tokens: 111, session_id: 'early', cwd: '/early' })
    const later = usage('m', at(HOUR), {
      output_tokens: 9,
      total_tokens: 119,
      session_id: 'late',
      cwd: '/late',
      request_id: 'r',
    })
    const expected = [
      {
        ts: at(0).toISOString(),
        session_id: 'early',
        cwd: '/early',
        output_tokens: 9,
        total_tokens: 119,
        shared: true,
        request_id: 'r',
      },
    ]
    const read = () =>
      store.db.rows('SELECT ts, session_id, cwd, output_tokens, total_tokens, shared, request_id FROM agent_usage')
    await ingest(store, [first, later])
    expect(await read()).toEqual(expected)
    await truncate(store, 'agent_usage')
    await ingest(store, [later])
    await ingest(store, [first])
    expect(await read()).toEqual(expected)
    await truncate(store, 'agent_usage')
    await ingest(store, [first])
    expect(await ingest(store, [later])).toEqual([{ ok: true, inserted: 0, duplicates: 1 }])
    expect(await read()).toEqual(expected)
  })

  test('counts a copy on a second machine once, for the machine that had it first', async () => {
    const store = await tempStore()
    const rows = [usage('a', at(0)), usage('b', at(10))]
    await ingest(store, rows)
    expect(await ingest(store, rows, { machineId: 'beta' })).toEqual([{ ok: true, inserted: 0, duplicates: 2 }])
    const byMachine = await usageTotals(store.db, { since: at(-HOUR), until: at(HOUR), groupBy: 'machine' })
    expect(byMachine.map((row) => [row.group, row.messages, row.total_tokens])).toEqual([['atlas', 2, 236]])
  })

  test('counts a copy in one group of two machines once', async () => {
    const store = await tempStore()
    const batch = { table: 'agent_usage', rows: [usage('a', at(0))] }
    const outcomes = await appendAll(store, runOf([batch]), runOf([batch], { machineId: 'beta' }))
    expect(outcomes).toEqual([
      { ok: true, inserted: 1, duplicates: 0 },
      { ok: true, inserted: 0, duplicates: 1 },
    ])
  })

  test('knows the same id 36 hours later, with and without request id', async () => {
    const store = await tempStore()
    await ingest(store, [usage('a', at(0), { request_id: 'r1' })])
    await ingest(store, [usage('a', at(36 * HOUR), { session_id: 's2', request_id: null })])
    await ingest(store, [usage('a', at(36 * HOUR), { session_id: 's2', request_id: 'r1' })])
    expect(await count(store, 'agent_usage')).toBe(1)
  })

  test('knows a fork that replays its ancestors weeks later, in either order', async () => {
    const store = await tempStore()
    const week = 7 * 24 * HOUR
    const old = usage('a', at(0), { session_id: 'root' })
    const fork = usage('a', at(5 * week), { session_id: 'leaf', parent_session_id: 'middle' })
    const session = (id: string, parent: string | null): Row => ({
      cli: 'claude',
      session_id: id,
      parent_session_id: parent,
      is_subagent: false,
      source_gone: false,
      updated_at: at(0),
    })
    const sessions = {
      table: 'agent_sessions',
      rows: [session('root', null), session('middle', 'root'), session('leaf', 'middle')],
    }
    for (const order of [
      [old, fork],
      [fork, old],
    ]) {
      await empty(store)
      await appendAll(store, runOf([sessions], { startedAt: at(++clock) }))
      for (const row of order) await ingest(store, [row])
      const rows = await store.db.rows('SELECT session_id, ts, shared FROM agent_usage')
      expect(rows).toEqual([{ session_id: 'root', ts: at(0).toISOString(), shared: true }])
    }
    await expectRollups(store)
  })

  test('knows a transcript copied weeks later with new times, in either order', async () => {
    const store = await tempStore()
    const later = at(3 * 7 * 24 * HOUR)
    const told = (from: Date): Row => ({
      ...{ cli: 'claude', session_id: 's1', is_subagent: false, source_gone: false },
      ...{ started_at: from, last_activity_at: from, updated_at: from },
    })
    for (const order of [
      [at(0), later],
      [later, at(0)],
    ]) {
      await empty(store)
      for (const ts of order) {
        await appendAll(store, runOf([{ table: 'agent_sessions', rows: [told(ts)] }], { startedAt: at(++clock) }))
        await ingest(store, [usage('a', ts)])
      }
      const rows = await store.db.rows('SELECT ts, shared FROM agent_usage')
      expect(rows).toEqual([{ ts: at(0).toISOString(), shared: false }])
    }
    await expectRollups(store)
  })

  test('knows the responses of its parent in a fork that goes on with another provider, in either order', async () => {
    const store = await tempStore()
    const old = usage('a', at(0), { cli: 'codex', provider: 'openai', session_id: 'root' })
    const copy = { cli: 'codex', provider: 'azure', session_id: 'leaf', parent_session_id: 'root' }
    const fork = usage('a', at(HOUR), copy)
    for (const order of [
      [old, fork],
      [fork, old],
    ]) {
      await empty(store)
      for (const row of order) await ingest(store, [row])
      const rows = await store.db.rows('SELECT provider, session_id, shared FROM agent_usage')
      expect(rows).toEqual([{ provider: 'openai', session_id: 'root', shared: true }])
    }
    await expectRollups(store)
  })

  test('fills in what a later record knows: price and account', async () => {
    const store = await tempStore()
    await ingest(store, [usage('a', at(0), { cost_microusd: null, price_source: null, account_key: null })])
    await ingest(store, [usage('a', at(0), { account_key: 'acc' })])
    expect(await store.db.rows('SELECT cost_microusd, price_source, account_key FROM agent_usage')).toEqual([
      { cost_microusd: 42, price_source: 'test', account_key: 'acc' },
    ])
  })

  test('says what is unpriced, by every grouping', async () => {
    const store = await tempStore()
    await appendAll(
      store,
      runOf([
        { table: 'agent_aliases', rows: [{ alias: 'session:claude:s1', agent_id: 'atlas/claude-1', since: at(0) }] },
      ]),
    )
    await ingest(store, [
      usage('a', at(0), { account_key: 'acc', project: 'p' }),
      usage('b', at(24 * HOUR), { session_id: 's2', model: null, cost_microusd: null }),
    ])
    const range = { since: at(-HOUR), until: at(48 * HOUR) }
    const groups = async (groupBy: Parameters<typeof usageTotals>[1]['groupBy']) =>
      (await usageTotals(store.db, { ...range, groupBy })).map((row) => [
        row.group,
        row.total_tokens,
        row.unpriced_tokens,
      ])
    expect(await groups('day')).toEqual([
      ['2026-01-10', 118, 0],
      ['2026-01-11', 118, 118],
    ])
    expect(await groups('provider')).toEqual([['anthropic', 236, 118]])
    expect(await groups('cli')).toEqual([['claude', 236, 118]])
    expect(await groups('model')).toEqual([
      ['claude-x', 118, 0],
      [null, 118, 118],
    ])
    expect(await groups('account')).toEqual([
      ['acc', 118, 0],
      [null, 118, 118],
    ])
    expect(await groups('project')).toEqual([
      ['p', 118, 0],
      [null, 118, 118],
    ])
    expect(await groups('session')).toEqual([
      ['s1', 118, 0],
      ['s2', 118, 118],
    ])
    expect(await groups('agent')).toEqual([
      ['atlas/claude-1', 118, 0],
      [null, 118, 118],
    ])
  })

  test('what a sub-agent used belongs to the agent whose session started it, and stays its own session', async () => {
    const store = await tempStore()
    const aliases = [{ alias: 'session:claude:s1', agent_id: 'atlas/claude-1', since: at(0) }]
    await appendAll(store, runOf([{ table: 'agent_aliases', rows: aliases }]))
    const sub = { session_id: 'agent-1', parent_session_id: 's1', is_sidechain: true }
    const fork = { session_id: 's2', parent_session_id: 's1' }
    await ingest(store, [usage('a', at(0)), usage('b', at(60), sub), usage('c', at(120), fork)])
    const groups = async (groupBy: 'agent' | 'session') => {
      const rows = await usageTotals(store.db, { since: at(-HOUR), until: at(HOUR), groupBy })
      return Object.fromEntries(rows.map((row) => [row.group, row.messages]))
    }
    expect(await groups('agent')).toEqual({ 'atlas/claude-1': 2, null: 1 })
    expect(await groups('session')).toEqual({ s1: 1, 'agent-1': 1, s2: 1 })
  })
})
