import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { LISTED, nameList } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import type { Hypothesis } from '../oracle/root-cause.ts'
import * as read from '../store/index.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { when } from './fleet-rows.ts'
import { atParam, flag, momentOf } from './params.ts'
import { incidentOf, readIncident } from './rows-incidents.ts'
import { count, isoTime, unit } from './shapes.ts'

const severity = z.enum(['critical', 'warning', 'info'])
const hypothesis = z.object({
  cause: z.string(),
  title: z.string(),
  score: unit.describe('how much speaks for it; not a probability'),
  reasons: z.array(z.string()).describe('each thing that was counted, with what it added'),
  look: z.string().describe('what to look at next'),
})

const incidentLine = z.object({
  incident: z.string(),
  title: z.string(),
  severity,
  status: z.enum(['open', 'calm', 'closed']).describe('calm: none of its alerts fires any more, nobody closed it'),
  machine: z.string().nullable(),
  group: z.string().describe('what its alerts have in common'),
  opened_at: isoTime,
  opened_by: z.string(),
  calm_at: isoTime.nullable(),
  closed_at: isoTime.nullable(),
  closed_by: z.string().nullable(),
  close_reason: z.string().nullable(),
  alerts: count,
  notes: count,
  likely_cause: z.string().nullable().describe('null: nothing vc knows speaks for any cause'),
})

const timelineLine = z.object({
  ts: isoTime,
  offset_s: z.number().int().describe('seconds since it opened'),
  kind: z.string(),
  machine: z.string().nullable(),
  subject: z.string(),
  severity,
  change: z.string(),
  text: z.string(),
})

const detail = z.object({
  incident: incidentLine,
  alerts: z.array(
    z.object({
      alert: z.string(),
      rule: z.string(),
      machine: z.string().nullable(),
      severity,
      status: z.string(),
      title: z.string(),
      fired_at: isoTime,
      resolved_at: isoTime.nullable(),
      evidence: z.record(z.string(), z.unknown()),
    }),
  ),
  hypotheses: z.array(hypothesis).describe('likeliest first; empty: nothing vc knows speaks for any cause'),
  timeline: z
    .array(timelineLine)
    .describe(
      'oldest first; of more than two days the first and the last one, of more than moments the first and the last',
    ),
  timeline_total: count.describe('before moments'),
  notes: z.array(z.object({ ts: isoTime, author: z.string(), body: z.string() })),
})

type Line = z.input<typeof incidentLine>

const causesOf = (row: read.IncidentRow): readonly Hypothesis[] => JSON.parse(row.hypotheses_json) as Hypothesis[]

const lineOf = (row: read.IncidentRow, notes: readonly read.IncidentNoteRow[]): Line => ({
  incident: row.incident_id,
  title: row.title,
  severity: row.severity as Line['severity'],
  status: row.status as Line['status'],
  machine: row.machine_id,
  group: row.group_key,
  opened_at: row.opened_at,
  opened_by: row.opened_by,
  calm_at: row.calm_at,
  closed_at: row.closed_at,
  closed_by: row.closed_by,
  close_reason: row.close_reason,
  alerts: (JSON.parse(row.alerts_json) as unknown[]).length,
  notes: notes.filter((note) => note.incident_id === row.incident_id).length,
  likely_cause: causesOf(row)[0]?.title ?? null,
})

const evidenceOf = (json: string): Record<string, unknown> => JSON.parse(json) as Record<string, unknown>

const detailOf = async (
  ctx: QueryContext,
  row: read.IncidentRow,
  notes: readonly read.IncidentNoteRow[],
  { at, moments }: { readonly at: Date | null; readonly moments: number },
): Promise<z.input<typeof detail>> => {
  const found = await readIncident(at === null ? ctx : { ...ctx, now: at }, incidentOf(row))
  return {
    incident: lineOf(row, notes),
    alerts: found.alerts.map((alert) => ({
      alert: alert.alert_id,
      rule: alert.rule,
      machine: alert.machine_id,
      severity: alert.severity as Line['severity'],
      status: alert.status,
      title: alert.title,
      fired_at: new Date(alert.firedAtMs).toISOString(),
      resolved_at: alert.resolved_at,
      evidence: evidenceOf(alert.evidence_json),
    })),
    hypotheses: causesOf(row).map((one) => ({ ...one, reasons: [...one.reasons] })),
    timeline: someOf(found.timeline, moments).map((event) => ({
      ...event,
      offset_s: Math.round((Date.parse(event.ts) - Date.parse(row.opened_at)) / 1000),
    })),
    timeline_total: found.timeline.length,
    notes: notes.map(({ ts, author, body }) => ({ ts, author, body })),
  }
}

/** The incident a person means: its id or the beginning of it. Throws a usage error when none or several begin so. */
export const incidentNamed = async (db: read.Db, id: string, at: Date | null = null): Promise<read.IncidentRow> => {
  const near = await read.incidentsCalled(db, id, when(at))
  const [only, second] = near
  if (only && !second) return only
  const isNone = only === undefined
  const listed = isNone ? await read.incidents(db, { ...when(at), closed: true, limit: LISTED }) : near
  const total = isNone ? (await read.countIncidents(db, when(at))).total : near.length
  throw usageError(
    isNone ? 'unknown_incident' : 'ambiguous_incident',
    `${isNone ? 'no incident is' : `${near.length} incidents are`} called “${displayText(id, 40)}”`,
    `incidents: ${nameList(
      listed.map((row) => row.incident_id),
      total,
    )}`,
  )
}

/** So many of its moments tell how it began and how it stands. */
const someOf = <One>(all: readonly One[], most: number): readonly One[] =>
  all.length <= most ? all : [...all.slice(0, Math.ceil(most / 2)), ...all.slice(all.length - Math.floor(most / 2))]

/** Troubles that were more than one alert. With an id: its alerts, causes, timeline and notes. */
export const incidents = defineQuery({
  name: 'incidents',
  version: 1,
  summary: 'Alerts that belong together: what happened, what may have caused it, what people noted',
  params: z.strictObject({
    ...atParam,
    id: z.string().optional().describe('one incident, with its timeline'),
    machine: z.string().optional(),
    all: flag.describe('closed ones too'),
    limit: z.coerce.number().int().min(1).max(1000).default(50),
    moments: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(500)
      .describe('most lines of the timeline, half of them its first and half its last'),
  }),
  data: z.object({ incidents: z.array(incidentLine), open: count, detail: detail.nullable() }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const { id, machine, all, limit, moments } = params
    const chosen = id === undefined ? null : await incidentNamed(ctx.db, id, at)
    const rows =
      chosen === null
        ? await read.incidents(ctx.db, { ...when(at), machineId: machine, closed: all, limit })
        : [chosen].filter((row) => machine === undefined || row.machine_id === machine)
    const incidentIds = [...rows, ...(chosen ? [chosen] : [])].map((row) => row.incident_id)
    const [notes, { open }] = await Promise.all([
      read.incidentNotes(ctx.db, { ...when(at), incidentIds }),
      read.countIncidents(ctx.db, when(at)),
    ])
    return {
      data: {
        incidents: rows.map((row) => lineOf(row, notes)),
        open,
        detail: chosen === null ? null : await detailOf(ctx, chosen, notes, { at, moments }),
      },
    }
  },
})
