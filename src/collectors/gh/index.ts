import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { RowBatch } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { parseSections, type ToolText, toolPath, toolVersion, troubleOf, warnUntested } from '../tool-sections.ts'
import { type GithubRepo, githubRepos } from './repos.ts'
import { type Asked, asked, batchesOf } from './rows.ts'
import { githubScript } from './script.ts'

const TESTED = '2.23.0'
// two processes a turn, as of every tool; each repository has its turn within half an hour
const MAX_REPOS = 1

/** Open issues and pull requests of the repositories known on a machine that have GitHub as their remote. */
export const gh = defineCollector({
  name: 'gh',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['github_repos', 'github_items'],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 60_000,
  needs: [['gh']],
  tested: { gh: TESTED },
  reads: {
    commands: [
      'gh pr list -R REPO --state open --limit N --json FIELDS --jq SHAPE',
      'gh issue list -R REPO --state open --limit N --json FIELDS --jq SHAPE',
    ],
  },
  about:
    'Open issues and pull requests through gh, read only; off unless vc.toml switches it on, for it asks the network',
  async collect(ctx) {
    const repos = githubRepos(await ctx.known('repos'))
    if (repos.length === 0) return { batches: await forgotten(ctx, repos) }
    const turn = turnOf(ctx, repos)
    const args = [toolPath(ctx, 'gh'), ...turn.map(({ repo }) => repo)]
    const answer = await ctx.run({
      script: githubScript(),
      args,
      timeoutMs: 50_000,
      maxBytes: 8 * 1024 * 1024,
      slow: true,
    })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'gh')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [], fault: 'bad_output' }
    if (!parsed.complete)
      return {
        batches: [],
        fault: answer.fault ?? 'truncated',
        detail: answer.detail ?? 'the answer of gh was cut off',
      }
    const version = await toolVersion(ctx, 'gh')
    warnUntested(ctx, 'gh', version, TESTED)
    const result = resultOf(ctx, parsed, turn)
    const rest = await forgotten(ctx, repos)
    const batches = [...result.batches, ...(result.fault === undefined ? rest : [])]
    return { ...result, batches, ...(version === null ? {} : { sourceVersion: version }) }
  },
})

/** Those after the one that was asked last, so that every repository has its turn. */
const turnOf = (ctx: CollectContext, repos: readonly GithubRepo[]): readonly GithubRepo[] => {
  const last = ctx.cursors.get('last')
  const from = typeof last === 'string' ? repos.findIndex(({ repo }) => repo > last) : 0
  const at = Math.max(0, from)
  return [...repos.slice(at), ...repos.slice(0, at)].slice(0, MAX_REPOS)
}

const resultOf = (ctx: CollectContext, text: ToolText, turn: readonly GithubRepo[]): CollectResult => {
  const answers = turn.map((repo) => asked(text, repo)).filter((one) => one !== null)
  const stop = answers.map(stopOf).find((why) => why !== null)
  if (stop) return { batches: [], ...stop }
  const last = answers.at(-1)?.repo.repo
  const cursors = last === undefined ? [] : [{ key: 'last', value: last }]
  const failed = answers.filter((one) => one.pulls.is === 'failed')
  if (answers.length > 0 && failed.length === answers.length && failed[0]?.pulls.is === 'failed')
    // one that cannot be listed must not keep the others from their turn
    return { batches: [], fault: 'exit_code', detail: displayText(`gh: ${failed[0].pulls.words}`, 200), cursors }
  for (const { repo } of failed)
    ctx.warn('gh_repo', `gh could not list ${repo.repo}`, `run: gh pr list -R ${repo.repo}`)
  return { batches: answers.flatMap((one) => batchesOf(one)), cursors }
}

const stopOf = ({ pulls, issues }: Asked): Pick<CollectResult, 'fault' | 'detail'> | null => {
  const why = [pulls, issues].find((one) => one?.is === 'auth' || one?.is === 'rate_limited')
  if (why?.is === 'auth') return { fault: 'auth', detail: 'gh is not logged in there: run gh auth login on it' }
  return why?.is === 'rate_limited' ? { fault: 'exit_code', detail: `GitHub refused: ${why.words}` } : null
}

/** Repositories that are no longer on the machine end with an empty picture of their own. */
const forgotten = async (ctx: CollectContext, repos: readonly GithubRepo[]): Promise<readonly RowBatch[]> => {
  const present = new Set(repos.map(({ repo }) => repo))
  const known = await ctx.known('latest_github_repos')
  const gone = new Set(known.map((row) => String(row.scope)).filter((scope) => !present.has(scope)))
  return [...gone].flatMap((scope) => ['github_repos', 'github_items'].map((table) => ({ table, scope, rows: [] })))
}
