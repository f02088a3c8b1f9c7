import type { FileStat } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { CursorChange, Row } from '../../core/rows.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import type { ThreadSighting } from '../agent-evidence/codex-threads.ts'
import { asNumber, isObject } from '../agent-evidence/json.ts'
import { OPENCODE_LOG_NEEDLES, readOpencodeLog } from '../agent-evidence/opencode-log.ts'
import { shownRows } from './codex-locks.ts'
import { askServed, isUnasked, type ServedThreads, servedRows, wantsServed } from './codex-server.ts'
import { codexThreads } from './codex-threads.ts'
import { departedRows } from './departed.ts'
import { askRuns, opencodePids, type RunOwners } from './opencode-runs.ts'
import { type LiveFiles, parseLive } from './parse.ts'
import { keep, opencodeRows, registryRows, threadRows } from './rows.ts'
import { LIVE_SCRIPT } from './script.ts'
import { titleRows } from './titles.ts'
import {
  type AskedRuns,
  markOf,
  marksOf,
  readLogTail,
  readRegistryFile,
  type Watch,
  wantsRuns,
  watchedPaths,
  watchOf,
} from './watch.ts'

const CURSOR = 'watch'
/** What no watched place announces (a second database, a moved home) is found by the next full listing at the latest. */
const LIST_EVERY_MS = 60_000
/** A waiting run whose lines left the log's tail is still believed this long. */
const CARRY_MS = 24 * 3_600_000

const homesOf = (ctx: CollectContext): readonly string[] => {
  const homes = ctx.options.claude_homes
  return Array.isArray(homes) ? homes.filter((home) => typeof home === 'string' && home.startsWith('/')) : []
}

const isWatch = (value: unknown): value is Watch =>
  isObject(value) &&
  Array.isArray(value.dirs) &&
  Array.isArray(value.files) &&
  isObject(value.marks) &&
  isObject(value.runOwners) &&
  isObject(value.codex) &&
  Array.isArray(value.opencodeLogs) &&
  Array.isArray(value.threadIndexes) &&
  asNumber(value.listedMs) !== null

const result = (rows: readonly Row[], cursors: readonly CursorChange[] = []): CollectResult => ({
  batches: [{ table: 'agent_sightings', rows }],
  cursors,
})

const codexRows = (threads: readonly ThreadSighting[], served: readonly string[]): readonly Row[] => [
  ...threadRows(threads),
  ...servedRows(threads, served),
]

const rowsBy = (known: readonly Row[], source: string): readonly Row[] =>
  known.filter((row) => row.sighting_source === source && row.gone !== true)

/** Newest word of each run; a run whose lines left the tail keeps its last one for a day. */
function logRows(lines: readonly string[], owners: RunOwners, known: readonly Row[], now: Date): readonly Row[] {
  const fresh = opencodeRows(readOpencodeLog(lines, now), owners)
  const subjects = new Set(fresh.flatMap((row) => [row.subject, `session:${row.session_id}`]))
  const carried = rowsBy(known, 'opencode.log').filter(
    (row) =>
      !subjects.has(row.subject ?? '') && row.as_of instanceof Date && now.getTime() - row.as_of.getTime() < CARRY_MS,
  )
  return [...fresh, ...carried.map(keep)]
}

const pidsNow = async (ctx: CollectContext): Promise<string> =>
  opencodePids(await ctx.known('latest_agent_processes')).join(' ')

async function askedRuns(ctx: CollectContext): Promise<AskedRuns> {
  const [runs, pids] = await Promise.all([askRuns(ctx), pidsNow(ctx)])
  const before = ctx.cursors.get(CURSOR)
  const same = isWatch(before) && before.opencodePids === pids
  return { ...runs, pids, sinceMs: same ? before.opencodeSinceMs : ctx.startedAt.getTime() }
}

interface Listed {
  readonly rows: readonly Row[]
  readonly found: LiveFiles
  readonly runs: AskedRuns
  readonly codex: ServedThreads
}

/** The full listing: everything read on the machine itself, and of running CLIs what they have open. */
async function list(ctx: CollectContext, known: readonly Row[]): Promise<CollectResult | Listed> {
  const asked = ctx.run({
    script: LIVE_SCRIPT,
    args: homesOf(ctx),
    timeoutMs: ctx.machine.local ? 1_800 : 15_000,
    maxBytes: 4_000_000,
  })
  const [answer, runs, served] = await Promise.all([asked, askedRuns(ctx), askServed(ctx)])
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  const text = decodeUtf8(answer.stdout)
  // the script always says at least where a registry is or may appear: other words are no empty machine
  if (!/^[HFTWO] /m.test(text))
    return { batches: [], fault: 'bad_output', detail: displayText(text, 200) || 'no answer from the script' }
  const found = parseLive(text)
  const unreadable = found.registry.filter((file) => file.json === null).length
  if (unreadable > 0)
    ctx.warn(
      'claude_registry',
      `${unreadable} registry files are no JSON objects`,
      'ignore once (a file may be read while it is written); report it when it stays',
    )
  const threads = await codexThreads(ctx, found, known)
  const { holders, ...codex } = served
  const rows = [
    ...registryRows(found.registry, ctx.startedAt),
    ...codexRows(threads, codex.served),
    ...(await shownRows(ctx, holders, threads, known)),
    ...logRows([...found.opencodeLines, ...runs.lines], runs.owners, known, ctx.startedAt),
  ]
  return { rows, found, runs, codex: { ...codex, asked: threads.map(({ threadId }) => threadId) } }
}

