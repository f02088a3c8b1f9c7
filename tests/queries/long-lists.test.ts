// What a topic lists without being asked for more: the first of what wants a look, and how many there are in all.
import { expect, test } from 'vitest'
import type { FleetPlan } from '../../src/core/plan.ts'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { at, runOf, tempStore } from '../store/support.ts'

const NAMES = ['a', 'b', 'c', 'd']
const plan: FleetPlan = {
  machines: NAMES.map((machineId) => ({
    ...{ machineId, local: false, enabled: true },
    sources: [{ source: 'claude', intervalS: 30 }],
  })),
}

const asking = async (rows: Readonly<Record<string, readonly Row[]>> = {}, failing: readonly string[] = []) => {
  const store = await tempStore({ groupWindowMs: 0 })
  for (const [table, batch] of Object.entries(rows))
    await store.append(runOf([{ table, rows: batch }], { machineId: 'a', collector: 'git' }))
  for (const machineId of NAMES)
    await store.append(
      runOf([], {
        machineId,
        collector: 'claude',
        ...(failing.includes(machineId) ? { up: false, fault: 'timeout' as const } : {}),
      }),
    )
  return async (topic: string, params: Record<string, unknown> = {}) =>
    (await answer(queries, { topic, params }, { db: store.db, now: at(600), plan })).data
}

test('scrapes and collectors list so many as are asked for, failing ones first, and count them all', async () => {
  const ask = await asking({}, ['c'])
  expect(await ask('scrapes', { source: 'claude', limit: 2 })).toMatchObject({
    ...{ scrapes: [{ machine: 'c' }, { machine: 'a' }], total: 4, down: 1 },
  })
  expect(await ask('collectors', { limit: 2 })).toMatchObject({
    ...{ collectors: [{ machine: 'c' }, { machine: 'a' }], total: 4, failing: 1 },
  })
})

test('bench lists the worst hosts', async () => {
  const rows = NAMES.flatMap((hostname, i) =>
    [100, 100, 100, 100 - 10 * i].map((value, run) => ({
      ...{ ts: at(-1000 + run), hostname, benchmark_type: 'cpu_events_per_s', value },
    })),
  )
  const ask = await asking({ cloud_bench_raw: rows })
  expect(await ask('bench', { limit: 2 })).toMatchObject({
    ...{ hosts: [{ hostname: 'd', worst_pct: 30 }, { hostname: 'c' }], total: 4 },
  })
})

test('repos lists the checkouts that want a look first, and open items only of these', async () => {
  const repo = (name: string, over: Row = {}): Row => ({
    ...{
      repo_id: `o/${name}`,
      path: `/srv/code/${name}`,
      state: 'ok',
      dirty: false,
      conflicted: 0,
      ahead: 0,
      behind: 0,
    },
    ...{ gone: false, ...over },
  })
  const items = NAMES.flatMap((name) =>
    [1, 2].map((number) => ({
      ...{ scope: `o/${name}`, repo_id: `o/${name}`, repo: `o/${name}`, kind: 'pr', number, gone: false },
      updated_at: at(-1000 + number),
    })),
  )
  const ask = await asking({
    repos: NAMES.map((name) => ({
      ...{ repo_id: `o/${name}`, path: `/srv/code/${name}`, url: `git@github.com:o/${name}` },
      ...{ first_seen_at: at(-9), last_seen_at: at(-1) },
    })),
    repo_status_snapshots: [repo('a'), repo('b', { dirty: true }), repo('c', { conflicted: 1 }), repo('d')],
    github_repos: NAMES.map((name) => ({
      ...{ scope: `o/${name}`, repo_id: `o/${name}`, repo: `o/${name}`, state: 'ok', gone: false },
    })),
    github_items: items,
  })
  expect(await ask('repos', { limit: 2 })).toMatchObject({
    ...{ repos: [{ repo: 'o/c' }, { repo: 'o/b' }], total: 4 },
    ...{ github: [{ number: 2 }, { number: 2 }], github_total: 4 },
  })
})

