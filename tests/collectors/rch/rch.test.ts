import { appendFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rch } from '../../../src/collectors/rch/index.ts'
import { parseLedger } from '../../../src/collectors/rch/ledger.ts'
import { latencyBetween, parseMetrics } from '../../../src/collectors/rch/metrics.ts'
import { parseStatus } from '../../../src/collectors/rch/status.ts'
import { hasProgram } from '../../programs.ts'
import { fixture, rowsOf, type ToolMachine, toolMachine } from '../tool-machine.ts'

const text = (name: string): string => readFileSync(fixture(`rch/${name}`), 'utf8')

describe('status', () => {
  const degraded = parseStatus(text('status-degraded.json'))

  test('daemon, workers, queue', () => {
    expect(degraded?.status).toMatchObject({
      daemon_state: 'up',
      posture: 'degraded',
      workers_total: 3,
      workers_available: 2,
      builds_active: 1,
      queue_depth: 1,
      top_issue: "Circuit open for worker 'w3'",
    })
    expect(degraded?.workers.map((row) => [row.worker_id, row.status, row.circuit_state])).toHaveLength(3)
    expect(degraded).toMatchObject({ version: '1.0.58', skipped: 0, unknown: 0 })
  })

  test('ids beyond 2^53 stay what they are', () => {
    for (const row of [...(degraded?.running ?? []), ...(degraded?.builds ?? [])]) {
      expect(text('status-degraded.json')).toContain(`"id": ${row.build_id}`)
    }
    expect(degraded?.running.map((row) => [row.phase, row.build_id])).toContainEqual(['active', '30118458163200041'])
  })

  test('of a command only its program, length and hash are kept', () => {
    expect(JSON.stringify(degraded)).not.toMatch(/--release|cargo build/)
    expect(degraded?.running[0]).toMatchObject({ command_program: 'cargo', command_chars: 18 })
  })

  test('a daemon that is down is an answer', () => {
    expect(parseStatus(text('status-daemon-down.json'))).toMatchObject({
      status: { daemon_state: 'down', daemon_error_code: 'RCH-E504', workers_total: null, queue_depth: null },
      workers: [],
    })
  })

  test('an older daemon leaves out what it does not know', () => {
    expect(parseStatus(text('status-empty-older-daemon.json'))?.status).toMatchObject({
      daemon_version: '1.0.41',
      queue_depth: 0,
      alerts_active: null,
      avg_build_ms: null,
      top_issue: 'No workers configured; all builds run locally',
    })
  })

  test('foreign text is none, whatever it is', () => {
    for (const other of [
      '',
      'workers[3]{id}:',
      '{}',
      '{"success":true}',
      text('check-not-ready.json'),
      '['.repeat(90_000),
    ])
      expect(parseStatus(other)).toBeNull()
    fc.assert(fc.property(fc.json(), (json) => void parseStatus(json)))
  })

  test('hostile values become unknown, not numbers', () => {
    const hostile = text('status-degraded.json')
      .replace('"speed_score": 71.4', '"speed_score": 1e999')
      .replace('"used_slots": 2', '"used_slots": -2')
      .replace('"w1.example.net"', '"\\u001b]0;x\\u0007w1"')
      .replace('"pid": 4112', '"pid": 99999999999999999999999')
    const parsed = parseStatus(hostile)
    expect(parsed?.workers[0]).toMatchObject({ speed_score: null, used_slots: null, host: ']0;xw1' })
    expect(parsed?.status.daemon_pid).toBeNull()
  })
})

test('finished builds: what their end means', () => {
  const build = (exit_code: number, more: object = {}) =>
    ({ id: exit_code, completed_at: '2026-11-20T21:10:51.002113+00:00', exit_code, ...more }) as const
  const recent = [
    build(0),
    build(101),
    build(1),
    build(130),
    build(143, { cancellation: { origin: 'user' } }),
    { id: 5 },
  ]
  const whole = { daemon: { pid: 1 }, recent_builds: recent }
  const parsed = parseStatus(JSON.stringify({ api_version: '1.0', success: true, data: { daemon: whole } }))
  expect(parsed?.builds.map((row) => row.outcome)).toEqual(['ok', 'tests_failed', 'failed', 'signal', 'cancelled'])
  expect(parsed?.skipped).toBe(1)
})

describe('metrics', () => {
  test('allowed families with labels as they were meant; NaN is unknown', () => {
    const metrics = parseMetrics(text('metrics.txt'))
    const names = metrics?.rows.map((row) => row.metric_name)
    expect(names).not.toContain('rch_daemon_uptime_seconds')
    expect(names).not.toContain('rch_worker_latency_ms_bucket')
    expect(names).not.toContain('some_future_metric')
    expect(metrics?.rows).toContainEqual({
      metric_name: 'rch_circuit_state',
      labels_json: JSON.stringify({ worker: 'w"3\\x Y' }),
      value: 2,
    })
    expect(metrics?.rows.find((row) => row.metric_name === 'rch_worker_slots_total')?.value).toBeNull()
    expect(metrics?.rows.find((row) => row.metric_name === 'rch_worker_last_seen_timestamp')?.value).toBe(1_795_211_688)
  })

  test('the port belongs to others too', () => {
    expect(parseMetrics('node_cpu_seconds_total{cpu="0"} 12\n')).toBeNull()
    fc.assert(fc.property(fc.string(), (any) => void parseMetrics(`rch_daemon_info 1\n${any}`)))
    const long = `rch_daemon_info{version="1"} 1\nrch_builds_active{location="${'x'.repeat(10_000_000)}"} 1\n`
    expect(parseMetrics(long)?.rows).toHaveLength(1)
  })

  test('latency is what was added since the last look', () => {
    expect(latencyBetween({ sumMs: 100, count: 10 }, { sumMs: 160, count: 13 })).toBe(20)
    expect(latencyBetween(null, { sumMs: 160, count: 13 })).toBeNull()
    expect(latencyBetween({ sumMs: 100, count: 10 }, { sumMs: 100, count: 10 })).toBeNull()
    expect(latencyBetween({ sumMs: 900, count: 90 }, { sumMs: 10, count: 2 })).toBeNull()
  })
})

