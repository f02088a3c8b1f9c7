import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { type At, overPicture, picture } from './history.ts'
import { IncidentNoteRow, IncidentRow, KpiRow } from './rows/incidents.ts'

const NEWEST_FIRST = 'opened_at DESC, incident_id'

export interface IncidentQuestion extends At {
  readonly machineId?: string | undefined
  /** Closed ones too. */
  readonly closed: boolean
  readonly limit: number
}

/** Incidents, the newest first. */
export const incidents = (db: Db, { at, machineId, closed, limit }: IncidentQuestion): Promise<IncidentRow[]> =>
  picture(db, 'incidents', IncidentRow, {
    at,
    where: `($machine IS NULL OR machine_id = $machine)${closed ? '' : " AND status <> 'closed'"}`,
    params: { machine: machineId ?? null },
    orderBy: `${NEWEST_FIRST} LIMIT ${Math.trunc(limit)}`,
  })

/** The incident of this id; where there is none, those that begin so or end in it behind a dash. The newest first. */
export const incidentsCalled = async (db: Db, id: string, { at }: At = {}): Promise<IncidentRow[]> => {
  const rows = await picture<IncidentRow>(db, 'incidents', IncidentRow, {
    at,
    where: "starts_with(incident_id, $id) OR ends_with(incident_id, '-' || $id)",
    params: { id },
    orderBy: NEWEST_FIRST,
  })
  const exact = rows.filter((row) => row.incident_id === id)
  return exact.length > 0 ? exact : rows
}

/** How many incidents there are, and how many of them are open. */
export const countIncidents = async (
  db: Db,
  { at }: At = {},
): Promise<{ readonly total: number; readonly open: number }> => {
  const sql = (from: string): string =>
    `SELECT count(*)::INTEGER AS total, (count(*) FILTER (status = 'open'))::INTEGER AS open FROM ${from}`
  const [row] = await overPicture<{ total: number; open: number }>(db, 'incidents', at, sql)
  return row ?? { total: 0, open: 0 }
}

/** Those that began in a span, the newest first. */
export const incidentsBegun = (
  db: Db,
  { since, until }: { readonly since: Date; readonly until: Date },
): Promise<IncidentRow[]> =>
  picture(db, 'incidents', IncidentRow, {
    where: `opened_at >= ${time(since)} AND opened_at < ${time(until)}`,
    orderBy: NEWEST_FIRST,
  })

/** What people wrote about these incidents, oldest first. */
export const incidentNotes = (
  db: Db,
  question: At & { readonly incidentIds: readonly string[] },
): Promise<IncidentNoteRow[]> =>
  db.rows<IncidentNoteRow>(
    `SELECT ${names(Object.keys(IncidentNoteRow.shape))} FROM incident_notes
     WHERE ts <= ${time(question.at ?? new Date(8.64e15 / 100))} AND incident_id IN (SELECT unnest(string_split($incidents, chr(1))))
     ORDER BY ts, note_id`,
    { incidents: question.incidentIds.join('\u0001') },
  )

/** Key figures of a span of time, oldest first. */
export const kpiSnapshots = (db: Db, question: { readonly since: Date; readonly until: Date }): Promise<KpiRow[]> =>
  db.rows<KpiRow>(
    `SELECT ${names(Object.keys(KpiRow.shape))} FROM kpi_snapshots
     WHERE ts >= ${time(question.since)} AND ts <= ${time(question.until)} ORDER BY ts`,
  )

export interface RepoHeadRow {
  readonly collected_at: string
  readonly machine_id: string
  readonly path: string
  readonly branch: string | null
  readonly head_oid: string | null
  readonly last_commit_at: string | null
}

/** Checkouts whose newest commit changed in a span, oldest first: somebody committed, pulled or switched. */
export const repoHeads = (
  db: Db,
  question: {
    readonly since: Date
    readonly until: Date
    readonly machineId?: string | undefined
    readonly limit?: number
  },
): Promise<RepoHeadRow[]> => {
  // The row before the span says what the head was; a checkout seen for the first time is no commit.
  const before = new Date(question.since.getTime() - 7 * 86_400_000)
  return db.rows<RepoHeadRow>(
    `SELECT collected_at, machine_id, path, branch, head_oid, last_commit_at FROM (
       SELECT *, lag(head_oid) OVER (PARTITION BY machine_id, source, path ORDER BY collected_at) AS vc_before
       FROM repo_status_snapshots
       WHERE collected_at BETWEEN ${time(before)} AND ${time(question.until)} AND NOT gone AND head_oid IS NOT NULL
         AND ($machine IS NULL OR machine_id = $machine))
     WHERE collected_at >= ${time(question.since)} AND vc_before IS NOT NULL AND vc_before <> head_oid
     ORDER BY collected_at, machine_id, path LIMIT ${Math.trunc(question.limit ?? 1000)}`,
    { machine: question.machineId ?? null },
  )
}

export interface SourceTurnRow {
  readonly collected_at: string
  readonly machine_id: string
  readonly source: string
  /** Null: it answers again. */
  readonly fault: string | null
  readonly detail: string | null
}

const FAULT_NOW = "CASE WHEN NOT up THEN coalesce(fault, 'failed') END"

/**
 * Runs in a span that ended otherwise than the one before them, oldest first; a first run counts where it failed. Of these
 * machines; of none named: of all, and only what failed.
 */
