import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sysmoni } from '../../../src/collectors/sysmoni/index.ts'
import { parseSysmoni } from '../../../src/collectors/sysmoni/parse.ts'
import { latestSys, topProcesses } from '../../../src/store/index.ts'
import { FIXTURES, type GuardMachine, openGuardMachine } from '../guard-machine.ts'

const recorded = (name: string): string => readFileSync(join(FIXTURES, 'sysmoni', name), 'utf8')
const [, SECOND = ''] = recorded('stream-two-lines.ndjson').split('\n')
const STAT = 'proc\t21833 (node) S 1 1 1 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2\n'
const script = (data: string, kind = 'stream', procs = STAT): string =>
  `kind\t${kind}\nboot\t00000000-0000-4000-8000-000000000001\t77.5\n${procs}data\n${data}\nend\n`

describe('parse', () => {
  test('a second line of the stream holds rates, in bytes per second', () => {
    const look = parseSysmoni(script(SECOND))
    expect(look).toMatchObject({
      schema: 'go',
      sample: {
        cpu_pct: 63.4,
        mem_total_bytes: 25276502016,
        disk_read_bytes_per_s: 1.25 * 1048576,
        net_rx_bytes_per_s: 8.4 * 125000,
        temp_cpu_celsius: 48.5,
        gpu_pct: 37,
        uptime_s: 77.5,
        partial: false,
      },
      processes: [
        {
          pid: 21833,
          start_ticks: 987654,
          comm: 'node',
          cpu_pct: 41.2,
          cpu_lifetime: true,
          fd_count: 61,
          io_write_bytes_per_s: 812.5 * 1024,
          mem_bytes: Math.round(0.0231 * 25276502016),
        },
      ],
    })
  })

  test('a first sample knows no rates, so none is stored: not an idle machine', () => {
    expect(parseSysmoni(script(recorded('oneshot-first-sample.json'), 'oneshot'))).toMatchObject({
      sample: {
        cpu_pct: null,
        disk_read_bytes_per_s: null,
        net_rx_bytes_per_s: null,
        load1: 1.52,
        mem_used_bytes: 6120013824,
        partial: true,
      },
      processes: [{ io_read_bytes_per_s: null }],
    })
  })

  test('a counter that was reset is no network speed', () => {
    const [wrapped = ''] = recorded('stream-counter-wrap-and-torn.ndjson').split('\n')
    expect(parseSysmoni(script(wrapped))).toMatchObject({
      sample: { net_rx_bytes_per_s: null, net_tx_bytes_per_s: 0.9 * 125000 },
    })
  })

  test('the shell program of the same name has its own words, and no absolute memory', () => {
    expect(parseSysmoni(script(recorded('legacy-bash.json'), 'oneshot'))).toMatchObject({
      schema: 'legacy',
      sample: { cpu_pct: 63, net_rx_bytes_per_s: 8.4 * 125000, temp_cpu_celsius: 48.5 },
      processes: [{ pid: 21833, mem_bytes: null, cpu_pct: 41.2 }],
    })
  })

  test('another schema, an empty line and a cut answer are faults, never rows of zeros', () => {
    expect(parseSysmoni(script(recorded('unknown-schema.json')))).toMatchObject({ schema: null, fault: 'bad_output' })
    expect(parseSysmoni(script(''))).toMatchObject({ fault: 'bad_output' })
    expect(parseSysmoni(script('[]'))).toMatchObject({ fault: 'bad_output' })
    expect(parseSysmoni(script(SECOND).slice(0, -9))).toMatchObject({ fault: 'truncated' })
    expect(parseSysmoni('')).toMatchObject({ fault: 'truncated' })
  })

  test('a process that ended before it was looked at is left out: its pid may be another’s', () => {
    expect(parseSysmoni(script(SECOND, 'stream', ''))).toMatchObject({ processes: [] })
  })

  test('whatever the numbers are, rows hold numbers a table takes', () => {
    const odd = fc.oneof(fc.double(), fc.constantFrom(null, '7', -1, 2 ** 60, [], {}, 'NaN'))
    fc.assert(
      fc.property(odd, odd, odd, odd, (a, b, c, d) => {
        const text = JSON.stringify({
          Timestamp: 'x',
          CPU: { Total: a, PerCore: b },
          Memory: { TotalBytes: c, UsedBytes: d },
          IO: a,
          Top: [{ PID: 21833, Memory: b, FDCount: c, CPU: d }],
          Temps: b,
          GPUs: [c, d],
        })
        const look = parseSysmoni(script(text))
        const rows = look.schema === null ? [] : [look.sample, ...look.processes]
        for (const value of rows.flatMap((row) => Object.values(row)))
          expect(typeof value !== 'number' || Number.isFinite(value)).toBe(true)
      }),
    )
  })
})

