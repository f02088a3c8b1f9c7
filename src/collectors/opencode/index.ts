import type { FileStat } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { Fault } from '../../core/faults.ts'
import type { CursorChange, Row, RowBatch } from '../../core/rows.ts'
import { readOpencodeRows } from '../agent-evidence/transcript-opencode.ts'
import type { Pricer } from '../prices/index.ts'
import { FactLedger } from '../transcripts/fact-ledger.ts'
import { priceOf, totalTokens, usageRow } from '../transcripts/ledger.ts'
import { type RepoOf, repoFinder } from '../transcripts/repo-of.ts'
import { sessionRow, sightingRow } from '../transcripts/rows.ts'
import type { UsageFact } from '../transcripts/source.ts'
import { cursorKey, type DbCursor, readCursor, stampOf } from './cursor.ts'
import { findDataDirs, PATHS_KEY } from './paths.ts'
import { COUNT_MESSAGES } from './query.ts'
import { type DatabaseLook, readDatabase } from './read-database.ts'

const CLI = 'opencode'

interface Found {
  readonly batches: readonly RowBatch[]
  readonly cursors: readonly CursorChange[]
  readonly fault?: Fault
  readonly detail?: string
}

const NOTHING: Found = { batches: [], cursors: [] }

/** Our price where the data knows the model, else the one the user gave OpenCode itself, else none. */
const priced = (fact: UsageFact, pricer: Pricer): UsageFact => {
  const { microusd, source } = priceOf(fact, pricer)
  return microusd === null ? fact : { ...fact, costMicrousd: microusd, priceSource: source }
}

const usageRows = (ctx: CollectContext, look: DatabaseLook, pricer: Pricer, repoOf: RepoOf): readonly Row[] => {
  const ledger = new FactLedger()
  for (const message of look.messages) if (message.usage !== null) ledger.add(message.usage)
  const facts = ledger.values().map((fact) => priced(fact, pricer))
  const unpriced = facts.filter((fact) => fact.costMicrousd === undefined)
  if (unpriced.length > 0) {
    const models = [...new Set(unpriced.map((fact) => `${fact.provider}/${fact.model ?? 'unknown'}`))]
    const tokens = unpriced.reduce((sum, fact) => sum + totalTokens(fact), 0)
    ctx.warn(
      'unpriced_model',
      `opencode: ${tokens} tokens of ${models.slice(0, 5).join(', ')} have no price`,
      `add [prices."${models[0]}"] to vc.toml`,
    )
  }
  return facts.map((fact) => usageRow(CLI, fact, repoOf))
}

const asDate = (value: unknown): Date | null => {
  if (value instanceof Date) return value
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value) : null
}

/** Rows of this look say nothing of what only older rows knew: that stays. */
const SILENT_KEEPS = ['provider', 'model', 'cwd', 'context_tokens', 'last_error'] as const

const mergeKnown = (row: Row, before: Row | undefined): Row => {
  if (before === undefined) return row
  const kept = SILENT_KEEPS.filter((name) => row[name] === null).map((name) => [name, before[name] ?? null])
  const errorAt = row.last_error === null ? { last_error_at: asDate(before.last_error_at) } : {}
  return { ...row, ...Object.fromEntries(kept), ...errorAt }
}

const knownSessions = async (ctx: CollectContext): Promise<ReadonlyMap<unknown, Row>> =>
  new Map((await ctx.known('agent_sessions')).filter((row) => row.cli === CLI).map((row) => [row.session_id, row]))

const sessionRows = async (
  ctx: CollectContext,
  path: string,
  look: DatabaseLook,
  repoOf: RepoOf,
): Promise<readonly Row[]> => {
  if (look.sessions.size === 0) return []
  const before = await knownSessions(ctx)
  // The database is shared by all sessions: its size is nobody's transcript size.
  const file = { machineId: ctx.machine.id, cli: CLI, path, bytes: 0, gone: false, now: ctx.startedAt, repoOf }
  return [...look.sessions.values()].map((fact) =>
    mergeKnown({ ...sessionRow(fact, file), transcript_bytes: null }, before.get(fact.sessionId)),
  )
}

const lookInto = async (ctx: CollectContext, path: string, cursor: DbCursor): Promise<Found> => {
  const look = await readDatabase(ctx, path, cursor, readOpencodeRows)
  if ('fault' in look) return { ...NOTHING, fault: look.fault, detail: `${path}: ${look.detail}` }
  if (look.unreadable > 0)
    ctx.warn(
      'unreadable_rows',
      `opencode: ${look.unreadable} message rows of ${path} could not be read and are not counted`,
      'run `opencode --version` there; a newer OpenCode may need a newer vc',
    )
  // The price data are megabytes: loaded where there is something to price.
  const { createPricer, parsePriceOverrides } = await import('../prices/index.ts')
  const pricer = createPricer({ overrides: parsePriceOverrides(ctx.options.prices) })
  const repoOf = repoFinder(await ctx.known('repos'))
  const usage = usageRows(ctx, look, pricer, repoOf)
  const batches: RowBatch[] = [
    { table: 'agent_usage', rows: usage },
    { table: 'agent_sessions', rows: await sessionRows(ctx, path, look, repoOf) },
    { table: 'prices', rows: pricer.pricesUsed(ctx.startedAt) },
  ]
  return { batches, cursors: [{ key: cursorKey(path), value: look.cursor }] }
}