export const sourceTurns = (
  db: Db,
  question: {
    readonly since: Date
    readonly until: Date
    readonly machines: ReadonlySet<string>
    readonly limit: number
  },
): Promise<SourceTurnRow[]> => {
  const { machines, limit } = question
  const [mine, told] =
    machines.size === 0
      ? ['true', 'fault IS NOT NULL']
      : ['machine_id IN (SELECT unnest(string_split($machines, chr(1))))', 'true']
  const from = spanned(db, 'scrapes', 'collected_at', question)
  const span = `collected_at >= ${time(question.since)} AND collected_at <= ${time(question.until)} AND ${mine}`
  return db.rows<SourceTurnRow>(
    `WITH failed AS (SELECT DISTINCT machine_id, source FROM ${from} WHERE ${span} AND NOT up)
     SELECT collected_at, machine_id, source, fault, detail FROM (
       SELECT collected_at, machine_id, source, detail, ${FAULT_NOW} AS fault,
         lag(${FAULT_NOW}) OVER (PARTITION BY machine_id, source ORDER BY collected_at) AS vc_before
       FROM ${from} SEMI JOIN failed USING (machine_id, source) WHERE ${span})
     WHERE fault IS DISTINCT FROM vc_before AND coalesce(fault, '') NOT IN ('tool_missing', 'not_configured', 'cancelled') AND ${told}
     ORDER BY collected_at, machine_id DESC, source DESC LIMIT ${Math.trunc(limit)}`,
    machines.size === 0 ? {} : { machines: [...machines].join('\u0001') },
  )
}

export interface VersionChangeRow {
  readonly event_at: string
  readonly machine_id: string
  readonly tool_name: string
  readonly version: string | null
  readonly version_before: string | null
}

/** Tools whose version changed in a span, oldest first. */
export const versionChanges = (
  db: Db,
  question: { readonly since: Date; readonly until: Date; readonly machineId?: string | undefined },
): Promise<VersionChangeRow[]> =>
  db.rows<VersionChangeRow>(
    `SELECT event_at, machine_id, tool_name, version, version_before FROM (
       SELECT event_at, machine_id, tool_name, version,
         lag(version) OVER (PARTITION BY machine_id, tool_name ORDER BY event_at) AS version_before
       FROM machine_tool_capability_events
       WHERE event_at <= ${time(question.until)} AND ($machine IS NULL OR machine_id = $machine))
     WHERE event_at >= ${time(question.since)} AND version IS NOT NULL AND version_before IS NOT NULL AND version <> version_before
     ORDER BY event_at, machine_id, tool_name LIMIT 1000`,
    { machine: question.machineId ?? null },
  )

export interface BeadsCounts {
  readonly projects: number
  readonly inProgress: number
  readonly closed: number
}

const NOT_LOOKED = 'SELECT machine_id FROM machines WHERE NOT enabled OR removed_at IS NOT NULL'

/** Beads in work, and those closed since a moment, on machines that are looked at; one that several places tell of counts once. */
export const beadsCounts = async (db: Db, question: { readonly closedSince: Date }): Promise<BeadsCounts> => {
  const [row] = await db.rows<{ projects: number; in_progress: number; closed: number }>(
    `SELECT (SELECT count(*) FROM latest_beads_projects WHERE NOT gone AND machine_id NOT IN (${NOT_LOOKED})) AS projects,
       count(DISTINCT (repo_id, issue_id)) FILTER (standing = 'in_progress') AS in_progress,
       count(DISTINCT (repo_id, issue_id)) FILTER (closed_at >= ${time(question.closedSince)}) AS closed
     FROM latest_beads_issues WHERE NOT gone AND machine_id NOT IN (${NOT_LOOKED})`,
  )
  return { projects: row?.projects ?? 0, inProgress: row?.in_progress ?? 0, closed: row?.closed ?? 0 }
}

export interface ScrapeFailures {
  readonly machine_id: string
  readonly source: string
  readonly runs: number
  readonly failed: number
  readonly fault: string | null
}

/** Sources that failed in a span, the most often first; a tool that is not there is no failure. */
export const scrapeFailures = (
  db: Db,
  question: { readonly since: Date; readonly until: Date; readonly limit: number },
): Promise<ScrapeFailures[]> =>
  db.rows<ScrapeFailures>(
    `SELECT machine_id, source, count(*) AS runs, count(*) FILTER (NOT up) AS failed,
       max_by(fault, collected_at) FILTER (NOT up) AS fault
     FROM ${spanned(db, 'scrapes', 'collected_at', question)} WHERE collected_at BETWEEN ${time(question.since)} AND ${time(question.until)}
       AND coalesce(fault, '') NOT IN ('tool_missing', 'not_configured', 'cancelled')
     GROUP BY ALL HAVING failed > 0 ORDER BY failed DESC, machine_id, source LIMIT ${Math.trunc(question.limit)}`,
  )

export interface ClosedBead {
  readonly repo_id: string
  readonly issue_id: string
  readonly title: string | null
  readonly closed_at: string
}

/** Beads closed in a span, newest first; each once. */
export const closedBeads = (
  db: Db,
  question: { readonly since: Date; readonly until: Date; readonly limit: number },
): Promise<ClosedBead[]> =>
  db.rows<ClosedBead>(
    `SELECT repo_id, issue_id, any_value(title) AS title, max(closed_at) AS closed_at FROM latest_beads_issues
     WHERE NOT gone AND closed_at BETWEEN ${time(question.since)} AND ${time(question.until)}
     GROUP BY ALL ORDER BY closed_at DESC, issue_id LIMIT ${Math.trunc(question.limit)}`,
  )
