import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseOf, decodeBase, encodeBase } from '../../../src/collectors/probe/base.ts'
import { deltasOf } from '../../../src/collectors/probe/deltas.ts'
import { machineFactsOf } from '../../../src/collectors/probe/facts.ts'
import { parseProbe } from '../../../src/collectors/probe/parse.ts'
import { readProbe } from '../../../src/collectors/probe/read.ts'
import type { ProbeReading } from '../../../src/collectors/probe/reading.ts'
import { probeBatches } from '../../../src/collectors/probe/rows.ts'
import type { Row } from '../../../src/core/rows.ts'

const NONCE = '9f2c41d07be85a36'
const file = (name: string): Buffer => readFileSync(new URL(`../../fixtures/probe/${name}`, import.meta.url))
const readText = (text: string | Buffer): ProbeReading => {
  const parsed = parseProbe(Buffer.from(text), NONCE)
  if (parsed.is !== 'probe') throw new Error(parsed.is)
  return readProbe(parsed)
}
const reading = (name: string): ProbeReading => readText(file(`${name}.txt`))
const AROUND = { clockSkewMs: 12, gpuPct: null }

const rowsOf = (now: ProbeReading, before: ProbeReading | null, table: string): readonly Row[] => {
  const base = before === null ? null : decodeBase(JSON.parse(JSON.stringify(encodeBase(must(baseOf(before, null))))))
  return probeBatches(now, base, AROUND).find((batch) => batch.table === table)?.rows ?? []
}

const must = <T>(value: T | null): T => {
  if (value === null) throw new Error('nothing there')
  return value
}

describe('two looks at one machine', () => {
  const expected = JSON.parse(file('linux-debian-t1.expected.json').toString())
  const [t0, t1] = [reading('linux-debian-t0'), reading('linux-debian-t1')]
  const sample = rowsOf(t1, t0, 'sys_samples')[0] as Record<string, number>

  test('give the recorded CPU, memory, disk and network figures', () => {
    expect(sample.cpu_pct).toBeCloseTo(expected.cpu_busy_pct, 1)
    expect(sample.iowait_pct).toBeCloseTo(expected.cpu_iowait_pct, 1)
    expect([sample.load1, sample.load5, sample.load15]).toEqual(expected.load)
    expect(sample.cores).toBe(expected.cores)
    expect(Number(sample.mem_total_bytes)).toBe(expected.mem_total_bytes)
    expect(Number(sample.mem_used_bytes)).toBe(expected.mem_used_bytes)
    expect(Number(sample.mem_available_bytes)).toBe(expected.mem_available_bytes)
    expect((sample.disk_read_bytes_per_s ?? 0) / 1e6).toBeCloseTo(expected.disk_read_mb_s, 2)
    expect((sample.disk_write_bytes_per_s ?? 0) / 1e6).toBeCloseTo(expected.disk_write_mb_s, 2)
    expect(sample).toMatchObject({ net_rx_bytes_per_s: 0, net_tx_bytes_per_s: 0, oom_kills: 0, partial: false })
    expect(sample).toMatchObject({ swap_total_bytes: 0n, swap_used_bytes: 0n, cpu_decayed: false, clock_skew_ms: 12 })
  })

  test('give the recorded busiest processes', () => {
    const top = rowsOf(t1, t0, 'sys_top_processes')
    const compared = top.filter((row) => row.cpu_lifetime === false)
    const busiest = [...compared]
      .sort((a, b) => Number(b.cpu_pct) - Number(a.cpu_pct))
      .slice(0, expected.top_cpu.length)
    busiest.forEach((row, at) => {
      expect(row).toMatchObject({ pid: expected.top_cpu[at].pid, comm: expected.top_cpu[at].comm })
      expect(Number(row.cpu_pct)).toBeCloseTo(expected.top_cpu[at].cpu_pct, 1)
      expect(Number(row.mem_bytes)).toBe(expected.top_cpu[at].mem_bytes)
    })
    expect(top.find((row) => row.pid === 23804)).toMatchObject({ cpu_lifetime: true })
  })

  test('collapse agent processes to sessions and keep their tty, cwd and start', () => {
    const agents = rowsOf(t1, t0, 'agent_processes')
    expect(agents).toHaveLength(expected.agent_processes)
    const roots = agents.filter((row) => row.pid === row.root_pid && row.detached === false).map((row) => row.pid)
    expect(roots).toEqual(expected.agent_session_roots)
    expect(agents.find((row) => row.pid === 12663)).toMatchObject({ cli: 'codex', tty: 'pts/0', detached: false })
    expect(agents.find((row) => row.pid === 13695)).toMatchObject({ root_pid: 12663, tty: null, detached: true })
    expect(agents.find((row) => row.pid === 21707)).toMatchObject({
      cli: 'gemini',
      how: 'script',
      cwd: '/home/dev/work/web app',
    })
    expect(agents.find((row) => row.pid === 21706)?.started_at).toEqual(new Date((1795209971 + 1644.56) * 1000))
  })

  test('sum a session over its tree', () => {
    const codex = rowsOf(t1, t0, 'agent_process_samples').find((row) => row.root_pid === 12663)
    expect(codex).toMatchObject({
      processes: 3,
      cpu_lifetime: false,
      rss_bytes: BigInt(121100 + 184668 + 54508) * 1024n,
    })
    expect(Number(codex?.cpu_pct)).toBeCloseTo(((288 - 283 + 70 - 52) / 100 / 20.3) * 100, 2)
  })

  test('pressure counts what stalled since, filesystems count as df does', () => {
    expect(rowsOf(t1, t0, 'sys_pressure').find((row) => row.resource === 'io' && row.kind === 'some')).toMatchObject({
      avg10_pct: 0.53,
      stall_us: 7584851 - 7364444,
    })
    const root = rowsOf(t1, t0, 'sys_filesystems').find((row) => row.mount === '/')
    expect(root).toMatchObject({
      size_bytes: 66053021n * 4096n,
      avail_bytes: 16887613n * 4096n,
      inodes_free: 16224829n,
    })
    const used = 66053021 - 56342906
    expect(Number(root?.used_pct)).toBeCloseTo((used / (used + 16887613)) * 100, 6)
  })
})

