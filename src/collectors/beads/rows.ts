import type { BeadGraphAnswer, BeadPlace, BeadStanding } from '../../core/beads.ts'
import type { Row, RowBatch } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import type { Issue } from './issue.ts'
import type { IssueSet } from './parse.ts'

/** Who the rows of one project belong to. */
export interface ProjectFacts {
  readonly project: string
  readonly repoId: string
  readonly gitRepoId: string | null
  readonly name: string | null
  readonly rig: string | null
  readonly branch: string | null
  readonly backend: 'jsonl' | 'bd' | 'br' | 'dolt'
  readonly headHash: string | null
  readonly changedAt: Date | null
}

const TABLES = ['beads_issues', 'beads_dependencies', 'beads_graph_metrics'] as const
const SHOWN = 200
const COUNTS = [
  'ready',
  'in_progress',
  'blocked',
  'deferred',
  'held',
  'done',
] as const satisfies readonly BeadStanding[]

/** All of one project, replacing what was known of it. */
export function projectBatches(facts: ProjectFacts, set: IssueSet, graph: BeadGraphAnswer): readonly RowBatch[] {
  const scope = facts.project
  const places = new Map(graph.places.map((place) => [place.id, place]))
  const own = { project: facts.project, repo_id: facts.repoId, gone: false }
  const issues = set.issues.flatMap((issue) => {
    const place = places.get(issue.id)
    return place === undefined ? [] : [{ ...own, ...issueColumns(issue, place) }]
  })
  const dependencies = set.links.map(({ issue, on, type, createdAt }) => ({
    ...own,
    issue_id: issue,
    depends_on_id: on,
    dep_type: type,
    created_at: createdAt,
  }))
  const metrics = [{ ...own, ...metricColumns(graph) }]
  return [
    { table: 'beads_projects', scope, rows: [stateRow(facts, set.bad > 0 ? 'degraded' : 'ok', null, { set, graph })] },
    { table: 'beads_issues', scope, rows: issues },
    { table: 'beads_dependencies', scope, rows: dependencies },
    { table: 'beads_graph_metrics', scope, rows: metrics },
  ]
}

/** A project that could not be read: its state is news, its issues stay as they were last seen. */
export const troubleBatch = (facts: ProjectFacts, state: string, detail: string | null): RowBatch => ({
  table: 'beads_projects',
  scope: facts.project,
  rows: [stateRow(facts, state, detail, null)],
})

/** A project that is no longer there. */
export const goneBatches = (project: string): readonly RowBatch[] =>
  ['beads_projects', ...TABLES, 'beads_triage_snapshots'].map((table) => ({ table, scope: project, rows: [] }))

interface Contents {
  readonly set: IssueSet
  readonly graph: BeadGraphAnswer
}

function stateRow(facts: ProjectFacts, state: string, detail: string | null, contents: Contents | null): Row {
  const counted = new Map<string, number>()
  for (const { standing } of contents?.graph.places ?? []) counted.set(standing, (counted.get(standing) ?? 0) + 1)
  const count = (standing: BeadStanding): number | null => (contents === null ? null : (counted.get(standing) ?? 0))
  return {
    project: facts.project,
    repo_id: facts.repoId,
    git_repo_id: facts.gitRepoId,
    name: facts.name === null ? null : displayText(facts.name),
    rig: facts.rig,
    branch: facts.branch,
    backend: facts.backend,
    state,
    detail: detail === null ? null : displayText(detail, 300),
    head_hash: facts.headHash,
    source_changed_at: facts.changedAt,
    issues: contents?.set.issues.length ?? null,
    ...Object.fromEntries(COUNTS.map((standing) => [standing, count(standing)])),
    bad_lines: contents?.set.bad ?? null,
    duplicate_ids: contents?.set.duplicates ?? null,
    gone: false,
  }
}

const issueColumns = (issue: Issue, place: BeadPlace): Row => ({
  issue_id: issue.id,
  title: issue.title,
  status: issue.status,
  standing: place.standing,
  priority: issue.priority,
  issue_type: issue.type,
  assignee: issue.assignee,
  labels_json: JSON.stringify(issue.labels),
  created_at: issue.createdAt,
  started_at: issue.startedAt,
  updated_at: issue.updatedAt,
  closed_at: issue.closedAt,
  due_at: issue.dueAt,
  defer_until: issue.deferUntil,
  estimated_minutes: issue.estimatedMinutes,
  external_ref: issue.externalRef,
  comment_count: issue.comments,
  body_chars: issue.bodyChars,
  body_sha256: issue.bodySha256,
  waits_on_json: JSON.stringify(place.waitsOn),
  unblocks: place.unblocks,
  score: place.score,
  reasons_json: JSON.stringify(place.reasons),
})

function metricColumns(graph: BeadGraphAnswer): Row {
  const top = (of: (place: BeadPlace) => number): string =>
    JSON.stringify(
      Object.fromEntries(
        graph.places
          .map((place) => [place.id, round(of(place))] as const)
          .filter(([, value]) => value > 0)
          .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
          .slice(0, SHOWN),
      ),
    )
  return {
    nodes: graph.nodeCount,
    edges: graph.edgeCount,
    cycles: graph.cycles.length,
    pagerank_json: top((place) => place.pagerank),
    betweenness_json: graph.betweennessState === 'computed' ? top((place) => place.betweenness ?? 0) : null,
    critical_path_json: top((place) => place.impact),
    longest_chain_json: JSON.stringify(graph.criticalPath.slice(0, SHOWN)),
    cycles_json: JSON.stringify(graph.cycles.slice(0, SHOWN).map((ids) => ids.slice(0, SHOWN))),
  }
}

const round = (value: number): number => Math.round(value * 1e9) / 1e9
