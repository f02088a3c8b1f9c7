import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { instantOf, timeOf } from '../row-cells.ts'
import { activityColumns } from './activity.ts'
import { type Remembered, utcDay } from './counted.ts'
import type { Counted, RepoState, RepoText } from './parse.ts'
import { repoId, repoName, shownRemote } from './remote.ts'

export interface Around {
  readonly machineId: string
  readonly at: Date
  readonly counted: ReadonlyMap<string, Remembered>
  /** Rows of `repos`, by path. */
  readonly repos: ReadonlyMap<string, Row>
}

export interface RepoRows {
  readonly status: Row
  readonly repo: Row | null
  readonly stats: Row | null
  readonly remembered: readonly [string, Remembered] | null
}

type Repo = Extract<RepoText, { is: 'repo' }>

/** A directory that is no readable checkout: its state is a row, the directory its path. */
export const errorRows = (dir: string, state: RepoState, around: Around): RepoRows => {
  const repo_id = repoId(null, around.machineId, dir)
  const kept = String(around.repos.get(dir)?.repo_id ?? repo_id)
  return {
    status: { ...UNKNOWN, repo_id: kept, path: dir, state, gone: false },
    repo: state === 'bare' ? { ...repoColumns(dir, null, kept, around), is_worktree: false } : null,
    stats: null,
    remembered: null,
  }
}

const UNKNOWN: Row = Object.fromEntries(
  (
    'branch detached head_oid upstream upstream_gone dirty staged unstaged untracked conflicted stashes ' +
    'ahead behind last_commit_at commits_7d commits_30d fetched_at'
  )
    .split(' ')
    .map((name) => [name, null]),
)

export const repoRows = (repo: Repo, around: Around): RepoRows => {
  const old = around.counted.get(repo.top) ?? [...around.counted.values()].find((entry) => entry.oid === repo.oid)
  const counts: Counted | null = repo.counted ?? old ?? null
  const url = repo.counted === null ? (old?.url ?? null) : repo.counted.url
  const id = repo.counted === null && old !== undefined ? old.repoId : repoId(url, around.machineId, repo.top)
  const shown = url === null ? null : shownRemote(url)
  const remembered: Remembered | null =
    repo.oid === null || counts === null
      ? null
      : { ...countsOf(counts), url: shown, oid: repo.oid, day: utcDay(around.at), repoId: id }
  return {
    status: { ...statusColumns(repo, counts), repo_id: id, path: repo.top, gone: false },
    repo: { ...repoColumns(repo.top, shown, id, around), is_worktree: repo.worktree },
    stats: counts?.activity
      ? { ...activityColumns(counts, around.at), repo_id: id, path: repo.top, head_oid: repo.oid }
      : null,
    remembered: remembered === null ? null : [repo.top, remembered],
  }
}

const countsOf = ({ committedS, commits7d, commits30d, activity }: Counted) => ({
  committedS,
  commits7d,
  commits30d,
  activity,
})

const repoColumns = (path: string, url: string | null, repo_id: string, around: Around): Row => ({
  path,
  repo_id,
  url,
  name: repoName(url, path),
  first_seen_at: new Date(timeOf(around.repos.get(path)?.first_seen_at) ?? around.at.getTime()),
  last_seen_at: around.at,
})

const statusColumns = (repo: Repo, counts: Counted | null): Row => {
  const { status } = repo
  const head = {
    last_commit_at: instantOf(counts?.committedS ?? null),
    commits_7d: counts?.commits7d ?? null,
    commits_30d: counts?.commits30d ?? null,
    fetched_at: instantOf(repo.fetchedS),
  }
  if (status === null) return { ...UNKNOWN, ...head, state: 'failed', head_oid: repo.oid }
  const { staged, unstaged, untracked, conflicted, stashes, ahead, behind } = status
  return {
    ...head,
    state: 'ok',
    branch: status.branch === null ? null : displayText(status.branch),
    detached: status.detached,
    head_oid: status.headOid,
    upstream: status.upstream === null ? null : displayText(status.upstream),
    upstream_gone: status.upstreamGone,
    dirty: staged + unstaged + untracked + conflicted > 0,
    staged,
    unstaged,
    untracked,
    conflicted,
    stashes,
    ahead,
    behind,
  }
}
