import type { CollectContext, CollectResult } from '../../core/collector.ts'
import type { CursorChange } from '../../core/rows.ts'
import { type AsJson, fromJson } from './as-json.ts'
import { type Companions, readCompanions } from './companion.ts'
import { cursorsOf, LIST_KEY } from './cursor.ts'
import type { Listing } from './homes.ts'
import { listPayload, numberOption } from './options.ts'
import { outcomeResult } from './outcome.ts'
import { factsOf } from './pack.ts'
import { type Plan, planFiles, shardTasks } from './plan.ts'
import { repoFinder } from './repo-of.ts'
import type { PackedOutcome, ScanJobPayload } from './scan.ts'
import type { ScanOutcome, TranscriptSource } from './source.ts'
import type { TickOutcome } from './tick-outcome.ts'

// Bytes of one run; what is over waits for the next tick, so that a huge first backfill still commits as it goes.
const LOCAL_BUDGET_BYTES = 2 * 1024 ** 3
const SHARD_BYTES = 48 * 1024 ** 2
// Below this one worker is faster than two.
const SMALL_BYTES = 4 * 1024 ** 2

export interface TranscriptJob {
  readonly source: TranscriptSource
  /** Module that exports `run = scanJob(source)`. */
  readonly job: URL
  /** True for who still changes rows of its usage: they come as objects then, not in columns. */
  readonly inRows?: boolean
}

/** Collects one kind of transcripts on one machine: lists, reads what is new, returns rows and cursors. */
export const collectTranscripts = async (ctx: CollectContext, kind: TranscriptJob): Promise<CollectResult> => {
  if (ctx.machine.local) return collectLocal(ctx, kind)
  // It parses and prices here, not in a worker: who has no other machine need not load that.
  const { collectRemote } = await import('./remote.ts')
  return collectRemote(ctx, kind.source)
}

const work = <Result>(ctx: CollectContext, job: URL, payload: ScanJobPayload): Promise<Result> =>
  ctx.work<Result>(job, payload)

const collectLocal = async (ctx: CollectContext, kind: TranscriptJob): Promise<CollectResult> => {
  const listing = await listLocal(ctx, kind.job)
  const cursors = cursorsOf(ctx.cursors)
  const companions = await readCompanions(ctx, kind.source, listing, (path) =>
    work<Record<string, unknown> | null>(ctx, kind.job, { do: 'companion', path }),
  )
  const budgetBytes = numberOption(ctx.options.backfill_bytes, LOCAL_BUDGET_BYTES)
  const plan = planFiles(listing.files, cursors, { complete: true, budgetBytes })
  const scans = await scanShards(ctx, kind, plan, companions)
  const tick: TickOutcome = {
    scans,
    cursors,
    vanished: plan.vanished,
    moved: plan.moved,
    companions,
    refused: listing.refused,
    missing: listing.missing,
    extraCursors: backlog(plan),
    repoOf: repoFinder(await ctx.known('repos')),
  }
  const bytesRead = scans.reduce((sum, scan) => sum + scan.bytesRead, 0)
  return { ...outcomeResult(ctx, kind.source, tick), bytesRead }
}

const NOTHING: Listing = { files: [], homes: [], companions: [], refused: {}, missing: [] }

/** Where there was no home at the last look, by the cursors of its source: who looks again and again keeps those. */
const nowhere = new WeakMap<ReadonlyMap<string, unknown>, readonly string[]>()

// A thread that is asked every half minute never ends: 30 MB of memory, to hear that a CLI nobody uses is not there.
const listLocal = async (ctx: CollectContext, job: URL): Promise<Listing> => {
  const places = nowhere.get(ctx.cursors)
  if (places !== undefined && (await ctx.stat(places)).every(({ is }) => is === 'missing')) return NOTHING
  const listing = fromJson(await work<AsJson<Listing>>(ctx, job, listPayload(ctx.options)))
  if (listing.nowhere?.every((place) => place.startsWith('/'))) nowhere.set(ctx.cursors, listing.nowhere)
  else nowhere.delete(ctx.cursors)
  return listing
}

const backlog = (plan: Plan): readonly CursorChange[] =>
  plan.tasks.length === 0 ? [] : [{ key: LIST_KEY, value: { bytesLeft: plan.bytesLeft } }]

const scanShards = async (
  ctx: CollectContext,
  kind: TranscriptJob,
  plan: Plan,
  companions: Companions,
): Promise<readonly ScanOutcome[]> => {
  const shards = shardTasks(plan.tasks, plan.bytesToRead < SMALL_BYTES ? SMALL_BYTES : shardSize(plan.bytesToRead))
  const total = plan.bytesToRead + plan.bytesLeft
  const backfill = total > SHARD_BYTES
  let done = 0
  return Promise.all(
    shards.map(async (tasks) => {
      const packed = await work<PackedOutcome>(ctx, kind.job, {
        do: 'scan',
        tasks,
        accounts: companions.accounts,
        elsewhere: companions.elsewhere,
        machineId: ctx.machine.id,
        nowMs: ctx.startedAt.getTime(),
        prices: ctx.options.prices ?? null,
      })
      const files = fromJson(packed.files)
      const outcome: ScanOutcome = kind.inRows
        ? { ...packed, files, usage: packed.usage.flatMap(factsOf) }
        : { ...packed, files, usage: [], columns: packed.usage }
      done += outcome.bytesRead
      if (backfill) ctx.progress(done, total)
      return outcome
    }),
  )
}

// At least two shards, so that both workers have something to do.
const shardSize = (bytes: number): number => Math.min(SHARD_BYTES, Math.ceil(bytes / 2))
