import * as z from 'zod'
import { defineQuery } from './define.ts'
import { type RepoRow, readGithubItems, readGithubRepos, readRepoCommits, readRepos } from './fleet-rows.ts'
import { nothingWarnings } from './nothing-there.ts'
import { atParam, flag, limitParam, momentOf } from './params.ts'
import { NO_REPOS, repoUrgency } from './rows-repos.ts'
import { count, isoTime } from './shapes.ts'

const repoLine = z.object({
  machine: z.string(),
  repo: z.string().describe('same id on every machine that has it'),
  path: z.string(),
  name: z.string().nullable(),
  url: z.string().nullable(),
  state: z
    .string()
    .describe('ok | not_a_repo | bare | dubious_ownership | missing | failed | unknown (no longer looked at)'),
  branch: z.string().nullable().describe('null: detached or unborn'),
  dirty: z.boolean().nullable(),
  untracked: count.nullable(),
  conflicted: count.nullable(),
  ahead: count.nullable().describe('null: no upstream to compare with'),
  behind: count.nullable(),
  stashes: count.nullable(),
  last_commit: isoTime.nullable(),
  commits_7d: count.nullable(),
  commits_30d: count.nullable(),
  authors_30d: count.nullable().describe('people with commits on HEAD in 30 days; only their number is known'),
  active_days_30d: count.nullable().describe('UTC days of the last 30 with commits'),
  commits_by_day: z.array(count).nullable().describe('last 30 UTC days, oldest first'),
  source: z.string().nullable().describe('who looked: git, or ru where git did not'),
  ru_status: z
    .string()
    .nullable()
    .describe('current | behind | ahead | diverged | missing | not_git | no_upstream; null: not listed in ru'),
  mismatch: z.boolean().nullable().describe('ru: the remote is not the configured one, or there is none'),
  open_prs: count.nullable().describe('on GitHub; null: gh is off, or has not been asked about it'),
  open_issues: count.nullable(),
  github_capped: z.boolean().nullable().describe('there may be more than these'),
  collected_at: isoTime.nullable(),
})

const pullLine = z.object({
  repo: z.string().describe('owner/name'),
  kind: z.enum(['issue', 'pr']),
  number: count,
  title: z.string().nullable(),
  state: z.string().nullable(),
  draft: z.boolean().nullable(),
  labels: z.array(z.string()),
  review: z.string().nullable().describe('approved | changes_requested | review_required'),
  checks: z.string().nullable().describe('passing | failing | pending | unknown; null: none'),
  url: z.string().nullable(),
  updated: isoTime.nullable(),
})

export const repos = defineQuery({
  name: 'repos',
  version: 1,
  summary: 'Checkouts where agents work or that ru lists, their commits, and what GitHub holds open for them',
  sources: NO_REPOS.sources,
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional(),
    dirty: flag.describe('only dirty ones'),
    limit: limitParam(100, 'most of each list: checkouts, those that want a look first, and items on GitHub'),
  }),
  data: z.object({
    repos: z.array(repoLine),
    total: count.describe('checkouts, before limit'),
    github: z.array(pullLine).describe('open items of these checkouts, as gh last saw them; empty while gh is off'),
    github_total: count.describe('open items of these checkouts, before limit'),
  }),
  example: {},
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const [rows, commits, counts] = await Promise.all([
      readRepos(ctx, at, params.machine),
      readRepoCommits(ctx, at, params.machine),
      readGithubRepos(ctx, at),
    ])
    const commitsOf = new Map(commits.map((row) => [`${row.machine_id}\u0001${row.path}`, row]))
    const all = rows.filter((row) => !params.dirty || row.dirty).sort(byNeed)
    const chosen = all.slice(0, params.limit)
    const newest = newestBy(counts, ({ repo }) => repo)
    const githubOf = new Map(newest.map((row) => [row.repo_id, row]))
    const shown = chosen.map(({ repo_id }) => repo_id)
    const items = await readGithubItems(ctx, at, shown)
    const open = newestBy(items, ({ repo, kind, number }) => `${repo} ${kind} ${number}`)
      .filter((item) => newest.some(({ repo, machine_id }) => repo === item.repo && machine_id === item.machine_id))
      .toSorted((a, b) => (b.updated_at ?? '').localeCompare(a.updated_at ?? ''))
    return {
      data: {
        repos: chosen.map((row) =>
          lineOf(row, commitsOf.get(`${row.machine_id}\u0001${row.path}`), githubOf.get(row.repo_id)),
        ),
        total: all.length,
        github: open.slice(0, params.limit).map(itemLine),
        github_total: open.length,
      },
      warnings: rows.length > 0 ? [] : await nothingWarnings(ctx, at, params.machine, NO_REPOS),
    }
  },
})

type CommitRow = Awaited<ReturnType<typeof readRepoCommits>>[number]
type GithubRow = Awaited<ReturnType<typeof readGithubRepos>>[number]
type ItemRow = Awaited<ReturnType<typeof readGithubItems>>[number]

/** What wants a look first, then what was worked on last. */
const byNeed = (a: RepoRow, b: RepoRow): number =>
  repoUrgency(b) - repoUrgency(a) ||
  (b.last_commit_at ?? '').localeCompare(a.last_commit_at ?? '') ||
  a.machine_id.localeCompare(b.machine_id) ||
  a.path.localeCompare(b.path)

/** Several machines may have asked about one thing: the last word counts. */
const newestBy = <Row extends { readonly collected_at: string }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): readonly Row[] => {
  const newest = new Map<string, Row>()
  for (const row of rows) {
    const other = newest.get(keyOf(row))
    if (other === undefined || other.collected_at < row.collected_at) newest.set(keyOf(row), row)
  }
  return [...newest.values()]
}

const listOf = <Kind extends z.ZodType>(kind: Kind, json: string | null): z.infer<Kind>[] | null => {
  try {
    return z.array(kind).parse(JSON.parse(json ?? ''))
  } catch {
    return null
  }
}

const lineOf = (row: RepoRow, commits: CommitRow | undefined, github: GithubRow | undefined) => ({
  machine: row.machine_id,
  repo: row.repo_id,
  path: row.path,
  name: row.name,
  url: row.url,
  state: row.state ?? 'unknown',
  branch: row.branch,
  dirty: row.dirty,
  untracked: row.untracked,
  conflicted: row.conflicted,
  ahead: row.ahead,
  behind: row.behind,
  stashes: row.stashes,
  last_commit: row.last_commit_at,
  commits_7d: row.commits_7d,
  commits_30d: row.commits_30d,
  authors_30d: commits?.authors_30d ?? null,
  active_days_30d: commits?.active_days_30d ?? null,
  commits_by_day: listOf(z.number(), commits?.commits_by_day ?? null),
  source: row.source,
  ru_status: row.ru_status,
  mismatch: row.mismatch,
  open_prs: github?.open_prs ?? null,
  open_issues: github?.open_issues ?? null,
  github_capped: github?.capped ?? null,
  collected_at: row.collected_at,
})

const itemLine = (row: ItemRow) => ({
  repo: row.repo,
  kind: row.kind === 'pr' ? ('pr' as const) : ('issue' as const),
  number: row.number,
  title: row.title,
  state: row.state,
  draft: row.is_draft,
  labels: listOf(z.string(), row.labels_json) ?? [],
  review: row.review_decision,
  checks: row.checks,
  url: row.url,
  updated: row.updated_at,
})
