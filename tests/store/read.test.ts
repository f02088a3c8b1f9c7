import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Db, Store, StoreOptions } from '../../src/store/index.ts'
import * as read from '../../src/store/index.ts'
import { appendAll, at, runOf, suiteStore, sys, tempStore, usage } from './support.ts'

const machine = (more = {}) => ({
  ssh_target: 'atlas.lan',
  tags_json: '[]',
  roles_json: '[]',
  enabled: true,
  allow_write_commands: false,
  allow_autopilot: false,
  status: 'online',
  consecutive_failures: 0,
  first_seen_at: at(0),
  ...more,
})

const agent = { agent_id: 'atlas/c', cli: 'claude', kind: 'observed', first_seen: at(0) }
const verdict = (state: string, seconds: number) => ({ agent_id: 'atlas/c', state, rule: 'r', judged_at: at(seconds) })
const alert = (status: string, more = {}) => ({
  alert_id: 'x',
  rule: 'disk',
  machine_id: 'atlas',
  subject: '/',
  severity: 'warning',
  status,
  title: 't',
  evidence_json: '{}',
  since: at(0),
  ...more,
})

/** One machine at 0 s and at 600 s. */
const live = async (options: Partial<StoreOptions> = {}): Promise<Store> => {
  const store = await tempStore(options)
  const pane = { socket: 's', server_start_epoch_s: 1, pane_id: '%1', dead: false }
  await appendAll(
    store,
    runOf(
      [
        { table: 'machines', rows: [machine()] },
        { table: 'sys_samples', rows: [sys(0, { cpu_pct: 10 })] },
        {
          table: 'sys_filesystems',
          rows: [
            { mount: '/', used_pct: 50 },
            { mount: '/old', used_pct: 1 },
          ],
        },
        {
          table: 'pty_panes',
          rows: [
            { ...pane, title: 'first' },
            { ...pane, pane_id: '%2' },
          ],
        },
        { table: 'agents', rows: [agent] },
        { table: 'latest_agent_states', rows: [verdict('working', 0)] },
        { table: 'alerts', rows: [alert('firing')] },
        { table: 'agent_usage', rows: [usage('a', at(0)), usage('b', at(10), { cost_microusd: null })] },
      ],
      { cursors: [{ key: 'k', value: { offset: 7 } }] },
    ),
  )
  await appendAll(store, runOf([], { startedAt: at(300), up: false, fault: 'timeout' }))
  await appendAll(
    store,
    runOf(
      [
        { table: 'machines', rows: [machine({ status: 'degraded' })] },
        { table: 'sys_samples', rows: [sys(600, { cpu_pct: 90 })] },
        { table: 'sys_filesystems', rows: [{ mount: '/', used_pct: 60 }] },
        { table: 'pty_panes', rows: [{ ...pane, title: 'second' }] },
        { table: 'latest_agent_states', rows: [verdict('idle', 600)] },
        { table: 'alerts', rows: [alert('resolved', { resolved_at: at(600) })] },
      ],
      { startedAt: at(600) },
    ),
  )
  return store
}

const lived = suiteStore(live)

