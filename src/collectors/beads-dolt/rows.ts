import type { Row } from '../../core/rows.ts'
import type { SqlRow } from '../../core/sql-port.ts'
import { displayText } from '../../core/text.ts'
import { idOf, momentOf } from '../beads/issue.ts'
import type { ProjectFacts } from '../beads/rows.ts'

const words = (value: unknown, max = 128): string | null =>
  typeof value === 'string' && value !== '' ? displayText(value, max) : null

export const eventRows = ({ project, repoId }: ProjectFacts, events: readonly SqlRow[]): readonly Row[] =>
  events.flatMap((event) => {
    const [id, issue, ts] = [idOf(event.id), idOf(event.issue_id), momentOf(event.created_at)]
    if (id === null || issue === null || ts === null) return []
    return [
      {
        project,
        repo_id: repoId,
        event_id: id,
        issue_id: issue,
        event_type: words(event.event_type, 64) ?? 'unknown',
        actor: words(event.actor),
        old_status: words(event.old_status, 64),
        new_status: words(event.new_status, 64),
        ts,
      },
    ]
  })

export const commitRows = ({ project, repoId }: ProjectFacts, commits: readonly SqlRow[]): readonly Row[] =>
  commits.flatMap((commit) => {
    const [hash, ts] = [idOf(commit.commit_hash), momentOf(commit.date)]
    if (hash === null || ts === null) return []
    const said = { committer: words(commit.committer), message: words(commit.message, 256) }
    return [{ project, repo_id: repoId, commit_hash: hash, ...said, ts }]
  })

const ENVELOPE = new Set(['collected_at', 'machine_id', 'source', 'source_version', 'schema_version', 'scope'])

/** Rows of the last picture that this one lacks, as gone: a run that failed elsewhere shows no absence by itself. */
export const goneRows = (known: readonly Row[], fresh: readonly Row[], key: readonly string[], project: string) => {
  const keyOf = (row: Row): string => key.map((name) => String(row[name])).join('\u0001')
  const present = new Set(fresh.map(keyOf))
  return known
    .filter((row) => row.project === project && row.source === 'beads_dolt' && !present.has(keyOf(row)))
    .map(
      (row): Row => ({
        ...Object.fromEntries(Object.entries(row).filter(([name]) => !ENVELOPE.has(name))),
        gone: true,
      }),
    )
}
