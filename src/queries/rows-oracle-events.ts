import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import type { EventType } from './event-shapes.ts'
import { auditEvents } from './rows-audit-events.ts'
import { engineChanges } from './rows-engine-events.ts'
import { type EventRow, readEvents } from './rows-events.ts'

/** A change of anything, as `vc watch` tells it. */
export type WatchRow = Omit<EventRow, 'type'> & { readonly type: EventType }

type Span = read.ChangeSpan

const HEALTH_SEVERITY: Readonly<Record<string, Severity>> = { critical: 'critical', warning: 'warning' }

const healthRows = async (ctx: QueryContext, span: Span): Promise<WatchRow[]> =>
  (await read.healthChanges(ctx.db, span)).map((row) => ({
    ts: row.ts,
    type: 'health_change',
    machine: row.machine_id,
    subject: row.machine_id,
    severity: HEALTH_SEVERITY[row.severity] ?? 'info',
    change: row.severity,
    text: `${row.machine_id} is ${row.severity}${row.before === null ? '' : `, was ${row.before}`}${row.worst_evidence === null ? '' : `: ${row.worst_evidence}`}`,
    data: {
      from: row.before,
      to: row.severity,
      score: row.score,
      worst_factor: row.worst_factor,
      evidence: row.worst_evidence,
    },
  }))

const collectorRows = async (ctx: QueryContext, span: Span): Promise<WatchRow[]> =>
  (await read.collectorChanges(ctx.db, span)).map((row) => ({
    ts: row.ts,
    type: 'collector_status',
    machine: row.machine_id,
    subject: `${row.machine_id}/${row.source}`,
    severity: row.status === 'down' ? 'warning' : 'info',
    change: row.status,
    text: `${row.source} on ${row.machine_id} is ${row.status}${row.fault === null ? '' : `: ${row.fault}`}${row.detail === null ? '' : ` (${row.detail})`}`,
    data: { source: row.source, from: row.before, to: row.status, fault: row.fault, detail: row.detail },
  }))

const CALM = new Set(['continue', 'none'])

const minutesWords = (minutes: number | null): string =>
  minutes === null ? '' : minutes < 120 ? ` in ${Math.round(minutes)} min` : ` in ${Math.round(minutes / 60)} h`

const wordsOf = (subject: string): string => {
  try {
    return decodeURI(subject)
  } catch {
    return subject
  }
}

/** The subject as people read it: an account by its label. */
const named = ({ kind, subject, basis_json }: read.PredictionChangeRow): string => {
  if (kind !== 'limit') return wordsOf(subject)
  const { account_label: label } = JSON.parse(basis_json) as { readonly account_label?: unknown }
  const [provider = '', account = '', ...rest] = subject.split(' ')
  return [provider, typeof label === 'string' ? label : account, ...rest].map(wordsOf).join(' ')
}

/** What is foretold as people say it; what is used up is so now, and certainly. */
const toldWords = ({ outlook, value_minutes: minutes, probability }: read.PredictionChangeRow): string =>
  outlook === 'hit'
    ? 'used up'
    : `${outlook.replaceAll('_', ' ')}${minutesWords(minutes)}${probability === null ? '' : `, probability ${probability.toFixed(2)}`}`

const predictionRow = (row: read.PredictionChangeRow): WatchRow => ({
  ts: row.ts,
  type: 'prediction',
  machine: row.machine_id === 'fleet' ? null : row.machine_id,
  subject: `${row.kind}:${row.subject}`,
  severity: CALM.has(row.action) || row.outlook === 'withdrawn' ? 'info' : 'warning',
  change: row.action,
  text: `${row.kind.replaceAll('_', ' ')} of ${named(row)}: ${toldWords(row)}, ${row.action.replaceAll('_', ' ')}`,
  data: {
    kind: row.kind,
    outlook: row.outlook,
    before: row.before,
    action: row.action,
    minutes: row.value_minutes,
    low_minutes: row.low_minutes,
    high_minutes: row.high_minutes,
    probability: row.probability,
    confidence: row.confidence,
  },
})

const isFreed = (row: read.PredictionChangeRow): boolean =>
  row.kind === 'limit' &&
  row.before === 'hit' &&
  (row.outlook === 'reset_passed' || row.outlook === 'still' || row.outlook === 'forecast')

const freedRow = (row: read.PredictionChangeRow): WatchRow => ({
  ts: row.ts,
  type: 'opportunity',
  machine: null,
  subject: `limit:${row.subject}`,
  severity: 'info',
  change: 'limit_freed',
  text: `${named(row)} is no longer used up`,
  data: { kind: 'limit_freed', subject: row.subject, priority: null, unblocks: null },
})

