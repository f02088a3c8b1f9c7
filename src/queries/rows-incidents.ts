import type { Incident } from '../oracle/incidents.ts'
import type { Hypothesis, IncidentFacts, TimelineEvent } from '../oracle/root-cause.ts'
import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { readEvents } from './rows-events.ts'

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))
const date = (at: number | null): Date | null => (at === null ? null : new Date(at))

/** An incident of the store as the oracle takes it. */
export const incidentOf = (row: read.IncidentRow): Incident => ({
  incidentId: row.incident_id,
  groupKey: row.group_key,
  machineId: row.machine_id,
  title: row.title,
  severity: row.severity as Severity,
  status: row.status as Incident['status'],
  openedAtMs: Date.parse(row.opened_at),
  openedBy: row.opened_by,
  lastAlertAtMs: ms(row.last_alert_at),
  calmAtMs: ms(row.calm_at),
  closedAtMs: ms(row.closed_at),
  closedBy: row.closed_by,
  closeReason: row.close_reason,
  episodes: (JSON.parse(row.alerts_json) as { alert_id: string; fired_at: string }[]).map((one) => ({
    alertId: one.alert_id,
    firedAtMs: Date.parse(one.fired_at),
  })),
})

/** The row of an incident, ready for the store. */
export const incidentRow = (incident: Incident, hypotheses: readonly Hypothesis[]) => ({
  incident_id: incident.incidentId,
  group_key: incident.groupKey,
  machine_id: incident.machineId,
  title: incident.title,
  severity: incident.severity,
  status: incident.status,
  opened_at: new Date(incident.openedAtMs),
  opened_by: incident.openedBy,
  last_alert_at: date(incident.lastAlertAtMs),
  calm_at: date(incident.calmAtMs),
  closed_at: date(incident.closedAtMs),
  closed_by: incident.closedBy,
  close_reason: incident.closeReason,
  alerts_json: JSON.stringify(
    incident.episodes.map((one) => ({ alert_id: one.alertId, fired_at: new Date(one.firedAtMs).toISOString() })),
  ),
  hypotheses_json: JSON.stringify(hypotheses),
})

const BEFORE_MS = 30 * 60_000
const AFTER_MS = 10 * 60_000
const MOST = 5_000

/** From half an hour before it began until it was calm for ten minutes, or now. */
export const spanOf = (incident: Incident, now: Date): Span => {
  const end = incident.calmAtMs ?? incident.closedAtMs
  return {
    since: new Date(incident.openedAtMs - BEFORE_MS),
    until: new Date(Math.min(now.getTime(), end === null ? now.getTime() : end + AFTER_MS)),
  }
}

/** Failing runs of a source as two lines: when it began to fail, and that it answers again. */
const scrapeEvents = async (ctx: QueryContext, question: TimelineQuestion): Promise<TimelineEvent[]> =>
  (await read.sourceTurns(ctx.db, { ...question, limit: MOST })).map(
    ({ collected_at: ts, machine_id: machine, source, fault, detail }) => ({
      ...{ ts, kind: 'scrape', machine, subject: source, severity: fault === null ? 'info' : 'warning' },
      change: fault ?? 'answers',
      text: fault === null ? `${source} answers again` : `${source}: ${detail ?? fault}`,
    }),
  )

const commitEvents = async (ctx: QueryContext, since: Date, until: Date): Promise<TimelineEvent[]> =>
  (await read.repoHeads(ctx.db, { since, until })).map((row) => ({
    ts: row.collected_at,
    kind: 'commit',
    machine: row.machine_id,
    subject: row.path,
    severity: 'info',
    change: 'moved',
    text: `${row.path} is at ${row.head_oid?.slice(0, 8) ?? '?'}${row.branch ? ` on ${row.branch}` : ''}`,
  }))

const versionEvents = async (ctx: QueryContext, since: Date, until: Date): Promise<TimelineEvent[]> =>
  (await read.versionChanges(ctx.db, { since, until })).map((row) => ({
    ts: row.event_at,
    kind: 'version',
    machine: row.machine_id,
    subject: row.tool_name,
    severity: 'info',
    change: 'changed',
    text: `${row.tool_name} ${row.version_before} → ${row.version}`,
  }))

