import { ABSENT_FAULTS, TRANSPORT_FAULTS } from '../../core/faults.ts'
import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { time } from '../sql.ts'

/** Changes seen in [since, until], at most `limit` of the oldest. */
export interface ChangeSpan {
  readonly since: Date
  readonly until?: Date | undefined
  readonly limit: number
}

const bounds = (column: string, span: ChangeSpan, backMs = 0): string =>
  `${column} >= ${time(span.since.getTime() - backMs)}${span.until ? ` AND ${column} <= ${time(span.until)}` : ''}`

const limit = (span: ChangeSpan): string => `LIMIT ${Math.trunc(span.limit)}`

export interface CollectorChangeRow {
  readonly ts: string
  readonly machine_id: string
  readonly source: string
  readonly before: string
  readonly status: string
  readonly fault: string | null
  readonly detail: string | null
}

/** The slowest source runs every five minutes, or ten where it may stretch. */
const SCRAPE_BACK_MS = 3_600_000
const STATUS = `CASE WHEN up THEN 'up' WHEN fault IN (${[...ABSENT_FAULTS].map((fault) => `'${fault}'`).join(', ')}) THEN 'absent' ELSE 'down' END`

/** That the way to the machine broke: no source is to blame, and the machine tells of it itself. */
const NO_WAY = `fault IN (${[...TRANSPORT_FAULTS].map((fault) => `'${fault}'`).join(', ')}) AND NOT (fault = 'auth' AND bytes > 0)`

/** Sources that began to fail, answered again, or are no longer there. A first look is no change, nor is one that found no way. */
export const collectorChanges = (db: Db, span: ChangeSpan): Promise<CollectorChangeRow[]> =>
  db.rows<CollectorChangeRow>(
    `WITH looks AS (SELECT collected_at, machine_id, source, fault, detail, ${STATUS} AS status FROM ${spanned(db, 'scrapes', 'collected_at', span, SCRAPE_BACK_MS)}
       WHERE ${bounds('collected_at', span, SCRAPE_BACK_MS)} AND fault IS DISTINCT FROM 'cancelled' AND (up OR NOT coalesce(${NO_WAY}, false))),
     moved AS (SELECT machine_id, source FROM looks GROUP BY ALL HAVING min(status) <> max(status))
     SELECT collected_at AS ts, machine_id, source, before, status, fault, detail FROM (
       SELECT *, lag(status) OVER (PARTITION BY machine_id, source ORDER BY collected_at) AS before
       FROM looks SEMI JOIN moved USING (machine_id, source))
     WHERE before <> status AND ${bounds('collected_at', span)} ORDER BY ts, machine_id, source ${limit(span)}`,
  )

export interface HealthChangeRow {
  readonly ts: string
  readonly machine_id: string
  readonly before: string | null
  readonly severity: string
  readonly score: number
  readonly worst_factor: string | null
  readonly worst_evidence: string | null
}

/** Machines whose health became another severity; `before` null: it was judged for the first time. */
export const healthChanges = (db: Db, span: ChangeSpan): Promise<HealthChangeRow[]> =>
  db.rows<HealthChangeRow>(
    // Of all that was before, only how each machine was when the span began: a window over half a year is sorted as a whole.
    `WITH told AS (
       SELECT event_at, rowid AS nth, machine_id, severity, score, worst_factor, worst_evidence
       FROM health_summary_events WHERE ${bounds('event_at', span)}
       UNION ALL
       SELECT max(event_at), -1, machine_id, arg_max(severity, (event_at, rowid)), NULL, NULL, NULL
       FROM health_summary_events WHERE event_at < ${time(span.since)} GROUP BY machine_id)
     SELECT event_at AS ts, machine_id, before, severity, score, worst_factor, worst_evidence FROM (
       SELECT *, lag(severity) OVER (PARTITION BY machine_id ORDER BY event_at, nth) AS before FROM told)
     WHERE ${bounds('event_at', span)} AND before IS DISTINCT FROM severity AND severity IS NOT NULL
     ORDER BY ts, machine_id ${limit(span)}`,
  )

export interface PredictionChangeRow {
  readonly ts: string
  readonly machine_id: string
  readonly kind: string
  readonly subject: string
  readonly outlook: string
  readonly before: string | null
  readonly action: string
  readonly value_minutes: number | null
  readonly low_minutes: number | null
  readonly high_minutes: number | null
  readonly probability: number | null
  readonly confidence: number
  readonly basis_json: string
}

/** What stands is told again every hour at least. */
const PREDICTION_BACK_MS = 86_400_000

/** Forecasts that say something else than the one before them; `before` is its outlook. */
export const predictionChanges = (db: Db, span: ChangeSpan): Promise<PredictionChangeRow[]> =>
  db.rows<PredictionChangeRow>(
    `SELECT made_at AS ts, machine_id, kind, subject, outlook, before, action, value_minutes, low_minutes, high_minutes,
       probability, confidence, basis_json
     FROM (SELECT *, lag(outlook) OVER told AS before, lag(action) OVER told AS advised FROM ${spanned(db, 'predictions', 'made_at', span, PREDICTION_BACK_MS)}
       WHERE ${bounds('made_at', span, PREDICTION_BACK_MS)}
       WINDOW told AS (PARTITION BY machine_id, kind, subject ORDER BY made_at))
     WHERE ${bounds('made_at', span)} AND (before IS DISTINCT FROM outlook OR advised IS DISTINCT FROM action)
     ORDER BY ts, kind, subject ${limit(span)}`,
  )

export interface ReadyBeadRow {
  readonly ts: string
  readonly machine_id: string
  readonly repo_id: string
  readonly issue_id: string
  readonly title: string | null
  readonly priority: number | null
  readonly unblocks: number | null
  readonly before: string
}

/** Issues that became ready, each once, wherever they are seen. What was ready at first sight is no change. */
export const beadsBecameReady = (db: Db, span: ChangeSpan): Promise<ReadyBeadRow[]> =>
  db.rows<ReadyBeadRow>(
    `WITH moved AS (SELECT DISTINCT machine_id, project, issue_id FROM beads_issues
       WHERE ${bounds('collected_at', span)} AND standing = 'ready' AND NOT gone)
     SELECT collected_at AS ts, machine_id, repo_id, issue_id, title, priority, unblocks, before FROM (
       SELECT *, lag(standing) OVER (PARTITION BY machine_id, project, issue_id ORDER BY collected_at, rowid) AS before
       FROM beads_issues SEMI JOIN moved USING (machine_id, project, issue_id))
     WHERE standing = 'ready' AND before <> 'ready' AND NOT gone AND ${bounds('collected_at', span)}
     QUALIFY row_number() OVER (PARTITION BY repo_id, issue_id, before ORDER BY collected_at) = 1
     ORDER BY ts, issue_id ${limit(span)}`,
  )
