import type { Answer } from '../../core/ask.ts'
import type { CollectContext, CollectResult } from '../../core/collector.ts'
import { displayText } from '../../core/text.ts'
import { createPricer, parsePriceOverrides } from '../prices/index.ts'
import { type Companions, readCompanions } from './companion.ts'
import { cursorsOf, LIST_KEY } from './cursor.ts'
import { parseJson } from './json-cut.ts'
import { priceFacts } from './ledger.ts'
import { homeOptions, numberOption } from './options.ts'
import { outcomeResult } from './outcome.ts'
import { type FileTask, type Plan, planFiles } from './plan.ts'
import { parseRemoteCompanion, remoteCompanionScript } from './remote-companion.ts'
import { parseRemoteList, remoteListScript } from './remote-list.ts'
import { parseRemoteTail, type RemoteFile, remoteTailArgs, remoteTailScript } from './remote-tail.ts'
import { repoFinder } from './repo-of.ts'
import { EVIDENCE_MS, FactSink } from './scan.ts'
import type { FileCursor, ScanOutcome, TranscriptSource } from './source.ts'

// Raw bytes a machine reads per tick: a first backfill is spread over ticks and never holds a machine up.
const BUDGET_BYTES = 32 * 1024 ** 2
const FILE_BYTES = 32 * 1024 ** 2
const MAX_FILES = 400
const LIST_BYTES = 8 * 1024 ** 2
const TAIL_BYTES = 16 * 1024 ** 2
const FULL_LIST_MS = 3_600_000
/** All is listed so often while a file is named that a person has to mend. */
const MENDING_LIST_MS = 300_000
const HEAD_BYTES = 256

interface ListCursor {
  /** Start of the last listing and of the last complete one, vc's clock. */
  readonly atMs: number
  readonly fullMs: number
  readonly bytesLeft: number
  /** Bytes read since the backfill began. */
  readonly bytesDone: number
  /** Files that may or can not be read there, with the trouble of each; asked for again with the next hourly listing. */
  readonly refused?: Readonly<Record<string, string>>
}

/** So many are remembered; a machine with more of them is asked for the rest at each tick. */
const MOST_REFUSED = 1_000

const listCursorOf = (value: unknown): ListCursor | null => {
  const cursor = value as ListCursor | null | undefined
  return typeof cursor?.atMs === 'number' && typeof cursor.fullMs === 'number' ? cursor : null
}

const faulty = (answer: Answer): CollectResult | null => {
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  if (answer.exitCode === 0) return null
  const said = displayText(Buffer.from(answer.stderr).toString('utf8'), 200)
  return { batches: [], fault: 'exit_code', detail: `exit ${answer.exitCode}: ${said}` }
}

