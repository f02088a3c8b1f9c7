import type { Db } from '../db.ts'
import { type At, picture } from './history.ts'
import { type MachineQuestion, ofMachine } from './pictures.ts'
import { GithubItemRow, GithubRepoRow, RepoCommitRow, RepoRow, RepoStatusRow } from './rows/repos.ts'
import { AgentConfigFileRow, AgentConfigRow } from './rows/settings.ts'

export const repos = ofMachine('repos', RepoRow, 'path')
export const repoStatuses = ofMachine('repo_status_snapshots', RepoStatusRow, 'path, source')
export const repoCommits = ofMachine('repo_commit_stats', RepoCommitRow, 'path')
export const githubRepos = ofMachine('github_repos', GithubRepoRow, 'repo')
/** Open items on GitHub of these repositories, as each machine that asked saw them. */
export const githubItems = (db: Db, question: At & { readonly repoIds: readonly string[] }): Promise<GithubItemRow[]> =>
  picture(db, 'github_items', GithubItemRow, {
    at: question.at,
    where: 'repo_id IN (SELECT unnest(string_split($repos, chr(1))))',
    params: { repos: [...new Set(question.repoIds)].join('\u0001') },
    orderBy: 'machine_id, repo, kind, number',
  })
export const agentConfigFiles = ofMachine('agent_config_files', AgentConfigFileRow, 'cli, source_file')
export const agentConfig = ofMachine('agent_config', AgentConfigRow, 'cli, kind, name, project_path, source_file')

export type RepoWithStatus = RepoRow & {
  /** The most direct look at the checkout. */
  readonly status: RepoStatusRow | null
  /** What ru says of the same checkout, also where git is shown. */
  readonly ru: RepoStatusRow | null
}

/** Runs of both are five minutes apart at most while both work. */
const STALE_MS = 20 * 60_000

/** git looked itself; ru passes on what git told it. The older look gives way only when it is old indeed. */
const moreDirect = (git: RepoStatusRow | null, ru: RepoStatusRow | null): RepoStatusRow | null => {
  if (git === null || ru === null) return git ?? ru
  const behindMs = Date.parse(ru.collected_at) - Date.parse(git.collected_at)
  return behindMs > STALE_MS || (git.state === 'failed' && ru.state === 'ok') ? ru : git
}

export const reposWithStatus = async (db: Db, question: MachineQuestion = {}): Promise<RepoWithStatus[]> => {
  const [list, statuses] = await Promise.all([repos(db, question), repoStatuses(db, question)])
  const keyOf = (row: RepoRow | RepoStatusRow): string => `${row.machine_id}\u0001${row.path}`
  const byPath = Map.groupBy(statuses, keyOf)
  return list.map((row) => {
    const looks = byPath.get(keyOf(row)) ?? []
    const ru = looks.find(({ source }) => source === 'ru') ?? null
    const git = looks.find(({ source }) => source !== 'ru') ?? null
    return { ...row, status: moreDirect(git, ru), ru }
  })
}
