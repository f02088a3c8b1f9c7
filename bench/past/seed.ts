import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { FleetPlan } from '../../src/core/plan.ts'
import { openStore, type Store } from '../../src/store/index.ts'

export const DAYS = 90
export const MACHINES = 40
const AGENTS = 5
const REPOS = 5
const SOURCES = ['probe', 'tmux', 'git', 'claude', 'caut', 'dcg'] as const

export interface PastStore {
  readonly store: Store
  readonly plan: FleetPlan
  readonly end: Date
  close(): Promise<void>
}

/** Values for the columns that must not be null or that the answers read; everything else stays null. */
interface Fill {
  readonly [column: string]: string
}

const machine = "'m' || lpad((i % MACHINES)::VARCHAR, 3, '0')".replace('MACHINES', String(MACHINES))
const at = (start: string, stepMs: number): string => `${start} + INTERVAL (i * ${stepMs}) MILLISECOND`
const envelope = (source: string): Fill => ({ machine_id: machine, source, source_version: "'1'", schema_version: '1' })

const insert = (table: string, rows: number, fill: Fill): string =>
  `INSERT INTO ${table} (${Object.keys(fill).join(', ')}) SELECT ${Object.values(fill).join(', ')} FROM range(${Math.floor(rows)}) AS r(i)`

/** Rows in the order of time, evenly over the days; `share` of `samples` each. */
const statements = (samples: number, start: string): readonly string[] => {
  const spanMs = DAYS * 86_400_000
  const even = (table: string, rows: number, fill: (when: string) => Fill): string =>
    insert(table, rows, fill(at(start, spanMs / rows)))
  const n = { sys: samples * 0.6, fs: samples * 0.2, scrapes: samples * 0.2 }
  const agent = `${machine} || '/claude-' || ((i // ${MACHINES}) % ${AGENTS})`
  return [
    insert('machines', MACHINES, {
      machine_id: machine, ssh_target: "'local'", tags_json: "'[]'", roles_json: "'[]'", enabled: 'true',
      allow_write_commands: 'false', allow_autopilot: 'false', status: "'online'", consecutive_failures: '0', first_seen_at: start,
    }),
    'INSERT INTO machine_events BY NAME SELECT *, first_seen_at AS event_at FROM machines',
    even('machine_events', MACHINES * DAYS * 4, (when) => ({
      event_at: when, machine_id: machine, ssh_target: "'local'", tags_json: "'[]'", roles_json: "'[]'", enabled: 'true',
      allow_write_commands: 'false', allow_autopilot: 'false', status: "CASE WHEN i % 7 = 0 THEN 'degraded' ELSE 'online' END",
      consecutive_failures: '0', first_seen_at: start,
    })),
    even('sys_samples', n.sys, (when) => ({
      collected_at: when, ...envelope("'probe'"), boot_id: "'b'", uptime_s: 'i', cpu_pct: '(hash(i) % 1000) / 10', cpu_decayed: 'false', cores: '16',
      load1: '(hash(i + 1) % 160) / 10', load5: '(hash(i + 2) % 160) / 10', mem_total_bytes: '68719476736', mem_used_bytes: '(hash(i + 3) % 68719476736)::BIGINT', partial: 'false',
    })),
    even('sys_filesystems', n.fs, (when) => ({ collected_at: when, ...envelope("'probe'"), mount: "'/'", size_bytes: '1000000000000', used_pct: '(hash(i) % 900) / 10' })),
    even('scrapes', n.scrapes, (when) => ({
      collected_at: when, ...envelope(`CASE (i // ${MACHINES}) % ${SOURCES.length} ${SOURCES.map((s, k) => `WHEN ${k} THEN '${s}'`).join(' ')} END`),
      up: '(hash(i) % 50) <> 0', fault: "CASE WHEN (hash(i) % 50) <> 0 THEN NULL ELSE 'timeout' END", partial: 'false', duration_ms: '40', bytes: '1000', rows: '1', cpu_ms: '2',
    })),
    insert('agents', MACHINES * AGENTS, { agent_id: agent, machine_id: machine, cli: "'claude'", kind: "'observed'", first_seen: start }),
    'INSERT INTO agent_events BY NAME SELECT *, first_seen AS event_at FROM agents',
    even('agent_state_events', MACHINES * AGENTS * DAYS * 20, (when) => ({
      event_at: when, agent_id: agent, machine_id: machine, state: "CASE WHEN i % 3 = 0 THEN 'idle' ELSE 'working' END", rule: "'r'", winner_json: "'{}'", losers_json: "'[]'", judged_at: when,
    })),
    even('alert_events', MACHINES * DAYS * 10, (when) => ({
      event_at: when, alert_id: `'disk_low:' || ${machine} || ':/' || ((i // ${MACHINES}) % 8)`, rule: "'disk_low'", machine_id: machine, subject: "'/'", severity: "'warning'",
      status: "CASE WHEN (i // 320) % 2 = 0 THEN 'firing' ELSE 'resolved' END", title: "'a disk is nearly full'", evidence_json: "'{}'", since: when,
    })),
    insert('repos', MACHINES * REPOS, { machine_id: machine, repo_id: "'r'", path: `'/r' || ((i // ${MACHINES}) % ${REPOS})`, first_seen_at: start, last_seen_at: start }),
    'INSERT INTO repo_events BY NAME SELECT *, first_seen_at AS event_at FROM repos',
    even('repo_status_snapshots', MACHINES * REPOS * DAYS * 10, (when) => ({
      collected_at: when, ...envelope("'git'"), scope: "''", repo_id: "'r'", path: `'/r' || ((i // ${MACHINES}) % ${REPOS})`, state: "'ok'", dirty: 'i % 2 = 0', gone: 'false',
    })),
  ] // biome-ignore format: one table a paragraph
}

