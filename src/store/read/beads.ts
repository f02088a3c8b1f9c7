import type { Db } from '../db.ts'
import { names } from '../sql.ts'
import { type At, overPicture, picture, pictureSource } from './history.ts'
import { type MachineQuestion, ofMachine } from './pictures.ts'
import { BeadsGraphRow, BeadsIssueRow, BeadsListedRow, BeadsProjectRow, BeadsTriageRow } from './rows/beads.ts'

export const beadsProjects = ofMachine('beads_projects', BeadsProjectRow, 'name, project')
export const beadsGraphs = ofMachine('beads_graph_metrics', BeadsGraphRow, 'project')
export const beadsTriages = ofMachine('beads_triage_snapshots', BeadsTriageRow, 'project')

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'
const BEST_FIRST = 'score DESC NULLS LAST, priority NULLS LAST, created_at, machine_id, project, issue_id'
const CLOSED_LAST_FIRST = 'closed_at DESC NULLS LAST, updated_at DESC NULLS LAST, machine_id, project, issue_id'

const openOnes = ({ at, machineId }: MachineQuestion) => ({
  at,
  where: `${ON_MACHINE} AND standing <> 'done'`,
  params: { machine: machineId ?? null },
  orderBy: BEST_FIRST,
})

/** Issues that are or could be worked on, best to start first. */
export const openBeads = (db: Db, question: MachineQuestion = {}): Promise<BeadsIssueRow[]> =>
  picture<BeadsIssueRow>(db, 'beads_issues', BeadsIssueRow, openOnes(question))

/** Machines whose word on issues does not count. */
interface Without extends At {
  readonly without: ReadonlySet<string>
}

/** What is open, each issue once and numbered best first: of one told of in several places the worst placed word counts. */
const openOnce = (from: string): string => `SELECT *, min(vc_nth) OVER of_issue AS vc_first FROM (
    SELECT machine_id, project, repo_id, issue_id, title, standing, priority, assignee, unblocks, score,
      row_number() OVER (ORDER BY ${BEST_FIRST}) AS vc_nth
    FROM ${from} WHERE standing <> 'done' AND NOT list_contains(string_split($without, chr(1)), machine_id))
  WINDOW of_issue AS (PARTITION BY repo_id, issue_id) QUALIFY vc_nth = max(vc_nth) OVER of_issue`

const without = (question: Without) => ({ without: [...question.without].join('\u0001') })

export interface UrgentBeadRow extends BeadsPlace {
  readonly repo_id: string
  readonly issue_id: string
  readonly title: string | null
  readonly priority: number
  readonly unblocks: number | null
}

/** The first `limit` issues of this priority or better that are ready and nobody has. */
export const urgentBeads = (
  db: Db,
  question: Without & { readonly priority: number; readonly limit: number },
): Promise<UrgentBeadRow[]> =>
  overPicture(
    db,
    'beads_issues',
    question.at,
    (from) => `SELECT machine_id, project, repo_id, issue_id, title, priority, unblocks FROM (${openOnce(from)})
      WHERE standing = 'ready' AND assignee IS NULL AND priority <= ${Math.trunc(question.priority)}
      ORDER BY priority, coalesce(unblocks, 0) DESC, coalesce(score, 0) DESC, vc_first LIMIT ${Math.trunc(question.limit)}`,
    without(question),
  )

export interface StuckProjectRow {
  readonly repo_id: string
  readonly blocked: number
  readonly issue_id: string
  readonly machine_id: string
}

/** Projects in which something is blocked and nothing is ready or in progress, with the best of what is blocked. */
export const stuckProjects = (db: Db, question: Without): Promise<StuckProjectRow[]> =>
  overPicture(
    db,
    'beads_issues',
    question.at,
    (from) => `SELECT repo_id, (count(*) FILTER (standing = 'blocked'))::INTEGER AS blocked,
        arg_min(issue_id, vc_first) FILTER (standing = 'blocked') AS issue_id,
        arg_min(machine_id, vc_first) FILTER (standing = 'blocked') AS machine_id
      FROM (${openOnce(from)}) GROUP BY repo_id
      HAVING blocked > 0 AND count(*) FILTER (standing IN ('ready', 'in_progress')) = 0 ORDER BY repo_id`,
    without(question),
  )

/** What is done, closed last first. */
export const doneBeads = (db: Db, question: MachineQuestion & { readonly limit: number }): Promise<BeadsIssueRow[]> =>
  picture<BeadsIssueRow>(db, 'beads_issues', BeadsIssueRow, {
    at: question.at,
    where: `${ON_MACHINE} AND standing = 'done'`,
    params: { machine: question.machineId ?? null },
    orderBy: `${CLOSED_LAST_FIRST} LIMIT ${Math.floor(question.limit)}`,
  })

