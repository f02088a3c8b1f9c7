import type { CollectContext, CollectResult } from '../../core/collector.ts'
import { type CursorChange, type Row, type RowBatch, rowCount } from '../../core/rows.ts'
import { type AccountObservation, identitiesOf, identityBatches } from '../accounts/index.ts'
import { FactLedger } from './fact-ledger.ts'
import { joinFacts } from './join-facts.ts'
import { type KeyIndex, keyIndexOf } from './key-index.ts'
import { genuineAccounts, usageRow } from './ledger.ts'
import { type FactColumns, packedKey } from './pack.ts'
import { sessionRow, sightingRow } from './rows.ts'
import type { AccountFact, FileCursor, ScanOutcome, TranscriptSource } from './source.ts'
import type { TickOutcome } from './tick-outcome.ts'
import { warnTroubles } from './trouble.ts'
import { usageColumns } from './usage-columns.ts'

const SIGHTING_MS = 48 * 3_600_000

/** Merges the scans of one tick: one row per message and per session, cursors beside them. */
export const outcomeResult = (ctx: CollectContext, source: TranscriptSource, planned: TickOutcome): CollectResult => {
  const files = new Map(planned.scans.flatMap((scan) => scan.files).map(({ path, cursor }) => [path, cursor]))
  const tick = withoutReused(planned, files)
  const { batch, momentOf } = usageOf(source, tick)
  warnTroubles(ctx, source, tick)
  const batches: RowBatch[] = [
    batch,
    { table: 'prices', rows: pricesOf(tick) },
    { table: 'agent_sessions', rows: sessionRows(ctx, source, files, tick) },
    { table: 'account_usage_snapshots', rows: accountRows(tick, momentOf, ctx.startedAt) },
    ...identityBatches(identitiesOf(tick.companions.observations), {
      by: source.name,
      machineId: ctx.machine.id,
      at: ctx.startedAt,
    }),
    ...sightingBatch(ctx, source, files, tick),
  ].filter((one) => rowCount(one) > 0 || one.table === 'agent_sightings')
  return { batches, cursors: cursorChanges(files, tick) }
}

/** A deleted file's inode goes to the next that is created: only where its session goes on was the file moved. */
const withoutReused = (tick: TickOutcome, files: ReadonlyMap<string, FileCursor>): TickOutcome => {
  const isReused = ([from, to]: readonly [string, string]): boolean => {
    const now = files.get(to)
    return now !== undefined && now.session?.sessionId !== tick.cursors.get(from)?.session?.sessionId
  }
  const reused = new Map([...tick.moved].filter(isReused))
  if (reused.size === 0) return tick
  const moved = new Map([...tick.moved].filter(([from]) => !reused.has(from)))
  return { ...tick, moved, vanished: [...tick.vanished, ...reused.keys()] }
}

const mergeLedgers = (scans: readonly ScanOutcome[]): FactLedger => {
  const ledger = new FactLedger()
  for (const scan of scans) for (const fact of scan.usage) ledger.add(fact)
  return ledger
}

/** Each price once: every scan names all it applied. */
const pricesOf = (tick: TickOutcome): readonly Row[] => {
  const prices = new Map<string, Row>()
  for (const row of tick.scans.flatMap((scan) => scan.prices))
    prices.set(JSON.stringify([row.price_source, row.provider, row.model, row.valid_from]), row)
  return [...prices.values()]
}

type MomentOf = (responseKey: string) => number | undefined

/** The usage of all scans, each message once, and when a response was first reported. */
const usageOf = (source: TranscriptSource, tick: TickOutcome): { batch: RowBatch; momentOf: MomentOf } => {
  const columns = tick.scans.flatMap((scan) => scan.columns ?? [])
  if (columns.length === 0) {
    const ledger = mergeLedgers(tick.scans)
    const rows = ledger.values().map((fact) => usageRow(source.name, fact, tick.repoOf))
    return { batch: { table: 'agent_usage', rows }, momentOf: (key) => ledger.get(key)?.tsMs }
  }
  const facts = joinFacts(columns)
  const packed = usageColumns(source.name, facts, tick.repoOf)
  return { batch: { table: 'agent_usage', rows: [], packed }, momentOf: momentsOf(facts) }
}

const momentsOf = (facts: FactColumns): MomentOf => {
  let index: KeyIndex | null = null
  return (key) => {
    index ??= keyIndexOf(facts)
    return facts.numbers[0]?.[index.find(packedKey(key))]
  }
}

const seriesOf = (one: AccountObservation): string =>
  [one.provider, one.account_key, one.limit_id, one.window_name, one.observed_source].join('\u0001')

/** What is written while a look is under way is later than its beginning. */
const SLACK_MS = 60_000

