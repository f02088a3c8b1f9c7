import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OwnConfig } from '../../src/core/own-config.ts'
import type { FleetPlan } from '../../src/core/plan.ts'
import type { Row, RowBatch, ScrapeRun } from '../../src/core/rows.ts'
import { openStore, type Store } from '../../src/store/index.ts'

export const NOW = new Date('2026-11-20T12:00:00Z')
export const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000)

export const run = (
  machineId: string,
  collector: string,
  atS: number,
  batches: readonly RowBatch[],
  over: Partial<ScrapeRun> = {},
): ScrapeRun => ({
  machineId,
  collector,
  sourceVersion: '1.0.0',
  schemaVersion: 1,
  startedAt: ago(atS),
  durationMs: 40,
  up: true,
  fault: null,
  detail: null,
  partial: false,
  bytes: 4096,
  cpuMs: 2,
  batches,
  cursors: [],
  warnings: [],
  ...over,
})

export const sample = (over: Row = {}): Row => ({
  boot_id: 'b1', uptime_s: 1000, cpu_pct: 12.5, iowait_pct: 0.1, steal_pct: 0, cpu_decayed: false, cores: 8,
  load1: 1, load5: 1.2, load15: 1.1, procs_running: 2, procs_blocked: 0, procs_total: 240,
  mem_total_bytes: 34_359_738_368, mem_used_bytes: 8_589_934_592, mem_available_bytes: 25_769_803_776,
  swap_total_bytes: 0, swap_used_bytes: 0, swap_in_pages_per_s: 0, swap_out_pages_per_s: 0, oom_kills: 0,
  disk_read_bytes_per_s: 1000, disk_write_bytes_per_s: 2000, net_rx_bytes_per_s: 300, net_tx_bytes_per_s: 400,
  cgroup_memory_max_bytes: null, cgroup_memory_used_bytes: null, temp_cpu_celsius: 41, gpu_pct: null,
  inotify_max_watches: 100_000, inotify_max_instances: 128, reboot_required: false, clock_skew_ms: 12, probe_duration_s: 0, partial: false,
  ...over,
}) // biome-ignore format: a table of values

const filesystem = (mount: string, usedPct: number): Row => ({
  mount,
  fs_type: 'ext4',
  size_bytes: 1e12,
  used_bytes: 1e10 * usedPct,
  avail_bytes: 1e10 * (100 - usedPct),
  used_pct: usedPct,
  inodes_total: 1_000_000,
  inodes_free: 900_000,
})

const usageRow = (key: string, over: Row = {}): Row => ({
  provider: 'anthropic', message_key: key, ts: ago(3600), request_id: null, cli: 'claude', session_id: 's1', parent_session_id: null,
  is_sidechain: false, shared: false, model: 'claude-opus-4-5', input_tokens: 100, output_tokens: 50, cache_read_tokens: 1000,
  cache_write_5m_tokens: 10, cache_write_1h_tokens: 0, reasoning_tokens: 20, total_tokens: 1160, cost_microusd: 5000, price_source: 'test',
  account_key: 'acc-1', cwd: '/home/dev/ledger', project: '/home/dev/ledger', repo: null, ...over,
}) // biome-ignore format: a table of values

/** A configuration of two keys, one of them edited and not in force yet. */
export const ownConfig = (): OwnConfig => ({
  file: '/home/dev/.config/vc/vc.toml',
  machines: 3,
  sections: [
    {
      header: '[polling]',
      about: 'how often',
      keys: [
        {
          path: 'polling.max_connections',
          about: 'at most',
          type: 'a whole number',
          default: '1000',
          now: '50',
          next: '80',
          line: 2,
        },
      ],
    },
  ],
  problems: [],
})

const SOURCES = ['probe', 'tmux', 'claude', 'git']

export const planOf = (ids: readonly string[]): FleetPlan => ({
  machines: ids.map((machineId) => ({
    machineId,
    local: machineId === 'atlas',
    enabled: true,
    sources: SOURCES.map((source) => ({ source, intervalS: source === 'git' ? 300 : 30 })),
  })),
})

export const inventory = (ids: readonly string[]): Row[] =>
  ids.map((machine_id) => ({
    machine_id,
    ssh_target: machine_id === 'atlas' ? 'local' : `ubuntu@${machine_id}`,
    tags_json: '["test"]',
    roles_json: '[]',
    enabled: true,
    allow_write_commands: false,
    allow_autopilot: false,
    status: 'unknown',
    consecutive_failures: 0,
    first_seen_at: ago(86_400),
    removed_at: null,
  }))