describe('named reads', () => {
  test('tell the present', async () => {
    const { db } = lived()
    expect((await read.machines(db)).map((row) => row.status)).toEqual(['degraded'])
    expect((await read.machineById(db, 'atlas'))?.ssh_target).toBe('atlas.lan')
    expect(await read.machineById(db, 'nobody')).toBeNull()
    expect((await read.latestSys(db)).map((row) => row.cpu_pct)).toEqual([90])
    expect((await read.filesystems(db, { machineId: 'atlas' })).map((row) => [row.mount, row.used_pct])).toEqual([
      ['/', 60],
    ])
    expect(await read.filesystems(db, { machineId: 'beta' })).toEqual([])
    expect((await read.panes(db)).map((row) => row.title)).toEqual(['second'])
    expect((await read.agents(db)).map((row) => row.verdict?.state)).toEqual(['idle'])
    expect(await read.activeAlerts(db)).toEqual([])
    expect((await read.worstAlerts(db, { all: true, limit: 9 })).map((row) => row.status)).toEqual(['resolved'])
    const [scrape] = await read.latestScrapes(db)
    expect([scrape?.up, scrape?.consecutive_failures, scrape?.last_ok_at]).toEqual([true, 0, at(600).toISOString()])
  })

  test('tell the past as it was', async () => {
    const { db } = lived()
    const then = { at: at(400) }
    expect((await read.machines(db, then)).map((row) => row.status)).toEqual(['online'])
    expect((await read.latestSys(db, then)).map((row) => row.cpu_pct)).toEqual([10])
    expect((await read.filesystems(db, then)).map((row) => row.mount)).toEqual(['/', '/old'])
    expect((await read.panes(db, then)).map((row) => [row.pane_id, row.title])).toEqual([
      ['%1', 'first'],
      ['%2', null],
    ])
    expect((await read.panes(db, { at: at(600) })).map((row) => row.pane_id)).toEqual(['%1'])
    expect((await read.agents(db, then)).map((row) => row.verdict?.state)).toEqual(['working'])
    expect((await read.activeAlerts(db, then)).map((row) => row.status)).toEqual(['firing'])
    const [scrape] = await read.latestScrapes(db, then)
    expect([scrape?.up, scrape?.fault, scrape?.consecutive_failures, scrape?.last_ok_at]).toEqual([
      false,
      'timeout',
      1,
      at(0).toISOString(),
    ])
  })

  const EVERY: readonly (readonly [string, (db: Db, at: Date) => Promise<unknown>])[] = [
    ['machines', (db, when) => read.machines(db, { at: when })],
    ['toolCapabilities', (db, when) => read.toolCapabilities(db, { at: when })],
    ['latestScrapes', (db, when) => read.latestScrapes(db, { at: when })],
    ['latestSys', (db, when) => read.latestSys(db, { at: when })],
    ['pressure', (db, when) => read.pressure(db, { at: when })],
    ['topProcesses', (db, when) => read.topProcesses(db, { at: when })],
    ['ptySessions', (db, when) => read.ptySessions(db, { at: when })],
    ['agents', (db, when) => read.agents(db, { at: when })],
    ['agentAliases', (db, when) => read.agentAliases(db, { at: when })],
    ['agentSessions', (db, when) => read.agentSessions(db, { at: when, activeSince: at(0) })],
    ['agentProcesses', (db, when) => read.agentProcesses(db, { at: when })],
    ['agentProcessSamples', (db, when) => read.agentProcessSamples(db, { at: when })],
    ['agentSightings', (db, when) => read.agentSightings(db, { at: when })],
    ['accountUsage', (db, when) => read.accountUsage(db, { at: when })],
    ['reposWithStatus', (db, when) => read.reposWithStatus(db, { at: when })],
    ['alerts', (db, when) => read.activeAlerts(db, { at: when })],
    ['selfSamples', (db, when) => read.selfSamples(db, { at: when })],
  ]

  test.each(EVERY)('%s answers the past, and refuses what was before vc looked', async (_, ask) => {
    const { db } = lived()
    expect(Array.isArray(await ask(db, at(400)))).toBe(true)
    await expect(ask(db, at(-10))).rejects.toMatchObject({ code: 'no_history' })
  })

  test('refuse the past where only the present is kept', async () => {
    const { db } = lived()
    await expect(read.pendingDialogs(db, { at: at(400) })).rejects.toMatchObject({ code: 'no_history' })
  })

  test('list events and runs', async () => {
    const { db } = lived()
    expect((await read.agentStateEvents(db, { since: at(0) })).map((row) => row.state)).toEqual(['idle', 'working'])
    expect((await read.alertEvents(db, { since: at(0), until: at(300) })).map((row) => row.status)).toEqual(['firing'])
    const machines = new Set(['atlas'])
    const turns = await read.sourceTurns(db, { since: at(1), until: at(900), machines, limit: 10 })
    expect(turns.map((row) => [row.source, row.fault])).toEqual([
      ['probe', 'timeout'],
      ['probe', null],
    ])
    expect(await read.cursorsOf(db, 'atlas', 'probe')).toEqual(new Map([['k', { offset: 7 }]]))
  })

  test('give a collector its known rows in the shape it writes them', async () => {
    const { db, catalog } = lived()
    const [row] = await read.knownRows(db, catalog, 'latest_sys_samples', 'atlas')
    expect(row?.collected_at).toEqual(at(600))
    expect(row?.cpu_pct).toBe(90)
    await expect(read.knownRows(db, catalog, 'sys_samples', 'atlas')).rejects.toMatchObject({ code: 'unknown_table' })
    await expect(read.knownRows(db, catalog, 'nope"; --', 'atlas')).rejects.toMatchObject({ code: 'unknown_table' })
  })

  test('say which machines a sum covers and for how much of last week they stand', async () => {
    const store = await live()
    await appendAll(
      store,
      runOf([{ table: 'machines', rows: [machine()] }], { machineId: 'beta', collector: 'inventory' }),
    )
    const rows = await read.usageCoverage(store.db, { since: at(-3600), until: at(3600) })
    expect(rows.map((row) => [row.machine_id, row.covered, row.messages, row.last_week_share_pct])).toEqual([
      ['atlas', true, 2, 100],
      ['beta', false, 0, 0],
    ])
    const none = await read.usageCoverage(store.db, { since: at(-7200), until: at(-3600) })
    expect(none.map((row) => row.last_week_share_pct)).toEqual([null, null])
    const [total] = await read.usageTotals(store.db, { since: at(0), until: at(5), groupBy: 'day' })
    expect([total?.messages, total?.unpriced_tokens]).toEqual([1, 0])
  })

  test('describe the store itself', async () => {
    const store = lived()
    const info = await read.storeInfo(store)
    expect(info.file_bytes).toBeGreaterThan(0)
    expect(info.schema_version).toBe(readdirSync(join(import.meta.dirname, '../../migrations')).length)
    expect(info.tables.find((table) => table.table_name === 'agent_usage')?.row_count).toBe(2)
  })
})
