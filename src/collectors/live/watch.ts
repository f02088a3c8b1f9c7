import type { FileStat } from '../../core/ask.ts'
import type { CollectContext } from '../../core/collector.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { parseObject } from '../agent-evidence/json.ts'
import type { ServedThreads } from './codex-server.ts'
import type { OpencodeRuns, RunOwners } from './opencode-runs.ts'
import type { LiveFiles, RegistryFile } from './parse.ts'

/** A registry file and the start time its pid had at the last listing. */
export interface WatchedFile {
  readonly path: string
  readonly pid: number
  readonly startTicks: number | null
}

/** What the last listing found and how the files looked; stored as this collector's cursor. */
export interface Watch {
  readonly listedMs: number
  /** A change of one of these forces a listing; also places where a CLI's first start would put something. */
  readonly dirs: readonly string[]
  readonly files: readonly WatchedFile[]
  readonly threadDatabases: readonly string[]
  readonly threadIndexes: readonly string[]
  readonly opencodeLogs: readonly string[]
  /** Of which OpenCodes the listing asked whose each run is, blanks between; when these were first seen. */
  readonly opencodePids: string
  readonly opencodeSinceMs: number
  readonly runOwners: RunOwners
  readonly codex: ServedThreads
  /** Path to `inode:size:mtime`, as of the last read. */
  readonly marks: Readonly<Record<string, string>>
}

export const markOf = (stat: FileStat): string =>
  'inode' in stat ? `${stat.inode}:${stat.size}:${stat.mtimeMs}` : stat.is

/** Everything that is looked at by stat between two listings; databases with their write-ahead log. */
export const watchedPaths = (watch: Omit<Watch, 'marks' | 'listedMs'>): readonly string[] => [
  ...watch.dirs,
  ...watch.files.flatMap(({ path, pid }) => [path, `/proc/${pid}`]),
  ...watch.threadDatabases.flatMap((path) => [path, `${path}-wal`]),
  ...watch.opencodeLogs,
]

// Processes are looked up, not remembered: their directories' times mean nothing.
export const marksOf = (stats: readonly FileStat[]): Readonly<Record<string, string>> =>
  Object.fromEntries(stats.filter((stat) => !stat.path.startsWith('/proc/')).map((stat) => [stat.path, markOf(stat)]))

/** What a listing learned of OpenCode, and of which it asked. */
export interface AskedRuns extends OpencodeRuns {
  readonly pids: string
  readonly sinceMs: number
}

/** A thread that is taken up gets a new lock there. */
const locksBeside = (index: string): string => `${index.slice(0, index.lastIndexOf('/'))}/thread-writer-locks`

export const watchOf = (
  found: LiveFiles,
  runs: AskedRuns,
  codex: ServedThreads,
  listedMs: number,
): Omit<Watch, 'marks'> => ({
  listedMs,
  dirs: [...found.registryDirs, ...found.absent, ...found.threadIndexes.map(locksBeside)],
  files: found.registry.map(({ path, pid, startTicks }) => ({ path, pid, startTicks })),
  threadDatabases: found.threadDatabases,
  threadIndexes: found.threadIndexes,
  opencodeLogs: [...new Set([...(found.opencodeLog === null ? [] : [found.opencodeLog]), ...runs.logs])],
  opencodePids: runs.pids,
  opencodeSinceMs: runs.sinceMs,
  runOwners: runs.owners,
  codex,
})

/** An OpenCode writes its first line some seconds after its start. */
const FIRST_LINE_MS = 30_000

/** Other OpenCodes run than were asked about, or one of them had not written anything yet. */
export const wantsRuns = (watch: Watch, pids: string, nowMs: number): boolean =>
  watch.opencodePids !== pids ||
  (pids !== '' &&
    nowMs - watch.opencodeSinceMs < FIRST_LINE_MS &&
    Object.keys(watch.runOwners).length < pids.split(' ').length)

const readText = async (ctx: CollectContext, path: string, maxBytes: number, offset = 0): Promise<string | null> => {
  const answer = await ctx.readRange({ path, offset, maxBytes })
  return answer.is === 'bytes' ? decodeUtf8(answer.bytes) : null
}

/**
 * One registry file read in process. Its process lives while `/proc/<pid>` is there; the start time was compared at the
 * last listing, and a process that took over the pid since then rewrites the directory, which forces a listing.
 */
export async function readRegistryFile(
  ctx: CollectContext,
  file: WatchedFile,
  stats: readonly FileStat[],
): Promise<RegistryFile | null> {
  const alive = stats.find((stat) => stat.path === `/proc/${file.pid}`)?.is === 'dir'
  if (!alive || file.startTicks === null) return null
  const json = await readText(ctx, file.path, 65_536)
  return json === null ? null : { ...file, json: parseObject(json) }
}

const LOG_TAIL_BYTES = 131_072

/** State lines of the log's end, the first and possibly cut line left out. */
export async function readLogTail(
  ctx: CollectContext,
  path: string,
  size: number,
  needles: readonly string[],
): Promise<readonly string[]> {
  const offset = Math.max(0, size - LOG_TAIL_BYTES)
  const text = (await readText(ctx, path, LOG_TAIL_BYTES, offset)) ?? ''
  const lines = text.split('\n').slice(offset === 0 ? 0 : 1, -1)
  return lines.filter((line) => needles.some((needle) => line.includes(needle)))
}