/** One place that tells of issues. */
export interface BeadsPlace {
  readonly machine_id: string
  readonly project: string
}

export interface PlacesQuestion extends At {
  /** Only what these places tell; of an issue seen in several, the first of them speaks. */
  readonly places: readonly BeadsPlace[]
  /** Only issues of this status or standing. */
  readonly status?: string | undefined
}

const ofPlaces = ({ places, status }: PlacesQuestion) => ({
  places: places.map((one) => `${one.machine_id}\u0002${one.project}`).join('\u0001'),
  status: status ?? null,
})

const issuesOf = (from: string): string => `SELECT i.*, p.vc_rank FROM ${from} AS i
  JOIN (SELECT unnest(keys) AS place, generate_subscripts(keys, 1) AS vc_rank FROM (SELECT string_split($places, chr(1)) AS keys)) AS p
    ON p.place = i.machine_id || chr(2) || i.project
  WHERE $status IS NULL OR i.status = $status OR i.standing = $status`

export interface BeadsCountRow extends BeadsPlace {
  readonly status: string | null
  readonly standing: string
  readonly n: number
}

/** How many issues each place tells of, by status and standing. */
export const beadsByPlace = (db: Db, question: PlacesQuestion): Promise<BeadsCountRow[]> =>
  overPicture(
    db,
    'beads_issues',
    question.at,
    (from) => `SELECT machine_id, project, status, standing, count(*)::INTEGER AS n FROM (${issuesOf(from)})
      GROUP BY ALL ORDER BY machine_id, project, status, standing`,
    ofPlaces(question),
  )

/** How many issues there are by standing, each once. */
export const beadsOnce = (
  db: Db,
  question: PlacesQuestion,
): Promise<{ readonly standing: string; readonly n: number }[]> =>
  overPicture(
    db,
    'beads_issues',
    question.at,
    (from) => `SELECT standing, count(*)::INTEGER AS n FROM (
        SELECT arg_min(standing, vc_rank) AS standing FROM (${issuesOf(from)}) GROUP BY repo_id, issue_id)
      GROUP BY standing ORDER BY standing`,
    ofPlaces(question),
  )

/** Which list an issue stands in: deferred and held ones share one. */
const LIST = "CASE WHEN standing IN ('deferred', 'held') THEN 'parked' ELSE standing END"
const OPEN_ORDER = ['score DESC', 'priority', 'created_at']
const DONE_ORDER = ['closed_at DESC', 'updated_at DESC']
const only = (when: string, order: readonly string[]): string =>
  order
    .map((term) => term.split(' '))
    .map(([column, way = '']) => `CASE WHEN ${when} THEN ${column} END ${way} NULLS LAST`)
    .join(', ')
const LISTED = `${only("standing <> 'done'", OPEN_ORDER)}, ${only("standing = 'done'", DONE_ORDER)}, machine_id, project, issue_id`

/** The first `limit` issues of each standing, each once: open ones best to start first, done ones closed last first. */
export const listedBeads = (db: Db, question: PlacesQuestion & { readonly limit: number }): Promise<BeadsListedRow[]> =>
  overPicture(
    db,
    'beads_issues',
    question.at,
    (from) => `SELECT ${names(Object.keys(BeadsListedRow.shape))} FROM (
        SELECT * FROM (${issuesOf(from)})
        QUALIFY row_number() OVER (PARTITION BY repo_id, issue_id, standing = 'done' ORDER BY vc_rank) = 1)
      QUALIFY row_number() OVER (PARTITION BY ${LIST} ORDER BY ${LISTED}) <= ${Math.trunc(question.limit)} ORDER BY ${LISTED}`,
    ofPlaces(question),
  )

export interface CentralRow extends BeadsPlace {
  readonly issue_id: string
}

/** The first `limit` open issues of each place that most others lead to. */
export const centralBeads = async (
  db: Db,
  question: MachineQuestion & { readonly limit: number },
): Promise<CentralRow[]> => {
  const { at, machineId, limit } = question
  const graphs = await pictureSource(db, 'beads_graph_metrics', at)
  return overPicture(
    db,
    ['beads_issues', 'beads_graph_metrics'],
    at,
    (from) => `SELECT machine_id, project, issue_id FROM (
        SELECT machine_id, project, unnest(json_keys(pagerank_json)) AS issue_id, generate_subscripts(json_keys(pagerank_json), 1) AS nth
        FROM ${graphs} WHERE ${ON_MACHINE})
      SEMI JOIN (SELECT machine_id, project, issue_id FROM ${from} WHERE standing <> 'done') USING (machine_id, project, issue_id)
      QUALIFY row_number() OVER (PARTITION BY machine_id, project ORDER BY nth) <= ${Math.trunc(limit)} ORDER BY machine_id, project, nth`,
    { machine: machineId ?? null },
  )
}