describe('on a machine', () => {
  let machine: GuardMachine
  beforeEach(async () => {
    machine = await openGuardMachine()
  })
  afterEach(() => machine.close())

  const install = (name: string, body: string): string => {
    const path = join(machine.home, name)
    writeFileSync(path, `#!/bin/sh\n${body}\n`)
    chmodSync(path, 0o755)
    return path
  }

  test('the stream of the Go program is read to its second line and let go', async () => {
    writeFileSync(
      join(machine.home, 'stream'),
      recorded('stream-two-lines.ndjson').replaceAll('21833', String(process.pid)),
    )
    const go = install(
      'sysmoni-go',
      `[ "$1 $2 $3" = "--json-stream --interval 1s" ] || exit 9\nwhile :; do cat '${machine.home}/stream' || exit; done`,
    )
    symlinkSync(go, join(machine.home, 'sysmoni'))
    const run = await machine.look(sysmoni, { tools: new Map([['sysmoni', join(machine.home, 'sysmoni')]]) })
    expect([run.fault, run.detail, run.sourceVersion]).toEqual([null, null, 'go'])
    expect(await machine.rows('SELECT round(cpu_pct::DOUBLE, 1) AS cpu, source FROM latest_sys_samples')).toEqual([
      { cpu: 63.4, source: 'sysmoni' },
    ])
    expect(await machine.rows('SELECT pid, fd_count FROM latest_sys_top_processes')).toEqual([
      { pid: process.pid, fd_count: 61 },
    ])
    expect(await machine.rows('SELECT * FROM sys_5m')).toEqual([])
  })

  test('the probe is shown while it lives, with what sysmoni adds; a dead probe gives way', async () => {
    const at = new Date('2026-11-20T22:00:00Z')
    const run = (collector: string, startedAt: Date, cpu: number, more: object) =>
      machine.store.append({
        machineId: 'atlas',
        collector,
        sourceVersion: '1',
        schemaVersion: 1,
        startedAt,
        durationMs: 1,
        up: true,
        fault: null,
        detail: null,
        partial: false,
        bytes: 1,
        cpuMs: 1,
        cursors: [],
        warnings: [],
        batches: [
          {
            table: 'sys_samples',
            rows: [{ boot_id: 'b', uptime_s: cpu, cpu_pct: cpu, cpu_decayed: false, partial: false }],
          },
          {
            table: 'sys_top_processes',
            rows: [{ pid: 7, start_ticks: 70, comm: 'node', cpu_pct: cpu, cpu_lifetime: false, ...more }],
          },
        ],
      })
    await run('probe', at, 10, {})
    await run('sysmoni', new Date(at.getTime() + 60_000), 90, { fd_count: 33 })
    expect((await latestSys(machine.store.db)).map(({ source }) => source)).toEqual(['probe'])
    expect(await topProcesses(machine.store.db)).toMatchObject([{ source: 'probe', cpu_pct: 10, fd_count: 33 }])
    await run('sysmoni', new Date(at.getTime() + 3_600_000), 91, {})
    expect((await latestSys(machine.store.db)).map(({ source }) => source)).toEqual(['sysmoni'])
  })

  test('another program of that name, and a machine without it', async () => {
    const tool = install('sysmoni', `echo '{"cpu":{}}'`)
    expect(await machine.look(sysmoni, { tools: new Map([['sysmoni', tool]]) })).toMatchObject({
      fault: 'bad_output',
      batches: [],
    })
    expect(await machine.look(sysmoni, { tools: new Map() })).toMatchObject({ fault: 'tool_missing', bytes: 0 })
  })
})
