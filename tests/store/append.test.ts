import { describe, expect, test } from 'vitest'
import { agent, pane } from './picture-rows.ts'
import { appendAll, at, count, runOf, sys, tempStore } from './support.ts'

describe('a run', () => {
  test('commits rows, cursor, latest and scrape together, and is read back', async () => {
    const store = await tempStore()
    const run = runOf([{ table: 'sys_samples', rows: [sys(0)] }], { cursors: [{ key: 'k', value: { offset: 7 } }] })
    expect(await appendAll(store, run)).toEqual([{ ok: true, inserted: 1, duplicates: 0 }])
    for (const table of [
      'sys_samples',
      'latest_sys_samples',
      'scrapes',
      'latest_scrapes',
      'cursors',
      'sys_5m',
      'sys_1h',
    ]) {
      expect([table, await count(store, table)]).toEqual([table, 1])
    }
  })

  test('given twice changes nothing the second time', async () => {
    const store = await tempStore()
    const run = runOf([
      { table: 'sys_samples', rows: [sys(0)] },
      { table: 'pty_panes', rows: [pane('%1')] },
      { table: 'agents', rows: [agent('atlas/a')] },
    ])
    await appendAll(store, run)
    const tables = [...store.catalog.keys()]
    const before = await Promise.all(tables.map((table) => count(store, table)))
    expect(await appendAll(store, run)).toEqual([{ ok: true, inserted: 0, duplicates: 3 }])
    expect(await appendAll(store, run, run)).toHaveLength(2)
    expect(await Promise.all(tables.map((table) => count(store, table)))).toEqual(before)
  })

  test('that failed leaves the latest picture alone and counts failures', async () => {
    const store = await tempStore()
    await appendAll(
      store,
      runOf([
        { table: 'sys_samples', rows: [sys(0)] },
        { table: 'pty_panes', rows: [pane('%1')] },
      ]),
    )
    const failed = { up: false, fault: 'timeout' as const }
    await appendAll(
      store,
      runOf([], { ...failed, startedAt: at(30) }),
      runOf(
        [
          { table: 'sys_samples', rows: [] },
          { table: 'pty_panes', rows: [] },
        ],
        { ...failed, startedAt: at(60) },
      ),
    )
    expect(await count(store, 'latest_sys_samples')).toBe(1)
    expect(await count(store, 'latest_pty_panes')).toBe(1)
    expect(await store.db.rows('SELECT gone FROM pty_panes')).toEqual([{ gone: false }])
    const [latest] = await store.db.rows('SELECT up, fault, last_ok_at, consecutive_failures FROM latest_scrapes')
    expect(latest).toEqual({
      up: false,
      fault: 'timeout',
      last_ok_at: at(0).toISOString(),
      consecutive_failures: 2,
    })
    await appendAll(store, runOf([], { startedAt: at(90) }))
    const [again] = await store.db.rows('SELECT up, consecutive_failures FROM latest_scrapes')
    expect(again).toEqual({ up: true, consecutive_failures: 0 })
  })

  test('older than the picture adds history and never replaces what is newer', async () => {
    const store = await tempStore()
    await appendAll(store, runOf([{ table: 'sys_samples', rows: [sys(60)] }], { startedAt: at(60) }))
    await appendAll(
      store,
      runOf([
        { table: 'sys_samples', rows: [sys(0)] },
        { table: 'pty_panes', rows: [pane('%9')] },
      ]),
    )
    expect(await count(store, 'sys_samples')).toBe(2)
    const [latest] = await store.db.rows('SELECT uptime_s FROM latest_sys_samples')
    expect(latest).toEqual({ uptime_s: 1060 })
    expect(await count(store, 'latest_pty_panes')).toBe(0)
  })

  test('forgets a cursor whose value is null', async () => {
    const store = await tempStore()
    await appendAll(
      store,
      runOf([], {
        cursors: [
          { key: 'a', value: 1 },
          { key: 'b', value: 2 },
        ],
      }),
    )
    await appendAll(
      store,
      runOf([], {
        startedAt: at(1),
        cursors: [
          { key: 'a', value: null },
          { key: 'b', value: 3 },
        ],
      }),
    )
    expect(await store.db.rows('SELECT cursor_key, value_json FROM cursors')).toEqual([
      { cursor_key: 'b', value_json: '3' },
    ])
  })
})

