import { z } from 'zod'
import { usageError } from '../core/errors.ts'
import { endedBecause } from '../oracle/evaluate.ts'
import { type AlertDeliveryRow, type AlertRow, alertDeliveries, alertHistory, allAlerts } from '../store/index.ts'
import { defineQuery } from './define.ts'
import { when } from './fleet-rows.ts'
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

const evidenceOf = (row: AlertRow): Record<string, unknown> => JSON.parse(row.evidence_json)

const lineOf = (row: AlertRow, suppresses: number): z.input<typeof alertLine> => ({
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
const turnOf = (row: AlertRow, before: AlertRow | undefined): string => {
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

const deliveryOf = (row: AlertDeliveryRow): z.input<typeof deliveryLine> => ({
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
const worstFirst = (a: AlertRow, b: AlertRow): number =>
  Number(b.status === 'firing') - Number(a.status === 'firing') ||
  (RANK[a.severity] ?? 3) - (RANK[b.severity] ?? 3) ||
  a.since.localeCompare(b.since) ||
  a.alert_id.localeCompare(b.alert_id)

const HISTORY_MS = 30 * 86_400_000

/** An alert stands for itself when nobody closed it and no other alert is its cause. */
const standsAlone = (row: AlertRow): boolean =>
  row.status !== 'resolved' && row.closed_at === null && row.suppressed_by === null

const named = (rows: readonly AlertRow[], id: string): AlertRow => {
  const whole = rows.find((row) => row.alert_id === id)
  const fitting = whole ? [whole] : rows.filter((row) => row.alert_id.startsWith(id))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const shown = fitting.slice(0, 5).map((row) => row.alert_id)
  throw fitting.length === 0
    ? usageError('unknown_alert', `no alert is called '${id.slice(0, 120)}'`, 'vc alert list --all')
    : usageError(
        'ambiguous_alert',
        `'${id.slice(0, 120)}' fits ${fitting.length} alerts`,
        `name one: ${shown.join(', ')}`,
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
    const rows = (await allAlerts(ctx.db, when(at))).toSorted(worstFirst)
    const causes = Map.groupBy(
      rows.filter((row) => row.suppressed_by !== null && row.status !== 'resolved'),
      (row) => row.suppressed_by,
    )
    const line = (row: AlertRow) => lineOf(row, causes.get(row.alert_id)?.length ?? 0)
    const counts = { critical: 0, warning: 0, info: 0 }
    const asked = rows.filter(
      (row) =>
        (params.machine === undefined || row.machine_id === params.machine) &&
        (params.rule === undefined || row.rule === params.rule),
    )
    for (const row of asked)
      if (row.status === 'firing' && standsAlone(row)) counts[row.severity as keyof typeof counts]++
    if (params.alert !== undefined) {
      const row = named(rows, params.alert)
      const until = at ?? ctx.now
      const span = { since: new Date(until.getTime() - HISTORY_MS), until, alertId: row.alert_id, limit: params.limit }
      const [history, deliveries] = await Promise.all([alertHistory(ctx.db, span), alertDeliveries(ctx.db, span)])
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
    const shown = asked.filter(
      (row) => (params.all || standsAlone(row)) && (params.severity === undefined || row.severity === params.severity),
    )
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