describe('a stored base', () => {
  const [t0, t1] = [reading('linux-debian-t0'), reading('linux-debian-t1')]
  const base = must(baseOf(t0, null))
  const texts = (map: ReadonlyMap<string, bigint | number>) =>
    Object.fromEntries([...map].map(([name, value]) => [name, String(value)]))
  const tables = (stored: unknown) => probeBatches(t1, decodeBase(stored), AROUND)

  test('of an older vc, with a key for each process, gives the same rows', () => {
    const stored = { ...base, counters: texts(base.counters), ticks: texts(base.ticks) }
    expect(tables(stored)).toEqual(probeBatches(t1, base, AROUND))
    expect(decodeBase(stored)).toEqual(base)
  })

  test('comes back as it was, also with names and counters beyond what machines should have', () => {
    const odd = { ...base, counters: new Map([...base.counters, ['disk:a b:read_bytes', 2n ** 64n], ['', 0n]]) }
    expect(decodeBase(JSON.parse(JSON.stringify(encodeBase(odd))))).toEqual(odd)
  })

  test('loses what cannot be read, which gives no rates', () => {
    expect(decodeBase({ ...base, counters: 'cpu:user\n12\ncpu:idle\nmany\ncpu:irq', ticks: 3 })).toEqual({
      ...base,
      counters: new Map([['cpu:user', 12n]]),
      ticks: new Map(),
    })
    expect(decodeBase('cpu:user')).toBeNull()
    expect(decodeBase({ counters: '', ticks: '' })).toBeNull()
  })
})

test('what is kept of a look does not keep its text in memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const filler = 'x'.repeat(500_000)
  const text = file('linux-debian-t1.txt').toString().replace('\n', `\nfiller\t${filler}\n`)
  const keptOf = (now: ProbeReading) => [
    machineFactsOf(now, null),
    encodeBase(must(baseOf(now, null))),
    ...rowsOf(now, null, 'sys_filesystems').map((row) => row.mount),
  ]
  const heap = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heap()
  const kept = Array.from({ length: 40 }, () => keptOf(readText(text)))
  expect(heap() - before).toBeLessThan(10 * filler.length)
  expect(kept).toHaveLength(40)
})