describe('state tables', () => {
  test('keep history of what is new, changed or gone, quiet columns apart', async () => {
    const store = await tempStore()
    const look = (seconds: number, rows: ReturnType<typeof pane>[]) =>
      appendAll(store, runOf([{ table: 'pty_panes', rows }], { startedAt: at(seconds) }))
    await look(0, [pane('%1', { title: 'a', history_size: 1 }), pane('%2')])
    await look(10, [pane('%1', { title: 'a', history_size: 2 }), pane('%2')])
    await look(20, [pane('%1', { title: 'b', history_size: 3 })])
    const history = await store.db.rows('SELECT pane_id, title, gone FROM pty_panes ORDER BY collected_at, pane_id')
    expect(history).toEqual([
      { pane_id: '%1', title: 'a', gone: false },
      { pane_id: '%2', title: null, gone: false },
      { pane_id: '%1', title: 'b', gone: false },
      { pane_id: '%2', title: null, gone: true },
    ])
    const latest = await store.db.rows('SELECT pane_id, history_size, collected_at FROM latest_pty_panes')
    expect(latest).toEqual([{ pane_id: '%1', history_size: 3, collected_at: at(20).toISOString() }])
    await look(30, [])
    expect(await count(store, 'latest_pty_panes')).toBe(0)
    await look(40, [])
    expect(await count(store, 'pty_panes')).toBe(5)
  })

  test('replace only their own machine, source and scope', async () => {
    const store = await tempStore()
    const sighting = (subject: string) => ({
      cli: 'claude',
      tier: 'transcript',
      sighting_source: 'claude.transcript',
      subject,
      says: 'working',
      rule: 'r',
      as_of: at(0),
    })
    const batch = (subject: string | null, scope?: string) => ({
      table: 'agent_sightings',
      rows: subject ? [sighting(subject)] : [],
      ...(scope === undefined ? {} : { scope }),
    })
    await appendAll(
      store,
      runOf([batch('session:a', 'file-a'), batch('session:b', 'file-b')]),
      runOf([batch('session:a', 'file-a')], { machineId: 'beta' }),
      runOf([batch('pane:x')], { collector: 'tmux' }),
    )
    expect(await count(store, 'latest_agent_sightings')).toBe(4)
    await appendAll(store, runOf([batch(null, 'file-a')], { startedAt: at(10) }))
    const left = await store.db.rows('SELECT machine_id, source, subject FROM latest_agent_sightings ORDER BY ALL')
    expect(left).toEqual([
      { machine_id: 'atlas', source: 'probe', subject: 'session:b' },
      { machine_id: 'atlas', source: 'tmux', subject: 'pane:x' },
      { machine_id: 'beta', source: 'probe', subject: 'session:a' },
    ])
    await appendAll(store, runOf([batch(null)], { startedAt: at(20) }))
    expect(await count(store, 'latest_agent_sightings')).toBe(2)
  })
})

describe('current tables', () => {
  test('leave columns that a row does not name, and keep each loud change in the twin', async () => {
    const store = await tempStore()
    const write = (seconds: number, row: object) =>
      appendAll(store, runOf([{ table: 'agents', rows: [row as never] }], { startedAt: at(seconds) }))
    await write(0, agent('atlas/a', { cwd: '/x', session_id: 's' }))
    await write(10, { agent_id: 'atlas/a', cli: 'claude', kind: 'observed', first_seen: at(0), cwd: '/y' })
    await write(20, { agent_id: 'atlas/a', cli: 'claude', kind: 'observed', first_seen: at(0), ended: at(20) })
    const rows = await store.db.rows('SELECT agent_id, machine_id, cwd, session_id, ended FROM agents')
    expect(rows).toEqual([
      { agent_id: 'atlas/a', machine_id: 'atlas', cwd: '/y', session_id: 's', ended: at(20).toISOString() },
    ])
    const events = await store.db.rows('SELECT event_at, cwd, session_id, ended FROM agent_events ORDER BY event_at')
    expect(events).toEqual([
      { event_at: at(0).toISOString(), cwd: '/x', session_id: 's', ended: null },
      { event_at: at(10).toISOString(), cwd: '/y', session_id: 's', ended: null },
      { event_at: at(20).toISOString(), cwd: '/y', session_id: 's', ended: at(20).toISOString() },
    ])
  })

  test('are changed twice by one group in order', async () => {
    const store = await tempStore()
    await appendAll(
      store,
      runOf([{ table: 'agents', rows: [agent('atlas/a', { cwd: '/1' })] }], { collector: 'one' }),
      runOf([{ table: 'agents', rows: [agent('atlas/a', { cwd: '/2' }), agent('atlas/b')] }], { collector: 'two' }),
    )
    expect(await store.db.rows("SELECT cwd FROM agents WHERE agent_id = 'atlas/a'")).toEqual([{ cwd: '/2' }])
    expect(await count(store, 'agent_events')).toBe(3)
  })

  test('written by vc itself leave no scrape row', async () => {
    const store = await tempStore()
    const wait = store.write({
      machineId: 'atlas',
      source: 'identity',
      at: at(0),
      batches: [{ table: 'agents', rows: [agent('atlas/a')] }],
    })
    await store.flush()
    expect(await wait).toEqual({ ok: true, inserted: 1, duplicates: 0 })
    expect(await count(store, 'scrapes')).toBe(0)
  })
})

