import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import { foreignInteger, foreignText } from '../foreign-cells.ts'
import { procStats } from '../proc-stat.ts'

/** What one look came to. */
export interface PtLook {
  readonly findings: readonly Row[]
  /** Null: the closing lines are missing, so the answer was cut. */
  readonly exitCode: number | null
  /** JSON lines of the tool, readable or not. */
  readonly lines: number
  readonly unreadable: number
  /** It printed words and no JSON at all: another program of that name. Nothing found is printed as nothing. */
  readonly foreign: boolean
  /** Kinds of events this vc does not know. */
  readonly unknownEvents: readonly string[]
}

type Raw = Readonly<Record<string, unknown>>

// The others cannot come from a single look, or are goals that vc never sets.
const KNOWN_EVENTS = new Set(['candidate_detected', 'severity_escalated', 'goal_violated', 'baseline_anomaly'])

/** Lines of the script to findings; the tool's own words for a process' command are counted and hashed, not kept. */
export const parsePt = (text: string): PtLook => {
  const lines = text.split('\n')
  const complete = lines.includes('end')
  const rcs = lines.map((line) => /^rc\t(\d{1,3})$/.exec(line)?.[1])
  const rc = rcs.find((code) => code !== undefined)
  const printed = lines
    .slice(
      0,
      rcs.findIndex((code) => code !== undefined),
    )
    .filter((line) => line.trim() !== '')
  const stats = procStats(lines)
  const spoken = lines.filter((line) => line.startsWith('{'))
  const events = spoken.map(jsonObject)
  const known = events.filter((event) => event !== null && typeof event.event === 'string') as Raw[]
  const candidates = known.filter((event) => event.event === 'candidate_detected')
  const findings = candidates.map((event) => findingRow(event, stats)).filter((row) => row !== null)
  return {
    findings,
    exitCode: complete && rc !== undefined ? Number(rc) : null,
    lines: spoken.length,
    unreadable: spoken.length - known.length + candidates.length - findings.length,
    foreign: spoken.length === 0 && printed.length > 0,
    unknownEvents: [...new Set(known.map(({ event }) => String(event)))].filter((event) => !KNOWN_EVENTS.has(event)),
  }
}

const jsonObject = (line: string): Raw | null => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : null
  } catch {
    return null
  }
}

const findingRow = (event: Raw, stats: ReturnType<typeof procStats>): Row | null => {
  const pid = foreignInteger(event.pid)
  if (pid === null || pid === 0) return null
  const stat = stats.get(pid)
  const command = typeof event.command === 'string' ? event.command : null
  return {
    pid,
    start_ticks: stat?.startTicks ?? null,
    comm: foreignText(stat?.comm, 64) ?? programOf(command),
    // The tool calls this "classification" here; it is what it would do.
    action: foreignText(event.classification, 16),
    severity: foreignText(event.severity, 16),
    confidence: confidenceOf(event.confidence),
    classification: null,
    command_hash: command === null ? null : sha256(command),
    command_chars: command === null ? null : command.length,
    gone: false,
  }
}

const confidenceOf = (value: unknown): number | null =>
  typeof value === 'number' && value >= 0 && value <= 1 ? value : null

/** First word without its folders, unless it looks like an assignment. */
const programOf = (command: string | null): string | null => {
  const word = command?.trim().split(/\s/)[0] ?? ''
  return /^[\w./+-]{1,128}$/.test(word) ? foreignText(word.split('/').at(-1), 64) : null
}

/** Numbers of one look, as a row. */
export const snapshotRow = (findings: readonly Row[], threshold: string): Row => {
  const count = (column: string, value: string): number => findings.filter((row) => row[column] === value).length
  return {
    threshold,
    findings: findings.length,
    critical: count('severity', 'critical'),
    high: count('severity', 'high'),
    medium: count('severity', 'medium'),
    low: count('severity', 'low'),
    kill_recommendations: count('action', 'kill'),
    review_recommendations: count('action', 'review'),
  }
}
