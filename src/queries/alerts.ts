import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { endedBecause } from '../oracle/evaluate.ts'
import * as read from '../store/index.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { when, where } from './fleet-rows.ts'
import { atParam, flag, momentOf } from './params.ts'
import { count, isoTime, severityCounts } from './shapes.ts'

const severity = z.enum(['critical', 'warning', 'info'])

const alertLine = z.strictObject({
  id: z.string(),
  rule: z.string(),
  machine: z.string().nullable(),
  subject: z.string(),
  severity,
  status: z.enum(['pending', 'firing', 'resolved']),
  title: z.string(),
  evidence: z.record(z.string(), z.unknown()),
  since: isoTime,
  fired_at: isoTime.nullable(),
  resolved_at: isoTime.nullable(),
  acked_at: isoTime.nullable(),
  silenced_until: isoTime.nullable(),
  closed_at: isoTime.nullable(),
  suppressed_by: z.string().nullable().describe('id of the alert that is its cause'),
  suppresses: count.describe('alerts it is the cause of'),
})

const evidenceOf = (row: read.AlertRow): Record<string, unknown> => JSON.parse(row.evidence_json)

const lineOf = (row: read.AlertRow, suppresses: number): z.input<typeof alertLine> => ({
  id: row.alert_id,
  rule: row.rule,
  machine: row.machine_id,
  subject: row.subject,
  severity: row.severity as z.input<typeof severity>,
  status: row.status as 'pending' | 'firing' | 'resolved',
  title: row.title,
  evidence: evidenceOf(row),
  since: row.since,
  fired_at: row.fired_at,
  resolved_at: row.resolved_at,
  acked_at: row.acked_at,
  silenced_until: row.silenced_until,
  closed_at: row.closed_at,
  suppressed_by: row.suppressed_by,
  suppresses,
})

/** What a row of the history of an alert says beyond the one before it. */
const turnOf = (row: read.AlertRow, before: read.AlertRow | undefined): string => {
  if (row.closed_at !== null && row.status !== 'resolved') return 'closed'
  const same = row.status === before?.status && row.severity === before.severity && row.since === before.since
  const because = endedBecause({ status: row.status, evidence: evidenceOf(row) })
  if (!same) return because === null ? row.status : `${row.status}, not judged any more: ${because}`
  if (row.acked_at !== before.acked_at && row.acked_at !== null) return 'acknowledged'
  if (row.silenced_until !== before.silenced_until)
    return row.silenced_until === null ? 'no longer silenced' : `silenced until ${row.silenced_until}`
  if (row.suppressed_by !== before.suppressed_by)
    return row.suppressed_by === null ? 'stands for itself again' : `because of ${row.suppressed_by}`
  return row.status
}

const deliveryLine = z.strictObject({
  at: isoTime,
  alert: z.string(),
  transition: z.string(),
  channel: z.string(),
  kind: z.string(),
  attempt: count,
  outcome: z.enum(['sent', 'failed', 'given_up']),
  status_code: z.number().nullable(),
  detail: z.string().nullable(),
  retry_at: isoTime.nullable(),
})

const deliveryOf = (row: read.AlertDeliveryRow): z.input<typeof deliveryLine> => ({
  at: row.collected_at,
  alert: row.alert_id,
  transition: row.transition,
  channel: row.channel,
  kind: row.kind,
  attempt: row.attempt,
  outcome: row.outcome as 'sent' | 'failed' | 'given_up',
  status_code: row.status_code,
  detail: row.detail,
  retry_at: row.retry_at,
})

const RANK: Readonly<Record<string, number>> = { critical: 0, warning: 1, info: 2 }
const worstFirst = (a: read.AlertRow, b: read.AlertRow): number =>
  Number(b.status === 'firing') - Number(a.status === 'firing') ||
  (RANK[a.severity] ?? 3) - (RANK[b.severity] ?? 3) ||
  a.since.localeCompare(b.since) ||
  a.alert_id.localeCompare(b.alert_id)

const HISTORY_MS = 30 * 86_400_000

/** The one alert of this id or beginning. Throws a usage error when none or several begin so. */
const named = async (ctx: QueryContext, at: Date | null, id: string): Promise<read.AlertRow> => {
  const { worst, count } = await read.alertsCalled(ctx.db, { ...when(at), id })
  const [first] = worst
  if (first !== undefined && (count === 1 || first.alert_id === id)) return first
  throw first === undefined
    ? usageError('unknown_alert', `no alert is called '${id.slice(0, 120)}'`, 'vc alert list --all')
    : usageError(
        'ambiguous_alert',
        `'${id.slice(0, 120)}' fits ${count} alerts`,
        `name one: ${worst.map((row) => row.alert_id).join(', ')}`,
      )
}

/** What the rules found. */
export const alerts = defineQuery({
  name: 'alerts',
  version: 1,
  summary: 'What the alert rules found, worst first; with one alert named, its history and who was told',
  sources: ['probe'],
  params: z.strictObject({
    ...atParam,
    alert: z
      .string()
      .min(1)
      .optional()
      .describe('only this alert (its id or the start of it), with history and deliveries'),
    machine: z.string().optional().describe('only this machine'),
    rule: z.string().optional().describe('only this rule'),
    severity: severity.optional(),
    all: flag.describe('resolved and closed ones, and those that have another as cause, too'),
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  }),
  data: z.strictObject({
    alerts: z.array(alertLine),
    counts: severityCounts.describe('firing, not closed, standing for themselves'),
    more: z.boolean(),
    history: z.array(z.strictObject({ at: isoTime, status: z.string(), severity, title: z.string() })),
    deliveries: z.array(deliveryLine),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const place = where(at, params.machine)
    const [firing, behind] = await Promise.all([
      read.firingBySeverity(ctx.db, { ...place, rule: params.rule }),
      read.alertsBehind(ctx.db, when(at)),
    ])
    const line = (row: read.AlertRow) => lineOf(row, behind.get(row.alert_id) ?? 0)
    const countOf = (of: z.input<typeof severity>): number => firing.get(of) ?? 0
    const counts = { critical: countOf('critical'), warning: countOf('warning'), info: countOf('info') }
    if (params.alert !== undefined) {
      const row = await named(ctx, at, params.alert)
      const until = at ?? ctx.now
      const span = { since: new Date(until.getTime() - HISTORY_MS), until, alertId: row.alert_id, limit: params.limit }
      const [history, deliveries] = await Promise.all([
        read.alertHistory(ctx.db, span),
        read.alertDeliveries(ctx.db, span),
      ])
      const turns = history.map((one, i) => ({
        at: one.event_at,
        status: turnOf(one, history[i + 1]),
        severity: one.severity as z.input<typeof severity>,
        title: one.title,
      }))
      return {
        data: { alerts: [line(row)], counts, more: false, history: turns, deliveries: deliveries.map(deliveryOf) },
      }
    }
    const { rule, all, limit } = params
    const question = { ...place, rule, severity: params.severity, all, limit: limit + 1 }
    const shown = (await read.worstAlerts(ctx.db, question)).toSorted(worstFirst)
    return {
      data: {
        alerts: shown.slice(0, params.limit).map(line),
        counts,
        more: shown.length > params.limit,
        history: [],
        deliveries: [],
      },
    }
  },
})
