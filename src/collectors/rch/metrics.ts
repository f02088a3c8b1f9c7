import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'

/** One line of Prometheus text. NaN and infinities are numbers there. */
interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

// Only what rchd really feeds; other families stand at 0 for ever and would be read as facts.
const KEPT: ReadonlySet<string> = new Set([
  'rch_worker_status',
  'rch_worker_slots_total',
  'rch_worker_slots_available',
  'rch_worker_latency_ms_sum',
  'rch_worker_latency_ms_count',
  'rch_worker_last_seen_timestamp',
  'rch_circuit_state',
  'rch_builds_total',
  'rch_builds_active',
  'rch_build_queue_depth',
  'rch_daemon_info',
  'rch_daemon_requests_total',
])
const MAX_SAMPLES = 2_000
const MAX_LINE = 4_096
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

const labelsOf = (text: string): Readonly<Record<string, string>> => {
  const labels: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(LABEL))
    labels[name] = displayText(
      value.replace(/\\(.)/g, (all, char: string) => ESCAPES[char] ?? all).replaceAll('\n', ' '),
      128,
    )
  return labels
}

const sampleValue = (text: string): number | null => {
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^NaN$/i.test(text)) return Number.NaN
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : null
}

const sampleOf = (line: string): Sample | null => {
  if (line.length > MAX_LINE || line.startsWith('#')) return null
  const [, name, labels = '', number = ''] = LINE.exec(line) ?? []
  const value = sampleValue(number)
  return name === undefined || value === null ? null : { name, labels: labelsOf(labels), value }
}

export interface LatencySum {
  readonly sumMs: number
  readonly count: number
}

export interface RchMetrics {
  /** Rows of rch_metric_samples. */
  readonly rows: readonly Row[]
  /** Over all workers and since rchd's start; null: not told. */
  readonly latency: LatencySum | null
}

const latencyOf = (samples: readonly Sample[]): LatencySum | null => {
  const total = (name: string): number | null => {
    const found = samples.filter((sample) => sample.name === name && Number.isFinite(sample.value))
    return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0)
  }
  const [sumMs, count] = [total('rch_worker_latency_ms_sum'), total('rch_worker_latency_ms_count')]
  return sumMs === null || count === null ? null : { sumMs, count }
}

/** Null when the text is not rchd's: others (node_exporter) answer on the same port. */
export const parseMetrics = (text: string): RchMetrics | null => {
  const samples = text
    .split('\n')
    .map(sampleOf)
    .filter((sample) => sample !== null)
  if (!samples.some(({ name }) => name === 'rch_daemon_info')) return null
  const rows = samples
    .filter(({ name }) => KEPT.has(name))
    .slice(0, MAX_SAMPLES)
    .map(({ name, labels, value }) => ({
      metric_name: name,
      labels_json: JSON.stringify(Object.fromEntries(Object.entries(labels).sort())),
      value: Number.isFinite(value) ? value : null,
    }))
  return { rows, latency: latencyOf(samples) }
}

/** Mean latency of the checks between two looks; null at the first, after a restart of rchd, or without checks. */
export const latencyBetween = (before: LatencySum | null, now: LatencySum | null): number | null => {
  if (before === null || now === null || now.count <= before.count || now.sumMs < before.sumMs) return null
  return (now.sumMs - before.sumMs) / (now.count - before.count)
}
