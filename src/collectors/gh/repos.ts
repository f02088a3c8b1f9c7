import type { Row } from '../../core/rows.ts'
import { canonicalRemote } from '../git/remote.ts'
import { textCell } from '../row-cells.ts'

export interface GithubRepo {
  /** `owner/name`, lower case. */
  readonly repo: string
  readonly repoId: string
}

/** The repositories of a machine that live on github.com, each once, in order of their name. */
export const githubRepos = (rows: readonly Row[]): readonly GithubRepo[] => {
  const found = new Map<string, string>()
  for (const row of rows) {
    const url = textCell(row.url)
    const repo = /^(?:ssh\.)?github\.com(?::443)?\/([a-z0-9][a-z0-9-]{0,38}\/[a-z0-9._-]{1,100})$/.exec(
      url === null ? '' : (canonicalRemote(url) ?? ''),
    )?.[1]
    const id = textCell(row.repo_id)
    if (repo !== undefined && id !== null && !found.has(repo)) found.set(repo, id)
  }
  return [...found].map(([repo, repoId]) => ({ repo, repoId })).sort((a, b) => (a.repo < b.repo ? -1 : 1))
}