// Runs of sources are told here by when they began to fail; what vc advised is no fact of the trouble.
const KINDS: Readonly<Record<string, string | null>> = {
  agent_state: 'agent',
  collector_status: null,
  opportunity: null,
}

const DAY_MS = 86_400_000

/** What is told of a span: of more than two days the first and the last one. Months of a busy fleet are not read. */
const toldOf = ({ since, until }: Span): readonly Span[] =>
  until.getTime() - since.getTime() <= 2 * DAY_MS
    ? [{ since, until }]
    : [
        { since, until: new Date(since.getTime() + DAY_MS) },
        { since: new Date(until.getTime() - DAY_MS), until },
      ]

interface Span {
  readonly since: Date
  readonly until: Date
}

interface TimelineQuestion {
  readonly since: Date
  readonly until: Date
  readonly machines: ReadonlySet<string>
}

/** Everything vc knows of these machines in that time, oldest first. No machines: only what is not mere information. */
export const readTimeline = async (ctx: QueryContext, question: TimelineQuestion): Promise<TimelineEvent[]> => {
  const { since, until, machines } = question
  const [events, scrapes, commits, versions] = await Promise.all([
    readEvents(ctx, { since, until, limit: MOST }),
    scrapeEvents(ctx, question),
    commitEvents(ctx, since, until),
    versionEvents(ctx, since, until),
  ])
  const told = events.flatMap((event): TimelineEvent[] => {
    const kind = event.type in KINDS ? (KINDS[event.type] ?? null) : event.type
    const { ts, machine, subject, severity, change, text } = event
    return kind === null ? [] : [{ ts, kind, machine, subject, severity, change, text }]
  })
  return [...told, ...scrapes, ...commits, ...versions]
    .filter((event) => Date.parse(event.ts) <= until.getTime())
    .filter((event) =>
      event.machine === null || machines.size === 0 ? event.severity !== 'info' : machines.has(event.machine),
    )
    .sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0))
    .slice(0, MOST)
}

/** The alerts of an incident as they fired, oldest first; from what is kept of alerts for ever. */
export const alertsOfIncident = async (
  ctx: QueryContext,
  incident: Incident,
): Promise<(read.AlertEventRow & { readonly firedAtMs: number })[]> => {
  const alertIds = incident.episodes.map(({ alertId }) => alertId)
  const span = { since: new Date(incident.openedAtMs - 1), until: ctx.now, alertIds, limit: 20_000 }
  const events = incident.episodes.length === 0 ? [] : await read.alertEvents(ctx.db, span)
  return incident.episodes.flatMap(({ alertId, firedAtMs }) => {
    const mine = events.filter(
      (row) => row.alert_id === alertId && row.fired_at !== null && Date.parse(row.fired_at) === firedAtMs,
    )
    const newest = mine[0]
    return newest ? [{ ...newest, firedAtMs }] : []
  })
}

export interface IncidentPicture {
  readonly incident: Incident
  readonly alerts: Awaited<ReturnType<typeof alertsOfIncident>>
  readonly timeline: readonly TimelineEvent[]
  readonly facts: IncidentFacts
}

/** What is known of one incident: its alerts, its timeline until `until`, and what its causes are weighed by. */
export const readIncident = async (
  ctx: QueryContext,
  incident: Incident,
  until: Date = ctx.now,
): Promise<IncidentPicture> => {
  const alerts = await alertsOfIncident(ctx, incident)
  const machines = new Set(alerts.flatMap((alert) => (alert.machine_id === null ? [] : [alert.machine_id])))
  if (incident.machineId !== null) machines.add(incident.machineId)
  const parts = toldOf(spanOf(incident, until)).map((span) => readTimeline(ctx, { ...span, machines }))
  const timeline = (await Promise.all(parts)).flat()
  return {
    incident,
    alerts,
    timeline,
    facts: {
      machineId: incident.machineId,
      openedAtMs: incident.openedAtMs,
      alerts: alerts.map((alert) => ({
        rule: alert.rule,
        machineId: alert.machine_id,
        subject: alert.subject,
        firedAtMs: alert.firedAtMs,
        title: alert.title,
      })),
      timeline,
    },
  }
}
