import type { Row } from '../../core/rows.ts'
import { foreignCount, foreignInteger, foreignMeasure } from '../foreign-cells.ts'
import { procStats } from '../proc-stat.ts'
import {
  type Around,
  diskRate,
  ioRate,
  largest,
  list,
  netRate,
  niceOf,
  objectOf,
  part,
  percent,
  type Raw,
  type Sample,
  whoIs,
} from './fields.ts'
import { legacySample } from './legacy.ts'

export type SysmoniLook =
  | Sample
  | { readonly schema: null; readonly fault: 'bad_output' | 'tool_missing' | 'truncated'; readonly detail: string }

/** Text of the script to rows. A foreign program of that name is `bad_output`, never a machine that idles. */
export const parseSysmoni = (text: string): SysmoniLook => {
  const bad = (detail: string): SysmoniLook => ({ schema: null, fault: 'bad_output', detail })
  if (text === 'missing\nend\n')
    return { schema: null, fault: 'tool_missing', detail: 'sysmoni is not on the PATH there' }
  const at = text.indexOf('data\n')
  if (at === -1 || !text.endsWith('\nend\n'))
    return { schema: null, fault: 'truncated', detail: 'the answer of sysmoni was cut' }
  const head = text.slice(0, at).split('\n')
  const raw = jsonObject(text.slice(at + 5, -5))
  if (raw === null) return bad('sysmoni printed no JSON object')
  const around = { ...bootOf(head), stats: procStats(head), fresh: head.includes('kind\toneshot') }
  if (typeof raw.Timestamp === 'string') return goSample(raw, around)
  if (typeof raw.timestamp === 'number') return legacySample(raw, around)
  return bad('neither Timestamp nor timestamp: another program of that name')
}

const bootOf = (head: readonly string[]) => {
  const [, id, uptime] = (head.find((line) => line.startsWith('boot\t')) ?? '').split('\t')
  const seconds = Number(uptime)
  return {
    boot_id: id !== undefined && /^[0-9a-f-]{36}$/.test(id) ? id : null,
    uptime_s: uptime !== undefined && Number.isFinite(seconds) ? seconds : null,
  }
}

const jsonObject = (text: string): Raw | null => {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return null
  }
}

const goSample = (raw: Raw, around: Around): Sample => {
  const [cpu, memory, io, inotify] = [part(raw, 'CPU'), part(raw, 'Memory'), part(raw, 'IO'), part(raw, 'Inotify')]
  const ifRated = <Value>(value: Value): Value | null => (around.fresh ? null : value)
  const cores = Array.isArray(cpu.PerCore) && cpu.PerCore.length > 0 ? cpu.PerCore.length : null
  const total = foreignCount(memory.TotalBytes)
  return {
    schema: 'go',
    sample: {
      boot_id: around.boot_id,
      uptime_s: around.uptime_s,
      cpu_pct: ifRated(percent(cpu.Total)),
      cpu_decayed: false,
      cores,
      load1: foreignMeasure(cpu.Load1),
      load5: foreignMeasure(cpu.Load5),
      load15: foreignMeasure(cpu.Load15),
      mem_total_bytes: total,
      mem_used_bytes: foreignCount(memory.UsedBytes),
      swap_total_bytes: foreignCount(memory.SwapTotal),
      swap_used_bytes: foreignCount(memory.SwapUsed),
      disk_read_bytes_per_s: ifRated(diskRate(io.DiskReadMBs)),
      disk_write_bytes_per_s: ifRated(diskRate(io.DiskWriteMBs)),
      net_rx_bytes_per_s: ifRated(netRate(io.NetRxMbps)),
      net_tx_bytes_per_s: ifRated(netRate(io.NetTxMbps)),
      temp_cpu_celsius: largest(list(raw, 'Temps').map(({ Temp }) => Temp)),
      gpu_pct: percent(largest(list(raw, 'GPUs').map(({ Util }) => Util))),
      inotify_max_watches: foreignCount(inotify.MaxUserWatches),
      inotify_max_instances: foreignCount(inotify.MaxUserInstances),
      partial: around.fresh,
    },
    processes: goProcesses(raw, total, around),
  }
}

const goProcesses = (raw: Raw, totalBytes: number | null, around: Around): readonly Row[] => {
  const seen = new Map<number, Row>()
  // A process may stand in both lists; only the first one has its files and its reading counted.
  for (const [name, counted] of [
    ['Top', true],
    ['Throttled', false],
  ] as const)
    for (const one of list(raw, name)) {
      const row = goProcess(one, totalBytes, around, counted)
      if (row !== null && !seen.has(Number(row.pid))) seen.set(Number(row.pid), row)
    }
  return [...seen.values()]
}

const goProcess = (one: Raw, totalBytes: number | null, around: Around, counted: boolean): Row | null => {
  const who = whoIs(one.PID, one.Command, around)
  if (who === null) return null
  const memory = foreignMeasure(one.Memory)
  const kib = (value: unknown) => (counted && !around.fresh ? ioRate(value) : null)
  return {
    ...who,
    // An average over the process' whole life, of one core.
    cpu_pct: foreignMeasure(one.CPU),
    cpu_lifetime: true,
    mem_bytes: memory === null || totalBytes === null || memory > 100 ? null : Math.round((memory / 100) * totalBytes),
    nice: niceOf(one.Nice),
    fd_count: counted ? foreignInteger(one.FDCount) : null,
    io_read_bytes_per_s: kib(one.ReadKBs),
    io_write_bytes_per_s: kib(one.WriteKBs),
  }
}