const agentRow = (agentId: string, machineId: string, cli: string): Row => ({
  agent_id: agentId, machine_id: machineId, cli, kind: 'observed', first_seen: ago(7200), ended: null, session_id: 's1', parent_session_id: null,
  cli_version: '2.1.329', cwd: '/home/dev/ledger', repo_id: null, boot_id: 'b1', root_pid: 4242, root_start_ticks: 991, tty: 'pts/3', pane_key: null, session_name: 'main', account_key: 'acc-1',
}) // biome-ignore format: a table of values

const stateRow = (agentId: string, machineId: string, state: string, reason: string | null): Row => ({
  agent_id: agentId,
  machine_id: machineId,
  state,
  reason,
  since: ago(90),
  until_at: null,
  rule: 'claude.registry.permission@2.1',
  winner_json: '{}',
  losers_json: '[]',
  judged_at: ago(2),
})

const repoRows = (): RowBatch[] => [
  {
    table: 'repos',
    rows: [
      {
        repo_id: 'r1',
        path: '/home/dev/ledger',
        url: 'git@example.org:dev/ledger.git',
        name: 'ledger',
        is_worktree: false,
        first_seen_at: ago(86_400),
        last_seen_at: ago(30),
        machine_id: 'atlas',
      },
    ],
  },
  {
    table: 'repo_status_snapshots',
    rows: [
      {
        repo_id: 'r1',
        path: '/home/dev/ledger',
        state: 'ok',
        branch: 'main',
        detached: false,
        head_oid: 'abc',
        upstream: 'origin/main',
        upstream_gone: false,
        dirty: true,
        staged: 0,
        unstaged: 2,
        untracked: 1,
        conflicted: 0,
        stashes: 0,
        ahead: 1,
        behind: 0,
        last_commit_at: ago(5000),
        commits_7d: 4,
        commits_30d: 9,
        fetched_at: null,
        gone: false,
      },
    ],
  },
]

const seedMachine = async (store: Store, id: string, index: number): Promise<void> => {
  await store.append(
    run(id, 'probe', 5, [
      { table: 'sys_samples', rows: [sample({ uptime_s: 1000 + index })] },
      { table: 'sys_filesystems', rows: [filesystem('/', 40 + index), filesystem('/data', index === 1 ? 97 : 20)] },
    ]),
  )
  for (const source of SOURCES.slice(1)) await store.append(run(id, source, 6, []))
}

/** A store with a small fleet: atlas busy and waiting for an approval, borg with a full disk, coyote never reached. */
export const seededStore = async (
  ids: readonly string[] = ['atlas', 'borg', 'coyote'],
): Promise<{ store: Store; close(): Promise<void> }> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vc-seeded-'))
  const store = await openStore({ dataDir, groupWindowMs: 1, minFreeBytes: 0, now: () => NOW })
  await store.write({
    machineId: 'fleet',
    source: 'config',
    at: ago(86_400),
    batches: [{ table: 'machines', rows: inventory(ids) }],
  })
  for (const [index, id] of ids.entries()) {
    if (id === 'coyote')
      await store.append(
        run(id, 'probe', 20, [], { up: false, fault: 'unreachable', detail: 'connection refused', bytes: 0 }),
      )
    else await seedMachine(store, id, index)
  }
  await store.append(
    run('atlas', 'claude', 4, [
      {
        table: 'agent_usage',
        rows: [usageRow('m1'), usageRow('m2', { model: 'mystery-9', cost_microusd: null, price_source: null })],
      },
    ]),
  )
  await store.append(run('atlas', 'git', 4, repoRows()))
  await store.write({
    machineId: 'atlas', source: 'oracle', at: ago(2),
    batches: [
      { table: 'agents', rows: [agentRow('atlas/claude-7k2m', 'atlas', 'claude'), agentRow('atlas/codex-abcd', 'atlas', 'codex')] },
      { table: 'latest_agent_states', rows: [stateRow('atlas/claude-7k2m', 'atlas', 'needs_approval', 'permission prompt'), stateRow('atlas/codex-abcd', 'atlas', 'working', null)] },
      { table: 'alerts', rows: [{ alert_id: 'disk_low:borg:/data', rule: 'disk_low', machine_id: 'borg', subject: '/data', severity: 'critical', status: 'firing', title: 'borg /data has 3.0 % free', evidence_json: '{"free_pct":3}', since: ago(600), fired_at: ago(600), resolved_at: null }] },
    ],
  }) // biome-ignore format: one row per line
  await store.flush()
  return {
    store,
    async close() {
      await store.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