/** Asks what changed, then for the new bytes of those files, cut down on the machine itself. */
export const collectRemote = async (ctx: CollectContext, source: TranscriptSource): Promise<CollectResult> => {
  const nowMs = ctx.startedAt.getTime()
  const last = listCursorOf(ctx.cursors.get(LIST_KEY))
  const hourly = last === null || nowMs - last.fullMs >= FULL_LIST_MS
  const cursors = cursorsOf(ctx.cursors)
  // A file that is mended may keep its time, and one that was moved away is in no list of what changed.
  const mending =
    [...cursors.values()].some(({ utf16 }) => utf16 === true) && Object.keys(last?.refused ?? {}).length === 0
  const complete = hourly || last.bytesLeft > 0 || (mending && nowMs - last.fullMs >= MENDING_LIST_MS)
  const { homes, otherUsers } = homeOptions(ctx.options)
  const minutes = complete ? '' : String(Math.ceil((nowMs - last.atMs) / 60_000) + 2)
  const list = await ctx.run({
    script: remoteListScript(source),
    args: [minutes, otherUsers ? '1' : '0', ...homes],
    maxBytes: LIST_BYTES,
  })
  const bad = faulty(list)
  if (bad !== null) return bad
  const listing = parseRemoteList(list.stdout)
  if (!listing.whole) return { batches: [], fault: 'truncated', detail: 'the listing of transcripts was cut' }
  const companions = await readCompanions(ctx, source, listing, (path) => pickRemote(ctx, source, path))
  const budgetBytes = numberOption(ctx.options.remote_bytes_per_tick, BUDGET_BYTES)
  const refusedBefore = hourly ? {} : (last.refused ?? {})
  const plan = planFiles(listing.files, cursors, { complete, budgetBytes, skip: new Set(Object.keys(refusedBefore)) })
  const tasks = plan.tasks.slice(0, MAX_FILES)
  const tail = await tailRemote(ctx, source, tasks, companions, budgetBytes)
  if ('fault' in tail) return tail.fault
  const bytesLeft = leftOver(plan, tasks, tail.outcome, tail.refused)
  const bytesDone = (last?.bytesDone ?? 0) + tail.outcome.bytesRead
  if (bytesLeft > 0 || (last?.bytesLeft ?? 0) > 0) ctx.progress(bytesDone, bytesDone + bytesLeft)
  const fullMs = hourly || (complete && Object.keys(refusedBefore).length === 0) ? nowMs : last.fullMs
  const refused = Object.fromEntries(Object.entries({ ...refusedBefore, ...tail.refused }).slice(0, MOST_REFUSED))
  const value: ListCursor = { atMs: nowMs, fullMs, bytesLeft, bytesDone: bytesLeft > 0 ? bytesDone : 0, refused }
  const result = outcomeResult(ctx, source, {
    scans: [tail.outcome, { ...EMPTY, trouble: counted(Object.values(refusedBefore)) }],
    cursors,
    vanished: plan.vanished,
    moved: plan.moved,
    companions,
    refused: listing.refused,
    missing: listing.missing,
    extraCursors: [{ key: LIST_KEY, value }],
    repoOf: repoFinder(await ctx.known('repos')),
  })
  return { ...result, partial: !tail.whole }
}

const pickRemote = async (
  ctx: CollectContext,
  source: TranscriptSource,
  path: string,
): Promise<Record<string, unknown> | null> => {
  if (source.companion === undefined) return null
  const script = `# vc:ask ${source.name}.companion${remoteCompanionScript(source.companion)}`
  const answer = await ctx.run({ script, args: [path], maxBytes: 1024 * 1024 })
  return answer.fault === null && answer.exitCode === 0 ? parseRemoteCompanion(answer.stdout, source.companion) : null
}

