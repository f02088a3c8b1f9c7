import type { Row } from '../../core/rows.ts'
import { type JsonObject, numberOf, objectsOf, parseExact, stringOf, unknownFields } from '../foreign-json.ts'
import { momentIn, type Zone } from './zone.ts'

/** What a row of the API calls a measurement, and what vc calls it. Latencies are better when lower. */
const METRICS = [
  ['cpu_speed_test__events_per_second', 'cpu_events_per_s'],
  ['fileio_test__reads_per_second', 'fileio_reads_per_s'],
  ['memory_speed_test__MiB_transferred', 'memory_mib'],
  ['mutex_test__avg_latency', 'mutex_avg_latency_ms'],
  ['threads_test__avg_latency', 'threads_avg_latency_ms'],
] as const

const HOST_FIELDS = ['id', 'datetime', 'hostname', 'IP_address']
const RAW_FIELDS = new Set([...HOST_FIELDS, ...METRICS.map(([name]) => name)])
const OVERALL_FIELDS = new Set([...HOST_FIELDS, 'overall_score'])

export interface BenchSource {
  readonly zone: Zone
  /** Alias of the inventory to machine id, as configured. */
  readonly hosts: ReadonlyMap<string, string>
}

export interface BenchText {
  readonly raw: readonly Row[]
  readonly overall: readonly Row[]
  /** Largest ids of both lists; null: empty. */
  readonly newest: { readonly raw: number | null; readonly overall: number | null }
  readonly skipped: number
  readonly unknown: number
}

/** The JSON list of an answer `<body>\n<status>`; or why there is none, as words. */
export const listOf = (text: string): readonly JsonObject[] | string => {
  const end = text.lastIndexOf('\n')
  const [body, code] = [text.slice(0, Math.max(0, end)), text.slice(end + 1).trim()]
  if (code !== '200') return `HTTP ${code === '' ? '?' : code}: ${body.slice(0, 500)}`
  const list = parseExact(body)
  return Array.isArray(list) ? objectsOf(list) : 'no list of rows: another program may listen there'
}

const hostCells = (item: JsonObject, { zone, hosts }: BenchSource): Row | null => {
  const [ts, hostname, address] = [
    momentIn(item.datetime, zone),
    stringOf(item.hostname),
    stringOf(item.IP_address, 64),
  ]
  if (ts === null || hostname === null) return null
  return {
    ts,
    hostname,
    host_address: address === 'UNKNOWN' ? null : address,
    host_machine_id: hosts.get(hostname) ?? null,
  }
}

const subscores = (item: JsonObject): Readonly<Record<string, number>> =>
  Object.fromEntries(
    METRICS.flatMap(([name, type]) => {
      const value = numberOf(item[name])
      return value === null ? [] : [[type, value] as const]
    }),
  )

const largestId = (items: readonly JsonObject[]): number | null => {
  const ids = items.flatMap(({ id }) => (typeof id === 'number' ? [id] : []))
  return ids.length === 0 ? null : ids.reduce((a, b) => Math.max(a, b))
}

/** Rows of both tables; a host without a raw partner of the same time has no subscores. */
export const parseBench = (
  raw: readonly JsonObject[],
  overall: readonly JsonObject[],
  source: BenchSource,
): BenchText => {
  const key = (item: JsonObject): string => `${String(item.datetime)}\u0001${String(item.hostname)}`
  const partners = new Map(raw.map((item) => [key(item), subscores(item)]))
  const rawRows = raw.map((item) => {
    const host = hostCells(item, source)
    return host === null
      ? null
      : Object.entries(subscores(item)).map(([type, value]) => ({ ...host, benchmark_type: type, value }))
  })
  const overallRows = overall.map((item) => {
    const [host, score, partner] = [hostCells(item, source), numberOf(item.overall_score), partners.get(key(item))]
    if (host === null || score === null) return null
    return { ...host, overall_score: score, subscores_json: partner === undefined ? null : JSON.stringify(partner) }
  })
  return {
    raw: rawRows.flatMap((rows) => rows ?? []),
    overall: overallRows.filter((row) => row !== null),
    newest: { raw: largestId(raw), overall: largestId(overall) },
    skipped: [...rawRows, ...overallRows].filter((row) => row === null).length,
    unknown: unknownFields(raw, RAW_FIELDS) + unknownFields(overall, OVERALL_FIELDS),
  }
}