/**
 * Nothing was seen after it was read. What a clock that was ahead dates later would stay the newest until that time came, over
 * everything that is seen in between; of several such the last one counts, as of now.
 */
const notAhead = (all: readonly AccountObservation[], now: Date): readonly AccountObservation[] => {
  const isAhead = (one: AccountObservation): boolean => one.observed_at.getTime() > now.getTime() + SLACK_MS
  const ahead = new Map<string, AccountObservation>()
  for (const one of all) {
    const before = ahead.get(seriesOf(one))
    if (isAhead(one) && (before === undefined || one.observed_at >= before.observed_at)) ahead.set(seriesOf(one), one)
  }
  if (ahead.size === 0) return all
  const late = [...ahead.values()].map((one) => ({ ...one, observed_at: now }))
  return [...all.filter((one) => !isAhead(one)), ...late]
}

const accountRows = (tick: TickOutcome, momentOf: MomentOf, now: Date): readonly Row[] => {
  const facts: readonly AccountFact[] = tick.scans.flatMap((scan) => scan.accounts)
  const seen = [...tick.companions.observations, ...genuineAccounts(facts, momentOf).map((fact) => fact.observation)]
  return notAhead(seen, now).map((observation): Row => ({ ...observation }))
}

const sessionRows = (
  ctx: CollectContext,
  source: TranscriptSource,
  files: ReadonlyMap<string, FileCursor>,
  tick: TickOutcome,
): readonly Row[] => {
  const newest = new Map<string, { path: string; cursor: FileCursor; gone: boolean }>()
  const offer = (path: string, cursor: FileCursor, gone: boolean): void => {
    if (cursor.session === null) return
    const other = newest.get(cursor.session.sessionId)
    const later = (cursor.session.lastActivityMs ?? 0) >= (other?.cursor.session?.lastActivityMs ?? 0)
    if (other === undefined || other.gone || (later && !gone))
      newest.set(cursor.session.sessionId, { path, cursor, gone })
  }
  const alive = tick.vanished.length === 0 ? NONE : liveSessions(files, tick)
  for (const path of tick.vanished) {
    const cursor = tick.cursors.get(path)
    // A copy of the session may live on in another file.
    if (cursor?.session && !alive.has(cursor.session.sessionId)) offer(path, cursor, true)
  }
  for (const [path, cursor] of files) offer(path, cursor, false)
  return [...newest.values()].map(({ path, cursor, gone }) =>
    sessionRow(cursor.session as NonNullable<FileCursor['session']>, {
      machineId: ctx.machine.id,
      cli: source.name,
      path,
      bytes: cursor.size,
      gone,
      now: ctx.startedAt,
      repoOf: tick.repoOf,
    }),
  )
}

const NONE: ReadonlySet<string> = new Set()

const liveSessions = (files: ReadonlyMap<string, FileCursor>, tick: TickOutcome): ReadonlySet<string> => {
  const gone = new Set(tick.vanished)
  const cursors = [...tick.cursors].filter(([path]) => !gone.has(path)).map(([, cursor]) => cursor)
  return new Set(
    [...cursors, ...files.values()].flatMap(({ session }) => (session === null ? [] : [session.sessionId])),
  )
}

/** The whole present picture, because a state table forgets what is not in it; nothing when nothing moved. */
const sightingBatch = (
  ctx: CollectContext,
  source: TranscriptSource,
  files: ReadonlyMap<string, FileCursor>,
  tick: TickOutcome,
): readonly RowBatch[] => {
  if (source.readTail === null || (files.size === 0 && tick.vanished.length === 0)) return []
  const since = ctx.startedAt.getTime() - SIGHTING_MS
  const rows = new Map<string, { row: Row; at: number }>()
  const gone = new Set([...tick.vanished, ...tick.moved.keys()])
  for (const [path, cursor] of new Map([...tick.cursors, ...files])) {
    const { session, sighting } = cursor
    if (gone.has(path) || session === null || sighting === null || cursor.mtimeMs < since) continue
    const at = new Date(sighting.asOf).getTime()
    const other = rows.get(session.sessionId)
    if (other === undefined || at >= other.at)
      rows.set(session.sessionId, { row: sightingRow(source.name, session, sighting), at })
  }
  return [{ table: 'agent_sightings', rows: [...rows.values()].map(({ row }) => row) }]
}

const cursorChanges = (files: ReadonlyMap<string, FileCursor>, tick: TickOutcome): readonly CursorChange[] => [
  ...[...files].map(([key, value]) => ({ key, value })),
  ...[...tick.vanished, ...tick.moved.keys()].map((key) => ({ key, value: null })),
  ...tick.companions.changes,
  ...tick.extraCursors,
]