test('the ledger is read to its last whole line', () => {
  const lines = text('incidents.jsonl')
  const whole = lines.slice(0, lines.lastIndexOf('\n') + 1)
  const ledger = parseLedger(`77 0 ${lines.length}\n${lines}`)
  expect(ledger?.rows.map((row) => row.reason_code)).toEqual(['RCH-I011', 'RCH-I016', 'RCH-I099'])
  expect(ledger?.cursor).toEqual({ inode: '77', offset: Buffer.byteLength(whole) })
  expect(parseLedger('none\n')).toEqual({ rows: [], unreadable: 0, cursor: null })
  expect(parseLedger('5 0 9\nnot json\n')).toMatchObject({ rows: [], unreadable: 1 })
  expect(parseLedger('rubbish')).toBeNull()
})

describe('through a real shell', () => {
  let machine: ToolMachine
  beforeEach(() => {
    machine = toolMachine()
  })
  afterEach(() => machine.close())
  const noMetrics = { options: { metrics_port: 0 } }

  test('status, then only new incidents; a rewritten ledger is read again under the same ids', async () => {
    machine.program(
      'rch',
      `[ "$*" = 'status --json --format json' ] && [ ! -t 0 ] && cat '${fixture('rch/status-degraded.json')}'`,
    )
    const ledger = '.local/state/rch/incidents.jsonl'
    const lines = text('incidents.jsonl').split('\n').slice(0, 3)
    machine.file(ledger, `${lines.slice(0, 2).join('\n')}\n`)
    const first = await machine.look(rch, noMetrics)
    expect(first).not.toHaveProperty('fault')
    expect(rowsOf(first, 'rch_incidents')).toHaveLength(2)
    expect(first.sourceVersion).toBe('1.0.58')
    expect(rowsOf(await machine.look(rch, noMetrics), 'rch_incidents')).toHaveLength(0)
    appendFileSync(join(machine.home, ledger), `${lines[2]}\n{"half`)
    expect(rowsOf(await machine.look(rch, noMetrics), 'rch_incidents')).toMatchObject([{ reason_code: 'RCH-I099' }])
    machine.file(`${ledger}.new`, `${lines[1]}\n${lines[2]}\n`)
    renameSync(join(machine.home, `${ledger}.new`), join(machine.home, ledger))
    const again = rowsOf(await machine.look(rch, noMetrics), 'rch_incidents')
    expect(again[0]?.incident_id).toBe(rowsOf(first, 'rch_incidents')[1]?.incident_id)
    expect(again).toHaveLength(2)
  })

  test('a stopped daemon keeps the last picture of its workers', async () => {
    machine.program('rch', `cat '${fixture('rch/status-daemon-down.json')}'; exit 1`)
    const result = await machine.look(rch, noMetrics)
    expect(result.fault ?? null).toBeNull()
    expect(result.batches.map(({ table }) => table)).not.toContain('rch_workers')
    expect(rowsOf(result, 'rch_status_snapshots')).toMatchObject([{ daemon_state: 'down' }])
  })

  test('absent, unknown command, a hook that rests on stdin, foreign words', async () => {
    expect(await machine.look(rch, noMetrics)).toMatchObject({ fault: 'tool_missing' })
    machine.program('rch', 'echo "error: unexpected argument" >&2; exit 2')
    expect(await machine.look(rch, noMetrics)).toMatchObject({ fault: 'exit_code' })
    machine.program('rch', 'cat')
    expect(await machine.look(rch, noMetrics)).toMatchObject({ fault: 'bad_output' })
  })

  test.runIf(hasProgram('curl'))('metrics over loopback; latency from the second look on', async () => {
    machine.program('rch', `cat '${fixture('rch/status-degraded.json')}'`)
    let body = text('metrics.txt')
    const server = createServer((request, response) => response.end(request.url === '/metrics' ? body : 'no'))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const options = { options: { metrics_port: (server.address() as AddressInfo).port } }
    try {
      const first = await machine.look(rch, options)
      expect(rowsOf(first, 'rch_metric_samples').length).toBeGreaterThan(5)
      expect(rowsOf(first, 'rch_status_snapshots')[0]?.avg_latency_ms).toBeNull()
      body = body.replace('130211.5', '130311.5').replace('_count{worker="w1"} 2871', '_count{worker="w1"} 2875')
      const second = await machine.look(rch, options)
      expect(rowsOf(second, 'rch_status_snapshots')[0]?.avg_latency_ms).toBe(25)
      body = 'node_load1 1\n'
      expect((await machine.look(rch, options)).batches.map(({ table }) => table)).not.toContain('rch_metric_samples')
    } finally {
      server.close()
    }
  })

  test('a socket that is elsewhere is looked for once more, only where a daemon listens', async () => {
    machine.program('rch', `echo x >>"$HOME/asked"; cat '${fixture('rch/status-daemon-down.json')}'; exit 1`)
    mkdirSync(join(machine.home, 'run'))
    await machine.look(rch, noMetrics)
    expect(readFileSync(join(machine.home, 'asked'), 'utf8')).toBe('x\n')
  })
})
