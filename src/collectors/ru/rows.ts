import type { Row } from '../../core/rows.ts'
import { nulls } from '../foreign-json.ts'
import { repoId, repoName, shownRemote } from '../git/remote.ts'
import { timeOf } from '../row-cells.ts'
import type { RuRepo } from './parse.ts'

export interface Around {
  readonly machineId: string
  readonly at: Date
  /** Path to the spec that ru is configured with. */
  readonly specs: ReadonlyMap<string, string>
  /** Rows of `repos`, by path. */
  readonly repos: ReadonlyMap<string, Row>
  /** Paths that git itself looked at: what it says of them is not overwritten. */
  readonly seenByGit: ReadonlySet<string>
}

const GIT_ONLY = nulls(
  'detached head_oid upstream upstream_gone staged unstaged untracked conflicted stashes last_commit_at commits_7d commits_30d fetched_at',
)

/** A spec as a remote: `acme/beta` means GitHub. */
export const remoteOfSpec = (spec: string): string =>
  /^[\w.-]+\/[\w.-]+$/.test(spec) ? `https://github.com/${spec}` : spec

/** The repository a checkout holds. A remote that is not the configured one says nothing of that: then its path stands. */
const identityOf = (repo: RuRepo, around: Around): string => {
  const known = around.seenByGit.has(repo.path) ? around.repos.get(repo.path)?.repo_id : undefined
  if (typeof known === 'string') return known
  const url = repo.mismatch === true ? null : remoteOfSpec(around.specs.get(repo.path) ?? repo.repo)
  return repoId(url, around.machineId, repo.path)
}

const STATES: Readonly<Record<string, string>> = { missing: 'missing', not_git: 'not_a_repo' }

export const statusRow = (repo: RuRepo, around: Around): Row => ({
  ...GIT_ONLY,
  repo_id: identityOf(repo, around),
  path: repo.path,
  state: STATES[repo.status] ?? 'ok',
  status: repo.status,
  mismatch: repo.mismatch,
  branch: repo.branch,
  dirty: repo.dirty,
  ahead: repo.ahead,
  behind: repo.behind,
  gone: false,
})

/** Null where git knows the checkout better. */
export const repoRow = (repo: RuRepo, around: Around): Row | null => {
  if (around.seenByGit.has(repo.path)) return null
  const url = remoteOfSpec(around.specs.get(repo.path) ?? repo.repo)
  return {
    path: repo.path,
    repo_id: identityOf(repo, around),
    url: repo.mismatch === true ? null : shownRemote(url),
    name: repoName(url, repo.path),
    first_seen_at: new Date(timeOf(around.repos.get(repo.path)?.first_seen_at) ?? around.at.getTime()),
    last_seen_at: around.at,
  }
}
