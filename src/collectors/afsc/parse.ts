import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import {
  countOf,
  flagOf,
  instantOf,
  type JsonObject,
  numberOf,
  objectOf,
  parseExact,
  stringOf,
  unknownFields,
  wholeOf,
} from '../foreign-json.ts'

export interface RunText {
  /** Of afsc_run_facts; null: a file without anything vc can date. */
  readonly run: Row | null
  /** Of afsc_event_logs: every installer that did not pass. */
  readonly events: readonly Row[]
  readonly unreadable: number
  readonly unknown: number
}

const RESULT_FIELDS = new Set(
  (
    'timestamp installer_name status duration_ms exit_code error_classification stderr_excerpt retry_count ' +
    'sha256_verified'
  ).split(' '),
)
const SEVERITIES: Readonly<Record<string, string>> = { failed: 'error', timedout: 'error', skipped: 'info' }
const COLOURS = /\u001b\[[0-9;?]*[ -/]*[@-~]/g

const messageOf = (category: string | null, excerpt: unknown): string => {
  const words = typeof excerpt === 'string' ? excerpt.replace(COLOURS, '') : ''
  const line = words.split(/[\r\n]/).find((text) => text.trim() !== '') ?? ''
  return [category, displayText(line.trim(), 300)].filter((part) => part !== null && part !== '').join(': ')
}

const eventRow = (result: JsonObject, runId: string): Row | null => {
  const [ts, name, status] = [
    instantOf(result.timestamp),
    stringOf(result.installer_name, 128),
    stringOf(result.status, 32),
  ]
  if (ts === null || name === null || status === null || status === 'passed') return null
  const cause = objectOf(result.error_classification) ?? {}
  const category = stringOf(cause.category, 64)
  return {
    run_id: runId,
    ts,
    event_type: `installer_${status}`,
    severity: SEVERITIES[status] ?? 'warning',
    installer_name: name,
    message: messageOf(category, result.stderr_excerpt),
    category,
    cause: stringOf(cause.severity, 64),
    retryable: flagOf(cause.retryable),
    confidence: numberOf(cause.confidence),
    exit_code: wholeOf(result.exit_code),
    duration_ms: countOf(result.duration_ms),
    retry_count: countOf(result.retry_count),
  }
}

const isFailure = (result: JsonObject): boolean => result.status === 'failed' || result.status === 'timedout'

const commonCategory = (results: readonly JsonObject[]): string | null => {
  const counts = new Map<string, number>()
  for (const result of results.filter(isFailure)) {
    const category = stringOf(objectOf(result.error_classification)?.category, 64)
    if (category !== null) counts.set(category, (counts.get(category) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))[0]?.[0] ?? null
}

// results_YYYYMMDD_HHMMSS.jsonl, UTC
const timeOfName = (file: string): Date | null => {
  const [, y, mo, d, h, mi, s] = /^results_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)/.exec(file) ?? []
  return y === undefined ? null : instantOf(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
}

const statusOf = (total: number, failed: number): string => (failed > 0 ? 'failed' : total === 0 ? 'empty' : 'passed')

const runRow = (
  file: string,
  runId: string,
  results: readonly JsonObject[],
  summary: JsonObject | null,
): Row | null => {
  const counted = (status: string): number => results.filter((result) => result.status === status).length
  const said = (name: string, otherwise: number): number => Number(countOf(summary?.[name]) ?? otherwise)
  const newest = results
    .map((result) => instantOf(result.timestamp)?.getTime() ?? 0)
    .reduce((a, b) => Math.max(a, b), 0)
  const [from, to] = [instantOf(summary?.timestamp_start), instantOf(summary?.timestamp_end)]
  const ts = to ?? (newest > 0 ? new Date(newest) : timeOfName(file))
  if (ts === null) return null
  const total = said('total', results.length)
  const failed = said('failed', counted('failed') + counted('timedout'))
  return {
    run_id: runId,
    ts,
    started_at: from,
    status: statusOf(total, failed),
    complete: summary !== null,
    total,
    passed: said('passed', counted('passed')),
    failed,
    skipped: said('skipped', counted('skipped')),
    timed_out: counted('timedout'),
    duration_ms: from === null || to === null || to < from ? null : to.getTime() - from.getTime(),
    installers_ms: countOf(summary?.duration_total_ms),
    error_category: commonCategory(results),
  }
}

/** One results file: installers line by line, the summary of the run last. Without a summary the file's name is its id. */
export const parseRun = (file: string, text: string): RunText => {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const entries = lines.map((line) => objectOf(parseExact(line)))
  const sound = entries.filter((entry) => entry !== null)
  const summary = sound.find((entry) => typeof entry.run_id === 'string' && 'total' in entry) ?? null
  const results = sound.filter((entry) => 'installer_name' in entry && 'status' in entry)
  const runId = stringOf(summary?.run_id, 64) ?? file
  const nothing = summary === null && results.length === 0
  return {
    run: nothing ? null : runRow(file, runId, results, summary),
    events: results.map((result) => eventRow(result, runId)).filter((row) => row !== null),
    unreadable: lines.length - results.length - (summary === null ? 0 : 1),
    unknown: unknownFields(results, RESULT_FIELDS),
  }
}
