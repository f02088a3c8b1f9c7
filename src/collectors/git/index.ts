import { randomBytes } from 'node:crypto'
import type { Answer } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { textCell, timeOf } from '../row-cells.ts'
import { decodeCounted, knownHead, type Remembered, utcDay } from './counted.ts'
import { type GitText, parseGit } from './parse.ts'
import { type Around, errorRows, type RepoRows, repoRows } from './rows.ts'
import { GIT_SCRIPT } from './script.ts'

const MAX_DIRS = 64
const NOTHING = ['repo_status_snapshots', 'repo_commit_stats'].map((table) => ({ table, rows: [] }))
const RECENT_MS = 7 * 24 * 3_600_000

/** Branch, dirt, distance to upstream and recent commits of the checkouts agents work in and ru lists. Never fetches. */
export const git = defineCollector({
  name: 'git',
  version: '1.1.0',
  schemaVersion: 1,
  tables: ['repos', 'repo_status_snapshots', 'repo_commit_stats'],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 65_000,
  needs: [['git']],
  tested: { git: '2.39.5' },
  reads: {
    commands: [
      'git rev-parse --show-toplevel',
      'git status --porcelain=v2 --branch --show-stash -z',
      'git log -1 --format=%ct',
      'git rev-list --count --since=7.days HEAD',
      'git config --get remote.origin.url',
    ],
  },
  about:
    'Branch, uncommitted work, distance to upstream and recent commits of the checkouts agents work in and ru lists',
  async collect(ctx) {
    const dirs = await workingDirs(ctx)
    if (dirs.length === 0) return { batches: [...NOTHING] }
    if (dirs.length > MAX_DIRS)
      ctx.warn(
        'git_dirs_capped',
        `agents work in, or ru lists, ${dirs.length} directories; vc looks at the first ${MAX_DIRS}, those of agents before those of ru`,
        'end old sessions, or list fewer repositories in ru; what ru itself says of the others is shown',
      )
    const asked = dirs.slice(0, MAX_DIRS)
    const counted = decodeCounted(ctx.cursors.get('counted'))
    const today = utcDay(ctx.startedAt)
    const answer = await ctx.run({
      script: `# vc:ask git.status\nN=${randomBytes(8).toString('hex')}\n${GIT_SCRIPT}`,
      args: asked.flatMap((dir) => [dir, knownHead(dir, counted, today)]),
      timeoutMs: 60_000,
      maxBytes: 4 * 1024 * 1024,
      slow: true,
    })
    if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
    const parsed = parseGit(answer.stdout)
    if (parsed.is === 'no_begin') return { batches: [], fault: 'bad_output', detail: firstWords(answer) }
    if (parsed.version === null) return { batches: [], fault: 'tool_missing', detail: 'no working git on the PATH' }
    if (!parsed.complete) return { batches: [], fault: 'truncated', detail: 'the list of repositories was cut off' }
    return resultOf(ctx, parsed, asked, counted)
  },
})

const firstWords = (answer: Answer): string =>
  displayText(decodeUtf8(answer.stderr.subarray(0, 200)) || decodeUtf8(answer.stdout.subarray(0, 200)), 200) ||
  'no answer from the script'

/** Where agents run now, then where sessions were active within a week, newest first, then the checkouts that ru lists. */
const workingDirs = async (ctx: CollectContext): Promise<readonly string[]> => {
  const [processes, sessions, statuses] = await Promise.all([
    ctx.known('latest_agent_processes'),
    ctx.known('agent_sessions'),
    ctx.known('latest_repo_status_snapshots'),
  ])
  const listed = statuses.filter((row) => row.source === 'ru' && row.state === 'ok').map((row) => textCell(row.path))
  const now = processes.map((row) => textCell(row.cwd))
  const recent = sessions
    .map((row) => ({ cwd: textCell(row.cwd), at: timeOf(row.last_activity_at) ?? 0 }))
    .filter(({ at }) => at >= ctx.startedAt.getTime() - RECENT_MS)
    .sort((a, b) => b.at - a.at)
    .map(({ cwd }) => cwd)
  return [...new Set([...now, ...recent, ...listed.sort()])].filter(
    (dir) => dir?.startsWith('/') === true && !dir.includes('\0'),
  ) as string[]
}

const resultOf = async (
  ctx: CollectContext,
  text: GitText,
  dirs: readonly string[],
  counted: ReadonlyMap<string, Remembered>,
): Promise<CollectResult> => {
  const repos = new Map((await ctx.known('repos')).map((row) => [String(row.path), row]))
  const around: Around = { machineId: ctx.machine.id, at: ctx.startedAt, counted, repos }
  const rows = dirs.flatMap((dir, at): readonly RepoRows[] => {
    const repo = text.repos.get(at + 1) ?? { is: 'error', state: 'failed' }
    if (repo.is === 'same') return []
    return [repo.is === 'error' ? errorRows(dir, repo.state, around) : repoRows(repo, around)]
  })
  const known = rows.flatMap(({ repo }) => (repo === null ? [] : [repo]))
  return {
    batches: [
      ...(known.length > 0 ? [{ table: 'repos', rows: known }] : []),
      { table: 'repo_status_snapshots', rows: rows.map(({ status }) => status) },
      { table: 'repo_commit_stats', rows: rows.flatMap(({ stats }) => (stats === null ? [] : [stats])) },
    ],
    cursors: [
      { key: 'counted', value: Object.fromEntries(rows.flatMap((row) => (row.remembered ? [row.remembered] : []))) },
    ],
    ...(text.version === null ? {} : { sourceVersion: text.version }),
  }
}