const predictionRows = async (ctx: QueryContext, span: Span): Promise<WatchRow[]> => {
  const rows = await read.predictionChanges(ctx.db, span)
  return [...rows.map(predictionRow), ...rows.filter(isFreed).map(freedRow)]
}

const readyRows = async (ctx: QueryContext, span: Span): Promise<WatchRow[]> =>
  (await read.beadsBecameReady(ctx.db, span)).map((row) => ({
    ts: row.ts,
    type: 'opportunity',
    machine: row.machine_id,
    subject: `bead:${row.issue_id}`,
    severity: 'info',
    change: 'bead_ready',
    text: `${row.issue_id} is ready, was ${row.before}: ${row.title ?? 'untitled'}`,
    data: { kind: 'bead_ready', subject: row.issue_id, priority: row.priority, unblocks: row.unblocks },
  }))

interface ChangeQuestion {
  readonly since: Date
  readonly until?: Date | undefined
  readonly limit: number
}

const leastOf = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.min(...values))

/** From the oldest to the newest. */
const lengthMs = (rows: readonly { readonly ts: string }[]): number => {
  const times = rows.map(({ ts }) => ts).toSorted()
  return Date.parse(times.at(-1) ?? '') - Date.parse(times[0] ?? '')
}

/**
 * Every change after `since`, oldest first: of machines, agents and guards, of what vc judges and foretells, of its sources.
 * `cutMs`: the least time that as many of a kind as `limit` lie in; there may be more, and some kinds then lack their oldest,
 * others their newest. Null: none is missing.
 */
export const readChanges = async (
  ctx: QueryContext,
  question: ChangeQuestion,
): Promise<{ readonly rows: readonly WatchRow[]; readonly cutMs: number | null }> => {
  const span: Span = { ...question, since: new Date(question.since.getTime() + 1) }
  const [seen, ...judged] = await Promise.all([
    readEvents(ctx, question),
    healthRows(ctx, span),
    collectorRows(ctx, span),
    predictionRows(ctx, span),
    readyRows(ctx, span),
    auditEvents(ctx, span),
    engineChanges(ctx, span),
  ])
  const rows: WatchRow[] = [
    ...seen.map((row) => ({ ...row, type: row.type === 'agent' ? ('agent_state' as const) : row.type })),
    ...judged.flat(),
  ]
  const untilMs = question.until?.getTime() ?? Number.POSITIVE_INFINITY
  return {
    rows: rows
      .filter((row) => Date.parse(row.ts) <= untilMs)
      .sort((a, b) => a.ts.localeCompare(b.ts) || a.subject.localeCompare(b.subject)),
    cutMs: leastOf([seen, ...judged].filter((list) => list.length >= question.limit).map(lengthMs)),
  }
}

const MOST_PARTS = 64
/** Of what held as many changes as are read at once: so many are in it again where they come evenly. */
const SAFE = 0.8

/** A span in parts of this length, two at least, and what lies ahead of now, oldest first; none where it cannot be parted. */
const partsOf = (question: ChangeQuestion, now: Date, ms: number): readonly ChangeQuestion[] => {
  const [fromMs, toMs] = [question.since.getTime(), (question.until ?? now).getTime()]
  const parts = Math.min(MOST_PARTS, Math.max(2, Math.ceil((toMs - fromMs) / Math.max(1, ms * SAFE))))
  const inside = Array.from({ length: parts - 1 }, (_, at) => Math.floor(fromMs + ((toMs - fromMs) * (at + 1)) / parts))
  const cuts = [...new Set([...inside, ...(question.until === undefined ? [toMs] : [])])]
  const [first, ...others] = cuts.filter((cut) => cut > fromMs).map((cut) => new Date(cut))
  if (first === undefined) return []
  const begins = [first, ...others]
  return [
    { ...question, until: first },
    ...begins.map((since, at) => ({ ...question, since, until: begins[at + 1] ?? question.until })),
  ]
}

/**
 * Every change of a span, none left out, in pieces: oldest first, or the newest piece first. A span with too many changes for
 * one reading is read in parts that are likely to hold as many; what lies ahead of now (a clock was set back) is one piece.
 */
export async function* changesInPieces(
  ctx: QueryContext,
  { newestFirst, ...question }: ChangeQuestion & { readonly newestFirst: boolean },
): AsyncGenerator<readonly WatchRow[]> {
  const { rows, cutMs } = await readChanges(ctx, question)
  const parts = cutMs === null ? [] : partsOf(question, ctx.now, cutMs)
  if (parts.length === 0) yield rows
  for (const part of newestFirst ? parts.toReversed() : parts) yield* changesInPieces(ctx, { ...part, newestFirst })
}