const counted = (kinds: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Bytes that are known to wait: unplanned files, files beyond the limit, and files read in part; none that are refused. */
const leftOver = (
  plan: Plan,
  tasks: readonly FileTask[],
  outcome: ScanOutcome,
  refused: Readonly<Record<string, string>>,
): number => {
  const done = new Map(outcome.files.map(({ path, cursor }) => [path, cursor]))
  const partly = tasks.reduce((sum, { entry }) => {
    if (refused[entry.path] !== undefined) return sum
    const cursor = done.get(entry.path)
    return sum + (cursor === undefined ? entry.size : cursor.size < entry.size ? entry.size - cursor.size : 0)
  }, 0)
  const unasked = plan.tasks.slice(tasks.length).reduce((sum, { entry }) => sum + entry.size, 0)
  return plan.bytesLeft + partly + unasked
}

interface Tail {
  readonly outcome: ScanOutcome
  readonly whole: boolean
  readonly refused: Readonly<Record<string, string>>
}

type TailAnswer = Tail | { readonly fault: CollectResult }

const EMPTY: ScanOutcome = { usage: [], accounts: [], files: [], prices: [], bytesRead: 0, trouble: {} }

const tailRemote = async (
  ctx: CollectContext,
  source: TranscriptSource,
  tasks: readonly FileTask[],
  companions: Companions,
  budgetBytes: number,
): Promise<TailAnswer> => {
  if (tasks.length === 0) return { outcome: EMPTY, whole: true, refused: {} }
  const evidenceSinceMs = ctx.startedAt.getTime() - EVIDENCE_MS
  const needed = tasks.reduce((sum, { cursor }) => sum + (cursor?.needs ?? 0), 0)
  const limits = { budgetBytes: budgetBytes + needed, fileBytes: FILE_BYTES, evidenceSinceMs }
  const args = remoteTailArgs(tasks, limits)
  const answer = await ctx.run({ script: remoteTailScript(source), args, maxBytes: TAIL_BYTES, slow: true })
  // Whole files of a cut answer are kept; their cursors say exactly how far they go.
  const bad = answer.fault === 'truncated' ? null : faulty(answer)
  if (bad !== null) return { fault: bad }
  const tail = parseRemoteTail(answer.stdout)
  if (tail === null) return { fault: { batches: [], fault: 'bad_output', detail: 'no transcript frame in the answer' } }
  return {
    outcome: readAnswer(ctx, source, tasks, companions, tail.files),
    whole: tail.whole,
    refused: refusedOf(tasks, tail.files),
  }
}

const REFUSALS = { denied: 'unreadable_denied', nozstd: 'zstd_not_available' } as const

const refusedOf = (tasks: readonly FileTask[], files: readonly RemoteFile[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    files.flatMap(({ index, is }) => {
      const path = tasks[index]?.entry.path
      return path !== undefined && (is === 'denied' || is === 'nozstd') ? [[path, REFUSALS[is]]] : []
    }),
  )

const readAnswer = (
  ctx: CollectContext,
  source: TranscriptSource,
  tasks: readonly FileTask[],
  companions: Companions,
  files: readonly RemoteFile[],
): ScanOutcome => {
  const sink = new FactSink()
  const read: { path: string; cursor: FileCursor }[] = []
  let bytesRead = 0
  for (const file of files) {
    const task = tasks[file.index]
    if (task === undefined || file.is === 'later' || file.is === 'missing') continue
    if (file.is === 'denied' || file.is === 'nozstd') sink.trouble(REFUSALS[file.is])
    if (file.is === 'large') sink.trouble('file_too_large')
    // What cannot be read at all is not asked for again before it changes.
    const unread = file.is === 'large' || file.is === 'utf16'
    if (!unread && (file.is !== 'ok' || file.end === null)) continue
    bytesRead += file.want
    read.push({ path: task.entry.path, cursor: readFile(ctx, source, task, companions, file, sink) })
  }
  const pricer = createPricer({ overrides: parsePriceOverrides(ctx.options.prices) })
  const usage = priceFacts(sink.facts(), pricer)
  const prices = pricer.pricesUsed(ctx.startedAt)
  return { usage, accounts: sink.accounts, files: read, prices, bytesRead, trouble: sink.troubles }
}

const readFile = (
  ctx: CollectContext,
  source: TranscriptSource,
  task: FileTask,
  companions: Companions,
  file: RemoteFile,
  sink: FactSink,
): FileCursor => {
  const { path } = task.entry
  const resumed = file.start > 0 && task.cursor !== null
  const account = companions.accounts.find(({ home }) => path.startsWith(`${home}/`))?.account ?? null
  const elsewhere = companions.elsewhere.find((home) => path.startsWith(`${home}/`)) ?? null
  const facts = { path, mtimeMs: file.mtimeMs, fresh: !resumed, machineId: ctx.machine.id, account, elsewhere }
  const parser = source.parser(facts, resumed ? (task.cursor?.state ?? null) : null, sink)
  if (file.lines.length > 0) parser.feed(file.lines)
  const records = file.tail.map(parseJson).filter((record) => record !== undefined)
  parser.newest?.(records)
  // Read to their end or not at all: a position inside means nothing.
  const utf16 = file.is === 'utf16'
  const whole = utf16 || path.endsWith('.zst') || source.mode(path) === 'whole'
  const read = whole ? file.size : file.start + file.want
  // A line longer than one tick may carry is dropped, or the file would stand still for ever.
  const endless = !whole && file.end === file.start && file.want > 0
  const stuck = endless && file.want >= FILE_BYTES
  const needs = endless && !stuck && read < file.size ? { needs: Math.min(FILE_BYTES, file.want * 4) } : {}
  if (stuck) sink.trouble('line_too_long')
  const newest = records.length > 0 ? (source.readTail?.(records) ?? null) : null
  return {
    inode: file.inode,
    offset: whole ? file.size : stuck ? read : (file.end ?? file.start),
    size: Math.min(read, file.size),
    mtimeMs: file.mtimeMs,
    head: file.ends,
    headBytes: Math.min(HEAD_BYTES, whole ? 0 : file.readTo),
    readTo: file.readTo,
    state: parser.state(),
    session: parser.session(),
    sighting: newest ?? (resumed ? (task.cursor?.sighting ?? null) : null),
    ...needs,
    ...(utf16 ? { utf16 } : {}),
  }
}
