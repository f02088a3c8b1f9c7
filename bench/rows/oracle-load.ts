import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../src/core/log.ts'
import type { FleetPlan } from '../../src/core/plan.ts'
import type { Row, RowBatch, ScrapeRun } from '../../src/core/rows.ts'
import { openJudge } from '../../src/daemon/judge.ts'
import { openPredictions } from '../../src/daemon/predictions.ts'
import { openReadyRows } from '../../src/daemon/ready-rows.ts'
import { openSnapshots } from '../../src/daemon/snapshots.ts'
import { readFleetRows } from '../../src/queries/fleet-rows.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { atMost, type Bench } from '../bench.ts'

const MACHINES = 100
const AGENTS = 500
const ACCOUNTS = 60
const TICK_S = 30
const HISTORY_MIN = 360

const machineId = (at: number): string => `m${String(at).padStart(3, '0')}`

const run = (machine: string, collector: string, at: Date, batches: readonly RowBatch[]): ScrapeRun => ({
  machineId: machine, collector, sourceVersion: '1', schemaVersion: 1, startedAt: at, durationMs: 1, up: true, fault: null,
  detail: null, partial: false, bytes: 1, cpuMs: 1, batches, cursors: [], warnings: [],
}) // biome-ignore format: a table of values

const sample = (tick: number): Row => ({
  boot_id: 'b', uptime_s: tick, cpu_pct: 20 + (tick % 40), iowait_pct: 0, steal_pct: 0, cpu_decayed: false, cores: 8, load1: 1, load5: 2,
  load15: 1, procs_running: 1, procs_blocked: 0, procs_total: 100, mem_total_bytes: 3e10, mem_used_bytes: 1e10 + tick * 1e6,
  mem_available_bytes: 1e10, swap_total_bytes: 1e9, swap_used_bytes: 1e8, swap_in_pages_per_s: 0, swap_out_pages_per_s: 0, oom_kills: 0,
  disk_read_bytes_per_s: 0, disk_write_bytes_per_s: 0, net_rx_bytes_per_s: 0, net_tx_bytes_per_s: 0, cgroup_memory_max_bytes: null,
  cgroup_memory_used_bytes: null, temp_cpu_celsius: null, gpu_pct: null, inotify_max_watches: 1, inotify_max_instances: 1,
  reboot_required: false, clock_skew_ms: 0, probe_duration_s: 0, partial: false,
}) // biome-ignore format: a table of values

const filesystem = (mount: string, tick: number): Row => ({
  mount, fs_type: 'ext4', size_bytes: 1e12, used_bytes: 5e11 + tick * 1e7, avail_bytes: 5e11 - tick * 1e7, used_pct: 50,
  inodes_total: 1e6, inodes_free: 9e5,
}) // biome-ignore format: a table of values

const stall = (resource: string, kind: string, tick: number): Row => ({
  resource, kind, avg10_pct: 1, avg60_pct: tick % 10, avg300_pct: 1, stall_us: 1,
}) // biome-ignore format: one row

const usage = (account: number, window: string, min: number, at: Date, resetsAt: Date): Row => ({
  provider: account % 2 === 0 ? 'anthropic' : 'openai', account_key: `acc-${account}`, account_label: null, limit_id: '', window_name: window,
  used_pct: Math.min(99, Math.floor((min % 300) / (window === '5h' ? 4 : 40) + (account % 10))), resets_at: resetsAt, observed_at: at,
  observed_source: 'claude.cache', source_rank: 20, plan: null, credits: null, status: null,
}) // biome-ignore format: a table of values

const systemBatches = (tick: number): RowBatch[] => [
  { table: 'sys_samples', rows: [sample(tick)] },
  { table: 'sys_filesystems', rows: ['/', '/data', '/boot'].map((mount) => filesystem(mount, tick)) },
  {
    table: 'sys_pressure',
    rows: [
      stall('memory', 'full', tick),
      stall('memory', 'some', tick),
      stall('io', 'full', tick),
      stall('cpu', 'some', tick),
    ],
  },
]

const usageBatch = (machine: number, min: number, startMs: number): RowBatch => {
  const at = new Date(startMs + min * 60_000)
  const mine = Array.from({ length: ACCOUNTS }, (_, account) => account).filter(
    (account) => account % MACHINES === machine,
  )
  const resets = (hours: number): Date =>
    new Date((Math.floor(at.getTime() / (hours * 3_600_000)) + 1) * hours * 3_600_000)
  return {
    table: 'account_usage_snapshots',
    rows: mine.flatMap((account) => [
      usage(account, '5h', min, at, resets(5)),
      usage(account, '7d', min, at, resets(168)),
    ]),
  }
}