describe('nothing to compare with', () => {
  const t1 = reading('linux-debian-t1')
  const edited = (from: string, to: string): ProbeReading => {
    const text = file('linux-debian-t0.txt').toString()
    expect(text).toContain(from)
    return readText(text.replace(from, to))
  }
  const rates = [
    'cpu_pct',
    'iowait_pct',
    'oom_kills',
    'disk_read_bytes_per_s',
    'net_rx_bytes_per_s',
    'swap_in_pages_per_s',
  ]
  const nulls = Object.fromEntries(rates.map((name) => [name, null]))

  test('the first look has no rates, and says which process shares are lifetime averages', () => {
    expect(rowsOf(t1, null, 'sys_samples')[0]).toMatchObject(nulls)
    const node = rowsOf(t1, null, 'sys_top_processes').find((row) => row.pid === 8575)
    expect(node).toMatchObject({ cpu_lifetime: true })
    expect(Number(node?.cpu_pct)).toBeCloseTo((4010 / (166588 - 153241)) * 100, 3)
  })

  test('another boot id, a clock that went back and a gap of a quarter hour give no rates', () => {
    expect(rowsOf(t1, edited('3d0b8a54', 'aaaaaaaa'), 'sys_samples')[0]).toMatchObject(nulls)
    expect(rowsOf(t1, edited('uptime_s\t1645.58', 'uptime_s\t1665.88'), 'sys_samples')[0]).toMatchObject(nulls)
    expect(rowsOf(t1, edited('uptime_s\t1645.58', 'uptime_s\t700.00'), 'sys_samples')[0]).toMatchObject(nulls)
  })

  test('a counter that went back makes its own figure unknown, never negative', () => {
    const cpuBack = rowsOf(t1, edited('cpu  107339 0', 'cpu  907339 0'), 'sys_samples')[0]
    expect(cpuBack).toMatchObject({ cpu_pct: null, iowait_pct: null })
    expect(Number(cpuBack?.disk_read_bytes_per_s)).toBeGreaterThan(0)
    const diskBack = rowsOf(t1, edited('vda\t154509\t11004394', 'vda\t154509\t99004394'), 'sys_samples')[0]
    expect(diskBack).toMatchObject({ disk_read_bytes_per_s: null })
    expect(Number(diskBack?.cpu_pct)).toBeGreaterThan(0)
  })

  test('a reused pid is a new process', () => {
    const before = edited('8575\t1\tR\t0\t153241\t2224', '8575\t1\tR\t0\t100000\t2224')
    expect(rowsOf(t1, before, 'sys_top_processes').find((row) => row.pid === 8575)).toMatchObject({
      cpu_lifetime: true,
    })
  })

  test('counters beyond 2^53 keep their small difference', () => {
    const big = 2n ** 60n
    const at = (rx: bigint, uptime: string) =>
      readText(
        file('linux-debian-t1.txt')
          .toString()
          .replace('1266622280', String(rx))
          .replace('uptime_s\t1665.88', `uptime_s\t${uptime}`),
      )
    expect(rowsOf(at(big + 30n, '1670.00'), at(big, '1660.00'), 'sys_samples')[0]).toMatchObject({
      net_rx_bytes_per_s: 3,
    })
  })

  test('deltas are never negative, whatever the counters do', () => {
    const counters = fc.dictionary(
      fc.constantFrom('cpu:user', 'cpu:idle', 'disk:a:read_bytes', 'net:b:tx_bytes', 'vm:oom_kill'),
      fc.bigInt({ min: 0n, max: 2n ** 64n }),
    )
    fc.assert(
      fc.property(counters, counters, fc.double({ noNaN: true, min: -10, max: 2000 }), (before, now, gap) => {
        const base = {
          bootId: t1.facts.bootId,
          uptimeS: 1000,
          bootedS: null,
          counters: new Map(Object.entries(before)),
          ticks: new Map(),
        }
        const deltas = deltasOf(base, { ...t1, uptimeS: 1000 + gap, counters: new Map(Object.entries(now)) })
        for (const value of Object.values(deltas))
          if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('a boot time that wobbles by a second does not move start times', () => {
    const moved = readText(file('linux-debian-t1.txt').toString().replace('btime 1795209971', 'btime 1795209972'))
    const start = (now: ProbeReading) => rowsOf(now, reading('linux-debian-t0'), 'agent_processes')[0]?.started_at
    expect(start(moved)).toEqual(start(t1))
  })

  test('a partial look gives no agent picture at all, so nobody is declared gone', () => {
    const tables = probeBatches(reading('linux-noise-truncated'), null, AROUND).map((batch) => batch.table)
    expect(tables).toEqual(['sys_samples', 'sys_pressure'])
  })
})

describe('a Mac (hand-written sample)', () => {
  const mac = reading('macos-handwritten')

  test('memory, swap, load and a CPU share that admits to be a decaying average', () => {
    const [row] = rowsOf(mac, null, 'sys_samples')
    expect(row).toMatchObject({
      cpu_pct: 13.51,
      cpu_decayed: true,
      cores: 10,
      load1: 3.21,
      mem_total_bytes: 17179869184n,
    })
    expect(row?.mem_available_bytes).toBe(BigInt(12043 + 298871 + 1402 + 8801) * 16384n)
    expect(row?.swap_used_bytes).toBe(BigInt(Math.round(1187.25 * 1024 * 1024)))
    expect(row).toMatchObject({
      disk_read_bytes_per_s: null,
      disk_write_bytes_per_s: null,
      boot_id: '7C1B2D3E-1111-4222-8333-944455566677',
    })
  })

  test('filesystems with spaces, terminals, start times and totals of CPU', () => {
    expect(rowsOf(mac, null, 'sys_filesystems').map((row) => row.mount)).toContain('/Volumes/Time Machine')
    const claude = rowsOf(mac, null, 'agent_processes').find((row) => row.pid === 901)
    expect(claude).toMatchObject({ cli: 'claude', tty: 'ttys004', cwd: '/Users/dev/work/web app', root_pid: 901 })
    expect(claude?.started_at).toEqual(new Date('2026-11-20T20:44:02Z'))
    expect(mac.processes?.find((process) => process.pid === 377)?.ticks).toBe((1201 * 60 + 44) * 100 + 90)
    expect(mac.counters.get('net:en0:rx_bytes')).toBe(91133021441n)
    expect(mac.counters.get('net:en0:tx_bytes')).toBe(12113302144n)
  })
})
