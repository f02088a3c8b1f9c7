import type { Row, RowBatch } from '../../core/rows.ts'
import type { ToolText } from '../tool-sections.ts'
import { type ItemsAnswer, parseItems } from './parse.ts'
import type { GithubRepo } from './repos.ts'
import { MAX_ITEMS } from './script.ts'

export interface Asked {
  readonly repo: GithubRepo
  readonly pulls: ItemsAnswer
  /** Null: gh was not asked any more. */
  readonly issues: ItemsAnswer | null
}

/** What gh said of one repository; null when its turn did not come. */
export const asked = (text: ToolText, repo: GithubRepo): Asked | null => {
  const pulls = text.sections.get(`pr ${repo.repo}`)
  const issues = text.sections.get(`issue ${repo.repo}`)
  if (pulls === undefined) return null
  return { repo, pulls: parseItems(pulls, 'pr'), issues: issues === undefined ? null : parseItems(issues, 'issue') }
}

const listed = (answer: ItemsAnswer | null): readonly Row[] => (answer?.is === 'items' ? answer.items : [])
const countOf = (answer: ItemsAnswer | null): number | null => (answer?.is === 'items' ? answer.items.length : null)

/** The picture of one repository. A listing that failed leaves the items of before as they are. */
export const batchesOf = ({ repo: { repo, repoId }, pulls, issues }: Asked): readonly RowBatch[] => {
  const failed = pulls.is === 'failed' || issues === null || issues.is === 'failed'
  const counts = [countOf(pulls), countOf(issues)]
  const row: Row = {
    repo_id: repoId,
    repo,
    state: pulls.is === 'not_found' ? 'not_found' : failed ? 'failed' : 'ok',
    open_prs: counts[0] ?? null,
    open_issues: counts[1] ?? null,
    issues_off: issues === null || issues.is === 'failed' ? null : issues.is === 'off',
    capped: counts.some((count) => count !== null && count >= MAX_ITEMS),
    gone: false,
  }
  const items = [...listed(pulls), ...listed(issues)].map((item) => ({ ...item, repo_id: repoId, repo }))
  const state = { table: 'github_repos', scope: repo, rows: [row] }
  return failed ? [state] : [state, { table: 'github_items', scope: repo, rows: items }]
}
