import type { SqlRow, SqlSession } from '../../core/sql-port.ts'
import { type CustomStatuses, issueOf, linkOf } from '../beads/issue.ts'
import type { IssueSet } from '../beads/parse.ts'
import { RigTrouble, rowsIfAny, rowsOf, valueIfAny } from './ask.ts'
import { isRef, type Rig } from './rigs.ts'
import { issueColumns, readSchema, type Schema } from './schema.ts'

export interface RigHead {
  /** Of the whole database; null where the server keeps no versions (it is no Dolt). */
  readonly hash: string | null
  readonly branch: string | null
  readonly serverVersion: string | null
  readonly projectId: string | null
  readonly schemaLevel: number | null
  /** Changes when issues do; dependencies and labels only where the server is Dolt. */
  readonly stamp: string
}

export interface RigContents {
  readonly set: IssueSet
  readonly commits: readonly SqlRow[]
  readonly events: readonly SqlRow[]
}

export type RigAnswer =
  | { readonly is: 'same'; readonly head: RigHead }
  | { readonly is: 'contents'; readonly head: RigHead; readonly contents: RigContents }

const MAX_ISSUES = 100_000
const MAX_EVENTS = 2_000
const MAX_COMMITS = 200

/**
 * Reads one rig over an open session: first whether anything changed, then everything that stands.
 * @throws RigTrouble when the database is not what it should be.
 */
export async function readRig(
  session: SqlSession,
  rig: Rig,
  since: { readonly stamp: string | null; readonly eventAt: string | null; readonly again: boolean },
): Promise<RigAnswer> {
  if (rig.asOf !== null && !isRef(rig.asOf)) throw new RigTrouble('not_configured', `${rig.asOf} is no ref of Dolt`)
  const schema = await readSchema(session)
  const head = await readHead(session, rig, schema)
  if (!since.again && since.stamp === head.stamp) return { is: 'same', head }
  const asOf = rig.asOf === null ? '' : ` AS OF '${rig.asOf}'`
  const set = await readIssues(session, schema, asOf)
  const [commits, events] = [await readCommits(session, asOf), await readEvents(session, schema, since.eventAt, asOf)]
  return { is: 'contents', head, contents: { set, commits, events } }
}

async function readHead(session: SqlSession, rig: Rig, schema: Schema): Promise<RigHead> {
  const version = await valueIfAny(session, 'SELECT dolt_version()')
  const branch = await valueIfAny(session, 'SELECT active_branch()')
  const whole = await valueIfAny(session, 'SELECT dolt_hashof_db()')
  if (rig.branch !== null && branch !== null && branch !== rig.branch)
    throw new RigTrouble('bad_output', `asked for branch ${rig.branch}, the server answers from ${branch}`)
  const level = schema.has('schema_migrations')
    ? await valueIfAny(session, 'SELECT MAX(version) FROM schema_migrations')
    : null
  const projectId = schema.has('metadata')
    ? await valueIfAny(session, "SELECT value FROM metadata WHERE `key` = '_project_id'")
    : null
  if (rig.projectId !== null && projectId !== rig.projectId)
    throw new RigTrouble('bad_output', `another project answers there: ${projectId ?? 'one without an id'}`)
  const counted = whole === null ? await countStamp(session) : ''
  const stamp = `${whole ?? ''}|${counted}|${rig.asOf ?? ''}`
  return {
    hash: whole,
    branch,
    serverVersion: version,
    projectId,
    schemaLevel: level === null ? null : Number(level),
    stamp,
  }
}

/** Where no hash of the database is to be had. Labels may change without it, so such a server is read again now and then. */
async function countStamp(session: SqlSession): Promise<string> {
  const [row] = await rowsOf(
    session,
    'SELECT COUNT(*) AS n, MAX(updated_at) AS newest, (SELECT COUNT(*) FROM dependencies) AS links FROM issues',
  )
  const newest = row?.newest instanceof Date ? row.newest.toISOString() : ''
  return `${String(row?.n ?? '')} ${newest} ${String(row?.links ?? '')}`
}

