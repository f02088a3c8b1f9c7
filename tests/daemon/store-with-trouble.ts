import { parseConfig } from '../../src/config/index.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Row, RowBatch } from '../../src/core/rows.ts'
import { openSqlRules } from '../../src/daemon/alert-sql-rules.ts'
import { openAlerts } from '../../src/daemon/alerts.ts'
import { readFleetRows } from '../../src/queries/fleet-rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { assemblePicture } from '../../src/queries/picture.ts'
import type { Store } from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'
import { ago, inventory, NOW, planOf, run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

export const sample = (over: Row = {}): Row => ({ cpu_decayed: false, cores: 4, load5: 1, partial: false, ...over })

const SWAP = 1024 ** 3

/** Rows of each source that break its rule. */
const TROUBLE: readonly (readonly [collector: string, batches: readonly RowBatch[]])[] = [
  ['probe', [
    { table: 'sys_samples', rows: [sample({ load5: 9, swap_used_bytes: 2 * SWAP, oom_kills: 1, inotify_max_watches: 8192, clock_skew_ms: 9_000 })] },
    { table: 'sys_filesystems', rows: [{ mount: '/', used_pct: 95 }] },
  ]],
  ['dcg', [{ table: 'dcg_events', rows: [
    ...Array.from({ length: 11 }, (_, i) => ({ database_path: '/d', event_id: `e${i}`, ts: ago(60 + i), decision: 'deny', rule_id: 'core.git', severity: 'high' })),
    { database_path: '/d', event_id: 'old', ts: ago(90_000), decision: 'deny', rule_id: 'core.known', severity: 'critical' },
    { database_path: '/d', event_id: 'again', ts: ago(50), decision: 'warn', rule_id: 'core.known', severity: 'critical' },
    { database_path: '/d', event_id: 'new', ts: ago(40), decision: 'warn', rule_id: 'core.rm', severity: 'critical' },
  ] }]],
  ['rano', [{ table: 'rano_events', rows: [
    { database_path: '/r', event_id: '1', ts: ago(30), event: 'connect', provider: 'unknown', domain: 'x.example', remote_is_private: false, alert: false },
    { database_path: '/r', event_id: '2', ts: ago(30), event: 'connect', provider: 'anthropic', domain: 'api.example', remote_is_private: false, alert: false },
    { database_path: '/r', event_id: '3', ts: ago(9_000), event: 'connect', provider: 'unknown', domain: 'old.example', remote_is_private: false, alert: false },
  ] }]],
  ['agent_mail', [{ table: 'mail_recipients', rows: Array.from({ length: 6 }, (_, i) => ({
    collected_at: NOW, source: 'agent_mail', source_version: '1', schema_version: 1, machine_id: 'atlas',
    database_path: '/m', message_id: `m${i}`, message_created_at: ago(7_200), recipient: 'ann', importance: 'urgent', ack_required: true,
  })) }]],
  ['rch', [{ table: 'rch_status_snapshots', rows: [{ daemon_state: 'up', queue_depth: 12, workers_available: 0 }] }]],
  ['cass', [{ table: 'cass_index_status', rows: [{ state: 'degraded', last_index_at: ago(100_000) }] }]],
] // biome-ignore format: rows

export const storeWithTrouble = async (): Promise<Store> => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  await store.write({
    machineId: 'fleet',
    source: 'config',
    at: ago(86_400),
    batches: [{ table: 'machines', rows: inventory(['atlas']) }],
  })
  await store.append(
    run('atlas', 'probe', 300, [{ table: 'sys_samples', rows: [sample({ swap_used_bytes: SWAP, oom_kills: 0 })] }]),
  )
  for (const [collector, batches] of TROUBLE) await store.append(run('atlas', collector, 5, batches))
  const retention = [{ code: 'retention', message: 'Claude Code on atlas deletes transcripts', fix: 'x' }]
  await store.append(run('atlas', 'retention', 5, [], { warnings: retention }))
  return store
}

export const PLAN = {
  machines: planOf(['atlas']).machines.map((machine) => ({
    ...machine,
    sources: ['probe', 'dcg', 'rano', 'agent_mail', 'rch', 'cass', 'retention'].map((source) => ({
      source,
      intervalS: 300,
    })),
  })),
}

const configOf = (toml: string) => {
  const { config, problems } = parseConfig(toml, 'vc.toml')
  if (config === null) throw new Error(JSON.stringify(problems))
  return config
}

export const openOn = (store: Store, toml = '') => {
  const clock = { now: NOW }
  const disk = { isFull: false }
  const looked: number[] = []
  const told: string[] = []
  const ports = { db: store.db, now: NOW, plan: PLAN }
  const sql = openSqlRules(store, openJobRunner(), () => clock.now)
  const alerts = openAlerts({
    store,
    config: () => configOf(toml),
    plan: () => PLAN,
    keepsNothing: () => disk.isFull,
    ask: (request, rows) => answer(queries, request, { ...ports, now: clock.now, ready: async () => rows }),
    sqlRows: sql.rows,
    now: () => clock.now,
    log: silentLog,
    onTransitions(transitions, standing) {
      told.push(...transitions.map(({ kind, alert }) => `${kind} ${alert.alertId}`))
      looked.push(standing.length)
    },
  })
  const look = async (seconds: number) => {
    clock.now = new Date(NOW.getTime() + seconds * 1000)
    const rows = await readFleetRows({ ...ports, now: clock.now }, null)
    const changed = await alerts.judge(assemblePicture(rows, PLAN, clock.now), clock.now)
    const outcome = await store.write({
      machineId: 'fleet',
      source: 'oracle.fleet',
      at: clock.now,
      batches: [{ table: 'alerts', rows: changed }],
      awaited: true,
    })
    alerts.stored(outcome.ok)
    await alerts.standing()
    return changed
  }
  return { alerts, look, told, looked, clock, disk }
}