/** The file vanished: what was read from it stays, and its sessions say so. */
const markGone = async (ctx: CollectContext, path: string): Promise<Found> => {
  const rows = [...(await knownSessions(ctx)).values()]
    .filter((row) => row.transcript_path === path && row.source_gone !== true)
    .map((row) => ({
      machine_id: ctx.machine.id,
      cli: CLI,
      session_id: row.session_id ?? null,
      source_gone: true,
      updated_at: ctx.startedAt,
    }))
  return { batches: [{ table: 'agent_sessions', rows }], cursors: [{ key: cursorKey(path), value: null }] }
}

const absent = async (ctx: CollectContext, dir: string, path: string, old: FileStat | undefined): Promise<Found> => {
  if (ctx.cursors.has(cursorKey(path))) return markGone(ctx, path)
  if (old?.is === 'dir')
    ctx.warn(
      'opencode_too_old',
      `${dir}/storage holds sessions of an OpenCode older than its SQLite storage; they are not read`,
      'start a current OpenCode once: it moves them into opencode.db',
    )
  return { ...NOTHING, detail: `no ${path}` }
}

const backfillProgress = async (ctx: CollectContext, path: string): Promise<void> => {
  const counted = await ctx.sqlite(path, COUNT_MESSAGES)
  const total = counted.is === 'rows' ? Number(counted.rows[0]?.messages) : Number.NaN
  if (Number.isFinite(total)) ctx.progress(0, total)
}

const collectDir = async (ctx: CollectContext, dir: string): Promise<Found> => {
  const path = `${dir}/opencode.db`
  // what older versions kept is asked about in the same breath: most machines have neither
  const [db, wal, old] = await ctx.stat([path, `${path}-wal`, `${dir}/storage/message`])
  if (db === undefined || db.is === 'missing') return absent(ctx, dir, path, old)
  if (db.is === 'denied') return { ...NOTHING, fault: 'exit_code', detail: `${path}: permission denied` }
  if (db.is !== 'file') return { ...NOTHING, fault: 'bad_output', detail: `${path} is a ${db.is}, not a file` }
  const saved = readCursor(ctx.cursors.get(cursorKey(path)))
  // Another inode is another database: read from its beginning.
  const before = saved.inode === '' || saved.inode === db.inode ? saved : readCursor(null)
  const stamp = stampOf(wal === undefined ? [db] : [db, wal])
  const changed = stamp !== before.stamp
  if (!changed && !before.behind && !before.restless) return NOTHING
  if (before.updatedMs < 0) await backfillProgress(ctx, path)
  const found = await lookInto(ctx, path, before)
  const cursors = found.cursors.map(({ key, value }) => ({
    key,
    value: { ...(value as DbCursor), stamp, inode: db.inode, restless: changed },
  }))
  return { ...found, cursors }
}

/** All sightings of all databases: the table's picture is replaced as a whole. */
const sightingBatch = (ctx: CollectContext, changes: readonly CursorChange[]): readonly RowBatch[] => {
  if (changes.every((change) => change.key === PATHS_KEY)) return []
  const cursors = new Map([...ctx.cursors, ...changes.map(({ key, value }) => [key, value] as const)])
  const rows = [...cursors]
    .filter(([key, value]) => key !== PATHS_KEY && value !== null)
    .flatMap(([, value]) => readCursor(value).sightings)
    .map(({ session, sighting }) => sightingRow(CLI, session, sighting))
  return [{ table: 'agent_sightings', rows }]
}

const collect = async (ctx: CollectContext): Promise<CollectResult> => {
  const found = await findDataDirs(ctx)
  if ('fault' in found) return { batches: [], fault: found.fault, detail: found.detail }
  const looks = await Promise.all(found.dirs.map((dir) => collectDir(ctx, dir)))
  const cursors = looks.flatMap((look) => look.cursors)
  const learned = found.learned === null ? [] : [{ key: PATHS_KEY, value: found.learned }]
  const failed = looks.find((look) => look.fault !== undefined)
  const details = looks.map((look) => look.detail).filter((detail) => detail !== undefined)
  return {
    batches: [...looks.flatMap((look) => look.batches), ...sightingBatch(ctx, cursors)].filter(
      (batch) => batch.rows.length > 0 || batch.table === 'agent_sightings',
    ),
    cursors: [...cursors, ...learned],
    fault: failed?.fault ?? null,
    detail: details.length === 0 ? null : details.join('; '),
    partial: failed !== undefined && looks.some((look) => look.fault === undefined),
  }
}

export const opencode = defineCollector({
  name: CLI,
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['agent_usage', 'agent_sessions', 'agent_sightings', 'prices'],
  interval: { localS: 30, remoteS: 30 },
  timeoutMs: 25_000,
  needs: [],
  tested: { opencode: '1.18.33' },
  reads: {
    files: ['opencode.db (session, message, part), read-only', '/proc/PID/environ of OpenCodes, XDG_DATA_HOME alone'],
  },
  about: 'OpenCode sessions, tokens and errors from its SQLite database, read-only, message text left where it is',
  collect,
})