async function listAndWatch(ctx: CollectContext, known: readonly Row[]): Promise<CollectResult> {
  const here = ctx.machine.local ? Promise.all([titleRows(ctx, known), departedRows(ctx, known)]) : []
  const [listed, own] = await Promise.all([list(ctx, known), here])
  if ('batches' in listed) return listed
  if (!ctx.machine.local) return result(listed.rows)
  const watch = watchOf(listed.found, listed.runs, listed.codex, ctx.startedAt.getTime())
  const stats = await ctx.stat(watchedPaths(watch))
  return result(
    [...listed.rows, ...own.flat()],
    [{ key: CURSOR, value: { ...watch, marks: marksOf(stats) } satisfies Watch }],
  )
}

/** Between listings a local run costs some stats and reads only what changed; liveness is looked up every time. */
async function look(
  ctx: CollectContext,
  watch: Watch,
  stats: readonly FileStat[],
  known: readonly Row[],
): Promise<CollectResult> {
  const changed = (path: string): boolean =>
    stats.some((stat) => stat.path === path && markOf(stat) !== watch.marks[path])
  const titling = titleRows(ctx, known)
  const files = (await Promise.all(watch.files.map((file) => readRegistryFile(ctx, file, stats)))).filter(
    (file) => file !== null,
  )
  const databases = watch.threadDatabases.filter((path) => changed(path) || changed(`${path}-wal`))
  const moving = databases.length > 0 ? await codexThreads(ctx, watch, known) : null
  // A turn that began just now must not be told as ended because its terminal closes before the next look.
  if (moving !== null && watch.codex.servers !== '' && threadRows(moving).some((row) => isUnasked(row, watch.codex)))
    return listAndWatch(ctx, known)
  const threads =
    moving === null
      ? ['codex.threads', 'codex.server'].flatMap((source) => rowsBy(known, source).map(keep))
      : codexRows(moving, watch.codex.served)
  const grown = stats.filter((stat) => watch.opencodeLogs.includes(stat.path) && changed(stat.path))
  const lines = await Promise.all(
    grown.map((log) => ('size' in log ? readLogTail(ctx, log.path, log.size, OPENCODE_LOG_NEEDLES) : [])),
  )
  const rows = [
    ...registryRows(files, ctx.startedAt),
    ...threads,
    ...rowsBy(known, 'codex.locks').map(keep),
    ...logRows(lines.flat(), watch.runOwners, known, ctx.startedAt),
    ...(await titling),
    ...(await departedRows(ctx, known)),
  ]
  const marks = marksOf(stats)
  const moved = Object.entries(marks).some(([path, mark]) => watch.marks[path] !== mark)
  return result(rows, moved ? [{ key: CURSOR, value: { ...watch, marks } satisfies Watch }] : [])
}

/** What the CLIs themselves say of their sessions right now. */
export const live = defineCollector({
  name: 'live',
  version: '1',
  schemaVersion: 1,
  tables: ['agent_sightings'],
  interval: { localS: 2, remoteS: 30 },
  timeoutMs: 1_900,
  remoteTimeoutMs: 20_000,
  needs: [],
  tested: { claude: '2.1.330', codex: '0.169.0', opencode: '1.18.33' },
  reads: {
    files: [
      '~/.claude/sessions/PID.json',
      '~/.codex/thread_history_*.sqlite and state_*.sqlite, read-only',
      '~/.local/share/opencode/log/opencode.log, or the one a running OpenCode has open',
      '/proc/PID of agents: whether it is there',
      '/proc/PID/fd of OpenCodes and of Codex, fdinfo of OpenCodes',
      '~/.codex/thread-writer-locks: which are open, and since when',
    ],
  },
  about:
    "live state of agents: Claude's session registry, Codex's thread history, OpenCode's log, titles in local terminals",
  async collect(ctx) {
    const known = await ctx.known('latest_agent_sightings')
    const watch = ctx.cursors.get(CURSOR)
    const stale = !isWatch(watch) || ctx.startedAt.getTime() - watch.listedMs >= LIST_EVERY_MS
    if (!ctx.machine.local || stale) return listAndWatch(ctx, known)
    const runsMoved = wantsRuns(watch, await pidsNow(ctx), ctx.startedAt.getTime())
    if (runsMoved || (await wantsServed(ctx, watch.codex, known))) return listAndWatch(ctx, known)
    const stats = await ctx.stat(watchedPaths(watch))
    const dirs = stats.filter((stat) => watch.dirs.includes(stat.path))
    if (dirs.some((stat) => markOf(stat) !== watch.marks[stat.path])) return listAndWatch(ctx, known)
    return look(ctx, watch, stats, known)
  },
})