// What the writer would have kept as it went along.
const LATEST = [
  `INSERT INTO latest_sys_samples SELECT * FROM sys_samples QUALIFY row_number() OVER (PARTITION BY machine_id ORDER BY collected_at DESC) = 1`,
  `INSERT INTO latest_sys_filesystems SELECT * FROM sys_filesystems QUALIFY row_number() OVER (PARTITION BY machine_id ORDER BY collected_at DESC) = 1`,
  `INSERT INTO latest_scrapes SELECT *, collected_at, 0 FROM scrapes WHERE collected_at > (SELECT max(collected_at) - INTERVAL 1 DAY FROM scrapes) QUALIFY row_number() OVER (PARTITION BY machine_id, source ORDER BY collected_at DESC) = 1`,
  `INSERT INTO latest_agent_states BY NAME SELECT * EXCLUDE (event_at) FROM agent_state_events QUALIFY row_number() OVER (PARTITION BY agent_id ORDER BY event_at DESC) = 1`,
  `INSERT INTO alerts BY NAME SELECT * EXCLUDE (event_at) FROM alert_events QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY event_at DESC) = 1`,
  `INSERT INTO latest_repo_status_snapshots SELECT * FROM repo_status_snapshots QUALIFY row_number() OVER (PARTITION BY machine_id, path ORDER BY collected_at DESC) = 1`,
]

/** A store with ninety days of a fleet of forty machines: `samples` rows of measurements, and the changes of what is kept as such. */
export const seedPast = async (samples: number, end: Date): Promise<PastStore> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vc-past-'))
  const open = (): Promise<Store> =>
    openStore({ dataDir, minFreeBytes: 0, memoryLimitMb: 192, threads: 2, queryTimeoutMs: 60_000, now: () => end })
  const empty = await open()
  const { path } = empty
  await empty.close()
  const instance = await DuckDBInstance.create(path, { threads: '2', memory_limit: '1500MB' })
  const connection = await instance.connect()
  const start = `TIMESTAMP '${new Date(end.getTime() - DAYS * 86_400_000).toISOString().slice(0, 19).replace('T', ' ')}'`
  for (const sql of [...statements(samples, start), ...LATEST, 'CHECKPOINT']) await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
  const store = await open()
  return {
    store,
    end,
    plan: planOf(),
    async close() {
      await store.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const planOf = (): FleetPlan => ({
  machines: Array.from({ length: MACHINES }, (_, i) => ({
    machineId: `m${String(i).padStart(3, '0')}`,
    local: i === 0,
    enabled: true,
    sources: SOURCES.map((source) => ({ source, intervalS: 120 })),
  })),
})