test('mail lists the projects where most waits, and sums over all of them', async () => {
  const message = (i: number) => ({
    ...{
      database_path: '/m',
      message_id: `m${i}`,
      project_id: NAMES[i % 4] ?? null,
      created_at: at(-60 - i),
      sender: 'ann',
    },
  })
  const sent = Array.from({ length: 10 }, (_, i) => message(i))
  const ask = await asking({
    mail_messages: sent,
    mail_recipients: sent.map((one) => ({
      ...{ database_path: '/m', project_id: one.project_id, message_id: one.message_id, recipient: 'bea' },
      message_created_at: one.created_at,
    })),
    mail_file_reservations: NAMES.map((project_id) => ({
      ...{ database_path: '/m', reservation_id: project_id, project_id, path_pattern: 'src/**', gone: false },
    })),
  })
  const said = await ask('mail', { limit: 2 })
  expect(said).toMatchObject({
    totals: { projects: 4, messages: 10, unread: 10, ack_overdue: 0, reservations: 4 },
    projects: [{ unread: 3 }, { unread: 3 }],
    messages: [{ message: 'm0' }, { message: 'm1' }],
  })
  expect(said).toHaveProperty('reservations.length', 2)
  expect(await ask('mail', { project: 'd', limit: 0 })).toMatchObject({
    ...{ totals: { projects: 1, messages: 2, unread: 2 }, projects: [], messages: [], reservations: [] },
  })
})

test('settings lists a hundred settings and files, those first that could not be read', async () => {
  const of = { scope: '/h/.claude', cli: 'claude', level: 'global', project_path: '', gone: false }
  const many = Array.from({ length: 120 }, (_, i) => `n${String(i).padStart(3, '0')}`)
  const ask = await asking({
    agent_config: many.map((name) => ({ ...of, source_file: '/h/s.json', kind: 'setting', name, value: 'v' })),
    agent_config_files: many.map((name, i) => ({ ...of, source_file: name, state: i === 119 ? 'broken' : 'ok' })),
  })
  const said = await ask('settings')
  expect(said).toMatchObject({ total: 120, files_total: 120 })
  expect(said).toHaveProperty('settings.length', 100)
  expect(said).toHaveProperty('files.length', 100)
  expect(said).toHaveProperty('files.0.file', 'n119')
})

test('network lists the runs with alerts, then the newest, and counts them all', async () => {
  const runs = NAMES.map((run_id, i) => ({
    ...{
      scope: '/r',
      database_path: '/r',
      run_id,
      provider: 'openai',
      connection_count: 1,
      close_count: 0,
      gone: false,
    },
    ...{ first_ts: at(-900), last_ts: at(-100 + i), alerts: run_id === 'b' ? 2 : null },
  }))
  const ask = await asking({ net_session_summary: runs })
  expect(await ask('network', { limit: 2 })).toMatchObject({
    ...{ sessions: [{ run: 'b' }, { run: 'd' }], sessions_total: 4 },
  })
})

test('content tells the newest starts of sessions, and how many there are', async () => {
  const rows = NAMES.map((agent, i) => ({
    ...{ bucket_start: at(-3600 * i), bucket_end: at(-3600 * i + 3600), agent, origin: 'local', origin_id: 'local' },
    ...{ conversation_count: 1, message_count: 1 },
  }))
  const ask = await asking({ session_timeline_buckets: rows })
  expect(await ask('content', { by: 'hour', limit: 2 })).toMatchObject({
    ...{ starts: [{ agent: 'b' }, { agent: 'a' }], starts_total: 4 },
  })
})

test('diff tells so many changes of each kind, and how many there are', async () => {
  const store = await tempStore({ groupWindowMs: 0 })
  await store.append(runOf([], { machineId: 'a', collector: 'claude' }))
  const rows = NAMES.map((name) => ({
    ...{ alert_id: `disk_low:a:/${name}`, rule: 'disk_low', machine_id: 'a', subject: `/${name}`, severity: 'warning' },
    ...{ status: 'firing', title: `/${name} is full`, evidence_json: '{}', since: at(300), fired_at: at(300) },
  }))
  await store.write({
    machineId: 'a',
    source: 'oracle',
    at: at(300),
    batches: [{ table: 'alerts', rows }],
    awaited: true,
  })
  const params = { from: at(60).toISOString(), limit: 2 }
  const { data } = await answer(queries, { topic: 'diff', params }, { db: store.db, now: at(600), plan })
  expect(data).toMatchObject({
    alerts: { opened: [{ title: '/a is full' }, { title: '/b is full' }], resolved: [] },
    totals: { opened: 4, resolved: 0, repos: 0 },
  })
})
