import { cassSearchText, cassText } from './content-text.ts'
import type { DemoMachine } from './describe.ts'
import { bareMarks } from './live-text.ts'
import { sectionsText } from './sections-text.ts'

const ID = 30_118_458_163_200n

const worker = (id: string, used: number, more: object = {}) => ({
  ...{
    id,
    host: `${id}.example.net`,
    user: 'ubuntu',
    status: 'healthy',
    circuit_state: 'closed',
    used_slots: used,
    total_slots: 8,
  },
  ...{
    speed_score: 71.4,
    last_error: null,
    consecutive_failures: 0,
    recovery_in_secs: null,
    failure_history: [true, true],
  },
  ...{
    pressure_state: 'healthy',
    pressure_disk_free_gb: 312.5,
    pressure_disk_total_gb: 640,
    pressure_telemetry_age_secs: 11,
  },
  ...more,
})

const build = (at: number, agoS: number, tookS: number, exitCode: number) => ({
  ...{
    id: `@@id${ID + BigInt(at)}@@`,
    project_id: at % 2 === 0 ? 'limits' : 'billing',
    worker_id: at % 3 === 0 ? 'w2' : 'w1',
  },
  ...{ started_at: `@{start.iso-${agoS + tookS}}`, completed_at: `@{start.iso-${agoS}}`, command: 'cargo test' },
  ...{ exit_code: exitCode, duration_ms: tookS * 1000, location: 'remote', bytes_transferred: 18_311_220 },
  timing: {
    classify: 0,
    select: 3,
    sync_up: 2110,
    exec: tookS * 900,
    sync_down: 3699,
    cleanup: 70,
    total: tookS * 1000,
  },
})

const DAEMON = {
  daemon: {
    ...{ pid: 4112, uptime_secs: 86_211, version: '1.0.58', socket_path: '/run/user/1000/rch.sock' },
    ...{ started_at: '@{start.iso-86211}', workers_total: 2, workers_healthy: 2, slots_total: 16, slots_available: 11 },
  },
  workers: [worker('w1', 4), worker('w2', 1, { pressure_state: 'warning', pressure_disk_free_gb: 21.5 })],
  active_builds: [
    {
      ...{ id: `@@id${ID + 41n}@@`, project_id: 'limits', worker_id: 'w1', command: 'cargo build --release' },
      ...{
        started_at: '@{start.iso-40}',
        slots: 4,
        heartbeat_age_secs: 2,
        progress_age_secs: 3,
        detector_confidence: 0,
      },
    },
  ],
  queued_builds: [],
  recent_builds: [
    build(40, 300, 47, 0),
    build(39, 1500, 62, 101),
    build(38, 4000, 44, 0),
    build(37, 9000, 51, 1),
    build(36, 9400, 49, 0),
  ],
  issues: [],
  alerts: [],
  stats: {
    total_builds: 100,
    success_count: 94,
    failure_count: 6,
    remote_count: 97,
    local_count: 3,
    avg_duration_ms: 48_211,
  },
}

// ids of rch do not fit into a JSON number of JavaScript
const withIds = (json: string): string => json.replaceAll(/"@@id(\d+)@@"/g, '$1')

const INCIDENT = {
  ...{
    schema_version: '1.0.0',
    event_type: 'fallback',
    reason_code: 'RCH-I011',
    project_id: 'billing',
    selected_mode: 'local',
  },
  ...{
    command_fingerprint: 'fp:cargo-build:9f1',
    local_fallback_allowed: true,
    source: 'hook',
    occurred_at_unix_ms: '@@start.epochms-7000@@',
  },
}

const METRICS = `rch_daemon_info{version="1.0.58"} 1
rch_build_queue_depth 0
rch_builds_total{location="remote",result="success"} 94
rch_worker_latency_ms_sum{worker="w1"} @{t*9.0+130000}
rch_worker_latency_ms_count{worker="w1"} @{t*0.5+2800}
`

/** What rch says where it runs: two workers, a build, and one that fell back to the machine itself. */
const rchText = (): string => {
  const data = {
    schema_version: '1.0.0',
    posture: 'remote_ready',
    daemon: DAEMON,
    convergence: null,
    remediation_hints: [],
  }
  const envelope = { api_version: '1.0', timestamp: 0, command: 'status', success: true, data }
  const ledger = `${bareMarks(JSON.stringify(INCIDENT))}\n`
  return sectionsText([
    ['status', withIds(JSON.stringify(envelope)), 0],
    ['metrics', METRICS, 0],
    ['ledger', `77 0 ${ledger.length}\n${ledger}`, 0],
  ])
}

/** A run of the setup checker in which one installer failed. */
const afscText = (): string => {
  const result = (installer_name: string, status: string, more: object = {}) => ({
    ...{
      timestamp: '@{start.iso-20000}',
      installer_name,
      status,
      duration_ms: 41_200,
      exit_code: 0,
      error_classification: null,
    },
    ...{ stderr_excerpt: '', retry_count: 0, sha256_verified: true },
    ...more,
  })
  const lines = [
    result('br', 'passed'),
    result('ntm', 'failed', {
      exit_code: 1,
      error_classification: {
        category: 'checksum_mismatch',
        severity: 'Configuration',
        retryable: false,
        confidence: 0.95,
      },
      stderr_excerpt: 'checksum mismatch for ntm',
    }),
    {
      ...{
        run_id: '5f0c2b7e-1d0a-4c47-9a31-2f6d8b1e77aa',
        total: 2,
        passed: 1,
        failed: 1,
        skipped: 0,
        duration_total_ms: 82_400,
      },
      ...{ timestamp_start: '@{start.iso-20100}', timestamp_end: '@{start.iso-20000}' },
    },
  ]
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  return sectionsText([
    ['results_20261120_041209.jsonl', text, 0],
    ['folder', 'read', 0],
  ])
}

/** Where the tools of this machine lie that not every machine has. */
export const ownTools = ({ tools = [] }: DemoMachine): Readonly<Record<string, string>> =>
  Object.fromEntries(tools.map((name) => [name, `/home/dev/.local/bin/${name}`]))

/** What these tools call their version. */
export const OWN_VERSIONS: Readonly<Record<string, string>> = {
  cass: 'cass 0.6.25',
  rch: 'rch 1.0.58',
  automated_flywheel_setup_checker: 'automated_flywheel_setup_checker 0.1.0',
}

const MISSING = sectionsText([['missing', '', 127]])

/** Outputs of session search, remote builds and the setup checker; a machine without the tool says so. */
export const ownOutputs = (machine: DemoMachine) => {
  const has = (tool: string): boolean => machine.tools?.includes(tool) ?? false
  const setup = has('automated_flywheel_setup_checker') ? afscText() : sectionsText([['folder', 'none', 0]])
  return {
    'cass.txt': { ask: 'cass.reports', text: has('cass') ? cassText(machine) : MISSING, durationMs: 34 },
    'cass-search.txt': { ask: 'cass.search', text: has('cass') ? cassSearchText(machine) : MISSING, durationMs: 52 },
    'rch.txt': { ask: 'rch.status', text: has('rch') ? rchText() : MISSING, durationMs: 41 },
    'afsc.txt': { ask: 'afsc.results', text: setup, durationMs: 6 },
  }
}
