import { afterEach, beforeEach, expect, test } from 'vitest'
import { afsc } from '../../src/collectors/afsc/index.ts'
import { cass } from '../../src/collectors/cass/index.ts'
import { cloudBenchmarker } from '../../src/collectors/cloud-benchmarker/index.ts'
import { rch } from '../../src/collectors/rch/index.ts'
import type { Collector, CollectResult } from '../../src/core/collector.ts'
import type { FleetPlan } from '../../src/core/plan.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Store } from '../../src/store/index.ts'
import { tempStore } from '../store/support.ts'
import { fixture, type ToolMachine, toolMachine } from './tool-machine.ts'

const at = new Date('2026-11-20T22:00:00Z')
const plan: FleetPlan = { machines: [{ machineId: 'atlas', local: true, enabled: true, sources: [] }] }
let store: Store
let machine: ToolMachine
beforeEach(async () => {
  store = await tempStore({ groupWindowMs: 1 })
  machine = toolMachine()
})
afterEach(() => {
  machine.close()
})

const commit = async (collector: Collector, result: CollectResult, startedAt = at) => {
  const outcome = await store.append({
    machineId: 'atlas',
    collector: collector.name,
    sourceVersion: result.sourceVersion ?? '1',
    schemaVersion: collector.schemaVersion,
    ...{ startedAt, durationMs: 5, up: true, fault: null, detail: null, partial: false, bytes: 10, cpuMs: 1 },
    ...{ batches: result.batches, cursors: result.cursors ?? [], warnings: [] },
  })
  expect(outcome).toMatchObject({ ok: true })
  return outcome
}
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const ask = async (topic: string, params: Record<string, unknown> = {}, now = at): Promise<any> =>
  (await answer(queries, { topic, params }, { db: store.db, now, plan })).data

test('builds: committed once, ids exact, the past as it was', async () => {
  machine.program('rch', `cat '${fixture('rch/status-degraded.json')}'`)
  machine.file('.local/state/rch/incidents.jsonl', '')
  const options = { startedAt: at, options: { metrics_port: 0 } }
  const up = await machine.look(rch, options)
  await commit(rch, up)
  const again = await commit(rch, up)
  expect(again).toMatchObject({ inserted: 0 })
  const now = await ask('builds')
  expect(now.daemons).toMatchObject([{ machine: 'atlas', state: 'up', workers_available: 2, queued: 1 }])
  expect(now.workers).toHaveLength(3)
  expect(now.running.map((row: { build: string }) => row.build)).toContain('30118458163200041')
  expect(now.summary).toMatchObject({ builds: now.recent.length, ok: expect.any(Number) })

  machine.program('rch', `cat '${fixture('rch/status-daemon-down.json')}'; exit 1`)
  const later = new Date(at.getTime() + 600_000)
  await commit(rch, await machine.look(rch, { ...options, startedAt: later }), later)
  const down = await ask('builds', {}, later)
  expect(down.daemons).toMatchObject([{ state: 'down' }])
  expect(down.workers).toHaveLength(3)
  expect(down.running).toEqual([])
  expect((await ask('builds', { at: '9m' }, later)).daemons).toMatchObject([{ state: 'up' }])
})

test('a run of the setup checker with what failed in it', async () => {
  const { readFileSync } = await import('node:fs')
  const name = 'results_20261120_041209.jsonl'
  machine.program('automated_flywheel_setup_checker', 'exit 9')
  machine.file(`.local/share/afsc/results/${name}`, readFileSync(fixture(`afsc/${name}`), 'utf8'))
  const result = await machine.look(afsc)
  await commit(afsc, result)
  expect(await commit(afsc, result)).toMatchObject({ inserted: 0 })
  expect((await ask('builds')).setup_checks).toMatchObject([
    { status: 'failed', failed: 2, problems: [{ installer: 'cass' }, { installer: 'ntm' }, { installer: 'old' }] },
  ])
})

test('sessions that grow replace their hour; synced ones are counted apart', async () => {
  const recorded = (timeline: string): void =>
    machine.program(
      'cass',
      `case $1 in health) cat '${fixture('cass/health.healthy.json')}';; timeline) cat '${fixture(timeline)}';; *) cat '${fixture('cass/stats.ok.json')}';; esac`,
    )
  recorded('cass/timeline.hour.json')
  for (const step of [0, 1]) {
    const startedAt = new Date(at.getTime() + step * 300_000)
    await commit(cass, await machine.look(cass, { startedAt }), startedAt)
  }
  const content = await ask('content', { by: 'hour' })
  expect(content.indexes).toMatchObject([{ state: 'healthy', sessions: 21_877, by_agent: { codex: 5981 } }])
  expect(
    content.starts.map((s: Record<string, unknown>) => [s.agent, s.sessions, s.synced_sessions, s.messages]),
  ).toEqual([
    ['gemini', 1, 0, 4],
    ['claude_code', 1, 0, 88],
    ['codex', 1, 0, 0],
    ['codex', 0, 1, 0],
  ])
  const hour = await store.db.rows('SELECT count(*)::INTEGER AS n FROM session_timeline_bucket_events')
  expect(hour).toEqual([{ n: 4 }])
  const grown = {
    batches: [
      {
        table: 'session_timeline_buckets',
        rows: [
          {
            bucket_start: new Date('2026-11-20T20:00:00Z'),
            bucket_end: new Date('2026-11-20T21:00:00Z'),
            agent: 'codex',
            origin: 'local',
            origin_id: 'local',
            conversation_count: 2,
            message_count: 9,
          },
        ],
      },
    ],
  }
  await commit(cass, grown, new Date(at.getTime() + 900_000))
  const day = (await ask('content')).starts.find((s: { agent: string }) => s.agent === 'codex')
  expect(day).toMatchObject({ bucket: '2026-11-20T00:00:00.000Z', sessions: 2, synced_sessions: 1, messages: 9 })
})

test('drift is told per host from raw values, towards worse, and never from scores', async () => {
  const host = { hostname: 'bench_1', host_address: null, host_machine_id: 'atlas' }
  const run = (day: number, cpu: number, mutex: number) => {
    const ts = new Date(Date.UTC(2026, 10, day, 12))
    return [
      { ...host, ts, benchmark_type: 'cpu_events_per_s', value: cpu },
      { ...host, ts, benchmark_type: 'mutex_avg_latency_ms', value: mutex },
    ]
  }
  const raw = [run(16, 100, 10), run(17, 104, 10), run(18, 96, 10), run(19, 100, 10), run(20, 80, 15)].flat()
  const overall = [{ ...host, ts: new Date(Date.UTC(2026, 10, 20, 12)), overall_score: 100, subscores_json: null }]
  const batches = [
    { table: 'cloud_bench_raw', rows: raw },
    { table: 'cloud_bench_overall', rows: overall },
  ]
  await commit(cloudBenchmarker, { batches })
  const { hosts } = await ask('bench')
  expect(hosts).toMatchObject([{ machine: 'atlas', hostname: 'bench_1', score: 100, worst_pct: 50 }])
  expect(hosts[0].metrics).toMatchObject([
    { metric: 'cpu_events_per_s', last: 80, baseline: 100, worse_pct: 20, runs: 5 },
    { metric: 'mutex_avg_latency_ms', last: 15, baseline: 10, worse_pct: 50 },
  ])
})