async function readIssues(session: SqlSession, schema: Schema, asOf: string): Promise<IssueSet> {
  const rows = await rowsOf(
    session,
    `SELECT ${issueColumns(schema)} FROM issues${asOf} ORDER BY id LIMIT ${MAX_ISSUES + 1}`,
  )
  if (rows.length > MAX_ISSUES) throw new RigTrouble('truncated', `more than ${MAX_ISSUES} issues`)
  const links = await rowsOf(
    session,
    `SELECT issue_id, depends_on_id, type${schema.get('dependencies')?.has('created_at') ? ', created_at' : ''}
     FROM dependencies${asOf} ORDER BY issue_id, depends_on_id`,
  )
  const labels = Map.groupBy(
    schema.has('labels') ? await rowsOf(session, `SELECT issue_id, label FROM labels${asOf}`) : [],
    (row) => String(row.issue_id),
  )
  const comments = new Map(
    (schema.has('comments')
      ? await rowsOf(session, `SELECT issue_id, COUNT(*) AS n FROM comments${asOf} GROUP BY issue_id`)
      : []
    ).map((row) => [String(row.issue_id), Number(row.n)]),
  )
  const custom = await customStatuses(session, schema)
  const issues = rows.flatMap((row) => {
    const id = String(row.id)
    const counted = { labels: (labels.get(id) ?? []).map(({ label }) => label), comment_count: comments.get(id) ?? 0 }
    const issue = issueOf({ ...row, ...counted }, custom)
    return issue === null ? [] : [{ ...issue, ...weighed(row) }]
  })
  return {
    issues,
    links: links.flatMap((row) => linkOf(row, String(row.issue_id)) ?? []),
    bad: rows.length - issues.length,
    duplicates: 0,
    unknownFields: 0,
  }
}

const weighed = (row: SqlRow): { readonly bodyChars: number | null; readonly bodySha256: string | null } => {
  const chars = row.body_chars === undefined || row.body_chars === null ? null : Number(row.body_chars)
  return { bodyChars: chars, bodySha256: chars && typeof row.body_sha256 === 'string' ? row.body_sha256 : null }
}

async function customStatuses(session: SqlSession, schema: Schema): Promise<CustomStatuses> {
  if (!schema.has('custom_statuses')) return new Map()
  const rows = await rowsOf(session, 'SELECT name, category FROM custom_statuses')
  return new Map(rows.map(({ name, category }) => [String(name), String(category)]))
}

async function readCommits(session: SqlSession, asOf: string): Promise<readonly SqlRow[]> {
  if (asOf !== '') return []
  const sql = `SELECT commit_hash, committer, date, message FROM dolt_log ORDER BY date DESC LIMIT ${MAX_COMMITS}`
  return (await rowsIfAny(session, sql)) ?? []
}

const EVENT_AT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

// The values hold whole issues, bodies included: only a status is let through.
const statusIn = (column: string): string =>
  `CASE WHEN event_type <> 'status_changed' THEN NULL
     WHEN JSON_VALID(${column}) THEN LEFT(JSON_UNQUOTE(JSON_EXTRACT(${column}, '$.status')), 64)
     ELSE LEFT(${column}, 64) END`

/** From the second of the newest event on: ties are kept apart by their ids. */
async function readEvents(session: SqlSession, schema: Schema, eventAt: string | null, asOf: string) {
  if (!schema.has('events') || asOf !== '') return []
  const from = eventAt !== null && EVENT_AT.test(eventAt) ? `WHERE created_at >= '${eventAt}'` : ''
  return rowsOf(
    session,
    `SELECT id, issue_id, event_type, actor, created_at,
       ${statusIn('old_value')} AS old_status, ${statusIn('new_value')} AS new_status
     FROM events ${from} ORDER BY created_at ${from === '' ? 'DESC' : ''}, id LIMIT ${MAX_EVENTS}`,
  )
}