const agentRows = (now: Date): RowBatch[] => {
  const ids = Array.from({ length: AGENTS }, (_, at) => ({ id: `${machineId(at % MACHINES)}/claude-${at}`, at }))
  return [
    {
      table: 'agents',
      rows: ids.map(({ id, at }) => ({
        agent_id: id, machine_id: machineId(at % MACHINES), cli: 'claude', kind: 'observed', first_seen: now, ended: null, session_id: `s${at}`,
        parent_session_id: null, cli_version: null, cwd: '/w', repo_id: null, boot_id: 'b', root_pid: at, root_start_ticks: 1, tty: null,
        pane_key: null, session_name: null, account_key: null,
      })), // biome-ignore format: a table of values
    },
    {
      table: 'latest_agent_states',
      rows: ids.map(({ id, at }) => ({
        agent_id: id, machine_id: machineId(at % MACHINES), state: at % 3 === 0 ? 'working' : 'idle', reason: null, since: now, until_at: null,
        rule: 'bench@1', winner_json: null, losers_json: '[]', judged_at: now,
      })), // biome-ignore format: a table of values
    },
  ]
}

const PLAN: FleetPlan = {
  machines: Array.from({ length: MACHINES }, (_, at) => ({
    machineId: machineId(at),
    local: false,
    enabled: true,
    sources: [
      { source: 'probe', intervalS: 30 },
      { source: 'claude', intervalS: 30 },
    ],
  })),
}

const seed = async (store: Store, startMs: number): Promise<void> => {
  const start = new Date(startMs)
  const inventory = PLAN.machines.map(({ machineId: id }) => ({
    machine_id: id, ssh_target: id, tags_json: '[]', roles_json: '[]', enabled: true, allow_write_commands: false, allow_autopilot: false,
    status: 'online', consecutive_failures: 0, first_seen_at: start, removed_at: null,
  })) // biome-ignore format: a table of values
  const write = (batches: readonly RowBatch[]) =>
    store.write({ machineId: 'fleet', source: 'bench', at: start, batches, awaited: true })
  await write([{ table: 'machines', rows: inventory }])
  await write(agentRows(start))
  for (let min = 0; min < HISTORY_MIN; min += 5) await tickOf(store, startMs, min)
}

/** One look at every machine: what its sources bring in one tick. */
const tickOf = async (store: Store, startMs: number, min: number): Promise<void> => {
  const at = new Date(startMs + min * 60_000)
  const waiting = PLAN.machines.flatMap(({ machineId: id }, machine) => [
    store.append(run(id, 'probe', at, systemBatches(min))),
    store.append(run(id, 'claude', at, [usageBatch(machine, min, startMs)])),
  ])
  await store.flush()
  await Promise.all(waiting)
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** CPU of this process over `ticks` judgements of everything, without what writing the tick's own rows costs. */
const measure = async (store: Store, startMs: number, ticks: number): Promise<number> => {
  let now = new Date(startMs + HISTORY_MIN * 60_000)
  const ready = openReadyRows(() => readFleetRows({ db: store.db, now, plan: PLAN }, null))
  const ports = { store, plan: () => PLAN, now: () => now, log: silentLog }
  const snapshots = openSnapshots({ ...ports, rows: ready.now })
  const predictions = openPredictions(ports)
  const judge = openJudge({
    ...ports,
    facts: async () => null,
    way: () => null,
    looked: async () => undefined,
    agents: async () => [],
    async onJudged(rows, from) {
      ready.judged(rows, from)
      await snapshots.judged()
    },
  })
  await judge.run(true)
  await predictions.turn()
  let spentMs = 0
  for (let tick = 1; tick <= ticks; tick += 1) {
    const min = HISTORY_MIN + (tick * TICK_S) / 60
    await tickOf(store, startMs, min)
    now = new Date(startMs + min * 60_000 + 1000)
    predictions.wrote([{ table: 'account_usage_snapshots', rows: [{}] }])
    const before = cpuMs()
    await judge.run(true)
    await predictions.turn()
    spentMs += cpuMs() - before
  }
  await judge.stop()
  await predictions.stop()
  return spentMs / ticks
}

export const oracleLoad: Bench = {
  name: 'oracle-load',
  about: 'rules, health and forecasts of 100 machines, 500 agents and 60 accounts at a 30 s tick: CPU of one core',
  async run({ full }) {
    const dataDir = mkdtempSync(join(tmpdir(), 'vc-oracle-'))
    const store = await openStore({ dataDir, minFreeBytes: 0, groupWindowMs: 50 })
    try {
      const startMs = Date.UTC(2026, 10, 20)
      await seed(store, startMs)
      const perTickMs = await measure(store, startMs, full ? 60 : 12)
      const pct = perTickMs / (TICK_S * 10)
      return [
        atMost({
          what: `${MACHINES} machines, ${AGENTS} agents, ${ACCOUNTS} accounts: judging, CPU of one core`,
          figure: `${pct.toFixed(2)} % (${perTickMs.toFixed(0)} ms a tick)`,
          baseline: '',
          ratio: null,
          value: pct,
          limit: 10,
          unit: ' %',
        }),
      ]
    } finally {
      await store.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
}