describe('events', () => {
  const seen = (seconds: number, pct: number) => ({
    provider: 'anthropic',
    account_key: 'acc',
    limit_id: 'five_hour',
    window_name: '5h',
    used_pct: pct,
    observed_at: at(seconds),
    observed_source: 'claude.json',
    source_rank: 1,
  })

  test('are stored once per key, and the newest stays the latest', async () => {
    const store = await tempStore()
    const look = (seconds: number, rows: ReturnType<typeof seen>[]) =>
      appendAll(store, runOf([{ table: 'account_usage_snapshots', rows }], { startedAt: at(seconds) }))
    await look(100, [seen(10, 20), seen(50, 30)])
    await look(130, [seen(50, 30), seen(20, 25)])
    expect(await count(store, 'account_usage_snapshots')).toBe(3)
    expect(await store.db.rows('SELECT used_pct FROM latest_account_usage')).toEqual([{ used_pct: 30 }])
  })
})

describe('foreign text about a run', () => {
  test('is kept short, printable and without secrets', async () => {
    const store = await tempStore()
    const secret = `sk-ant-api03-${'a1B2c3D4'.repeat(4)}`
    const detail = `\u001b[31mexit 1: ${secret} ${'x'.repeat(900)}`
    const warning = { code: 'odd', message: `saw ${secret}`, fix: 'none' }
    await appendAll(store, runOf([], { up: false, fault: 'exit_code', detail, warnings: [warning] }))
    const [row] = await store.db.rows<{ detail: string; warnings_json: string }>(
      'SELECT detail, warnings_json FROM scrapes',
    )
    expect(row?.detail).toMatch(/^\[31mexit 1: \[redacted 45 #[0-9a-f]{6}\] x+$/)
    expect(row?.detail.length).toBe(500)
    expect(row?.warnings_json).not.toContain(secret)
  })
})

describe('dialog text', () => {
  test('is redacted on the way in and forgotten after a day; the hash stays', async () => {
    const store = await tempStore({ now: () => at(90_000) })
    const dialog = (id: string, seconds: number) => ({
      socket: 's',
      pane_id: id,
      dialog_hash: `h${id}`,
      title: 'Bash',
      body_redacted: 'curl -H "Authorization: Bearer sk-ant-api03-abcdefghijklmnopqrstuvwx" x',
      first_seen_at: at(seconds),
      last_seen_at: at(seconds),
    })
    await appendAll(store, runOf([{ table: 'pending_dialogs', rows: [dialog('%1', 0), dialog('%2', 80_000)] }]))
    const [row] = await store.db.rows<{ body_redacted: string }>(
      "SELECT body_redacted FROM pending_dialogs WHERE pane_id = '%2'",
    )
    expect(row?.body_redacted).toMatch(/^curl -H "Authorization: Bearer \[redacted \d+ #[0-9a-f]{6}\]" x$/)
    expect(await store.vacuumDialogs()).toBe(1)
    expect(await store.vacuumDialogs()).toBe(0)
    expect(
      await store.db.rows(
        'SELECT pane_id, dialog_hash, title, body_redacted IS NULL AS empty FROM pending_dialogs ORDER BY 1',
      ),
    ).toEqual([
      { pane_id: '%1', dialog_hash: 'h%1', title: null, empty: true },
      { pane_id: '%2', dialog_hash: 'h%2', title: 'Bash', empty: false },
    ])
  })
})
