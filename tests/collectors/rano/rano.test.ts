import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rano } from '../../../src/collectors/rano/index.ts'
import { type GuardMachine, openGuardMachine } from '../guard-machine.ts'

const DB = 'observer.sqlite'
const TOOLS = new Map([['rano', '/usr/local/bin/rano']])
const at = (minutes: number): Date => new Date(Date.parse('2026-11-20T22:00:00Z') + minutes * 60_000)

let machine: GuardMachine
beforeEach(async () => {
  machine = await openGuardMachine()
})
afterEach(() => machine.close())

const look = (minutes: number, over: object = {}) => machine.look(rano, { at: at(minutes), tools: TOOLS, ...over })
const events = (columns: string) => machine.rows(`SELECT ${columns} FROM rano_events ORDER BY event_id::BIGINT`)

describe.each([false, true])('over ssh: %s', (remote) => {
  test('connections are kept without command lines, and summed per run and provider', async () => {
    machine.build(DB, 'rano/events-current.sql')
    const run = await look(0, { remote })
    expect([run.fault, run.detail]).toEqual([null, null])
    expect(
      await events('event, provider, pid, comm, remote_ip, remote_port, domain, duration_ms, alert'),
    ).toMatchObject([
      {
        event: 'connect',
        provider: 'anthropic',
        pid: 6531,
        comm: 'claude',
        remote_ip: '203.0.113.10',
        domain: null,
        duration_ms: null,
        alert: false,
      },
      { event: 'close', duration_ms: 412 },
      { provider: 'openai', domain: 'host-203-0-113-77.example.net' },
      { provider: 'unknown', pid: null, remote_ip: '2001:db8::1' },
      { provider: 'google', remote_port: 53 },
    ])
    expect(JSON.stringify(await machine.rows('SELECT * FROM rano_events'))).not.toContain('permission-mode')
    expect(
      await machine.rows(
        'SELECT provider, connection_count, close_count, destinations, avg_duration_ms FROM latest_net_session_summary ORDER BY 1',
      ),
    ).toEqual([
      { provider: 'anthropic', connection_count: 1, close_count: 1, destinations: 1, avg_duration_ms: 412 },
      { provider: 'google', connection_count: 1, close_count: 0, destinations: 1, avg_duration_ms: null },
      { provider: 'openai', connection_count: 1, close_count: 0, destinations: 1, avg_duration_ms: null },
      { provider: 'unknown', connection_count: 1, close_count: 0, destinations: 1, avg_duration_ms: null },
    ])
  })

  test('an older file without ancestry, alert or retry count is read; sums of it know no alerts', async () => {
    machine.build(DB, 'rano/events-old-no-ancestry.sql')
    expect((await look(0, { remote })).fault).toBe(null)
    expect(await events('alert')).toHaveLength(5)
    expect(await machine.rows('SELECT DISTINCT alerts FROM latest_net_session_summary')).toEqual([{ alerts: null }])
  })

  test('a first look takes a day, later looks what is new, an unchanged file is not opened', async () => {
    machine.build(DB, 'rano/events-current.sql')
    machine.change(DB, "UPDATE events SET ts = '2026-11-01T00:00:00Z' WHERE id = 1")
    await look(0, { remote })
    expect(await events('event_id')).toHaveLength(4)
    machine.change(
      DB,
      "INSERT INTO events (ts, run_id, event, provider, comm, remote_ip, alert) VALUES ('2026-11-20T22:01:00Z', 'r2', 'connect', 'openai', 'a' || char(27) || '[2J', '::1', 1)",
    )
    await look(2, { remote })
    await look(4, { remote })
    expect((await look(6, { remote })).batches).toEqual([])
    expect(await events('event_id, comm, alert')).toMatchObject([
      { event_id: '2' },
      { event_id: '3' },
      { event_id: '4' },
      { event_id: '5' },
      { event_id: '6', comm: 'a[2J', alert: true },
    ])
  })

  test('pages follow one another in one look', async () => {
    machine.build(DB, 'rano/events-current.sql')
    machine.change(
      DB,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
      INSERT INTO events (ts, run_id, event, provider, comm, remote_ip) SELECT '2026-11-20T21:59:00Z', 'r', 'connect', 'openai', 'codex', '10.0.0.' || (i % 200) FROM n`,
    )
    await look(0, { remote })
    expect(await machine.rows('SELECT count(*)::INTEGER AS n FROM rano_events')).toEqual([{ n: 4505 }])
    expect(
      await machine.rows("SELECT connection_count::INTEGER AS n FROM latest_net_session_summary WHERE run_id = 'r'"),
    ).toEqual([{ n: 4500 }])
  })
})

test('several databases are normal: each has its own place', async () => {
  machine.build('a.sqlite', 'rano/events-current.sql')
  machine.build('b.sqlite', 'rano/events-old-no-ancestry.sql')
  const databases = ['a.sqlite', 'b.sqlite'].map((name) => join(machine.home, name))
  await look(0, { options: { databases } })
  machine.change(
    'b.sqlite',
    "INSERT INTO events (ts, run_id, event, provider, remote_ip) VALUES ('2026-11-20T21:59:00Z', 'r', 'connect', 'openai', '::1')",
  )
  await look(2, { options: { databases } })
  expect(
    await machine.rows('SELECT database_path, count(*)::INTEGER AS n FROM rano_events GROUP BY 1 ORDER BY 1'),
  ).toEqual([
    { database_path: databases[0], n: 5 },
    { database_path: databases[1], n: 6 },
  ])
  expect(await machine.rows('SELECT count(*)::INTEGER AS n FROM latest_net_session_summary')).toEqual([{ n: 9 }])
})

test('the file is found through the observer’s own configuration; without any the reason is said', async () => {
  expect(await look(0)).toMatchObject({ fault: null, detail: expect.stringContaining('no database of it is known') })
  machine.build('logs/net.sqlite', 'rano/events-current.sql')
  mkdirSync(join(machine.home, '.config/rano'), { recursive: true })
  writeFileSync(join(machine.home, '.config/rano/config.conf'), 'interval=1\nsqlite=~/logs/net.sqlite\n')
  await look(2)
  expect(await events('event_id')).toHaveLength(5)
})

test('another program’s events are bad output, and a machine without rano is asked nothing', async () => {
  machine.change(DB, 'CREATE TABLE events (id INTEGER, what TEXT)')
  expect(await look(0)).toMatchObject({ fault: 'bad_output', batches: [] })
  expect(await look(2, { tools: new Map() })).toMatchObject({ fault: 'tool_missing', bytes: 0 })
})
