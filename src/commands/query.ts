import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { VcError } from '../core/errors.ts'
import type { Snapshot } from '../core/keeper.ts'
import { refusalOf } from '../core/refusal.ts'
// By file: this process needs no database library, its child does.
import { refuseText } from '../store/guard-text.ts'
import { QUERY_LIMITS, type QueryEnd, type QueryLimits, type QuerySink, runQuery } from '../store/query-run.ts'
import { movedOutQuestion } from '../store/query-tables.ts'
import { wayBackOfShut, wayBackOfTables } from '../store/way-back.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { NoDaemon, pingMs, requestText } from '../transport/socket-client.ts'
import { refuseStopped, storeHolder } from './store-holder.ts'
import { requireFile, type StorePlaces, takeLock } from './store-places.ts'

export { TABLES_QUESTION } from '../store/query-tables.ts'

/** The database a question is asked of: the live file while nobody writes, else a copy the daemon made. */
export interface QuerySource {
  readonly kind: 'live' | 'snapshot'
  readonly dbPath: string
  /** How long ago a snapshot was made; 0 for the live file. */
  readonly ageS: number
  release(): Promise<void>
}

// Copying takes about a second per 100 MB.
const SNAPSHOT_WAIT_MS = 600_000

// Another question may have the file for as long as one may take.
const TURN_WAIT_MS = QUERY_LIMITS.wallMs + 5_000

const askSnapshot = async (places: StorePlaces): Promise<QuerySource> => {
  await requestText(places.socketFile, { method: 'GET', path: '/v1/ping', timeoutMs: pingMs() })
  const { text } = await requestText(places.socketFile, {
    method: 'POST',
    path: '/v1/sql/snapshot',
    timeoutMs: SNAPSHOT_WAIT_MS,
  })
  const snapshot = JSON.parse(text) as Snapshot
  return { kind: 'snapshot', dbPath: snapshot.path, ageS: snapshot.ageS, release: async () => undefined }
}

/** The copy of a running daemon, else the file itself once no other command has it. */
export const openQuerySource = async (places: StorePlaces, waitMs = TURN_WAIT_MS): Promise<QuerySource> => {
  const until = performance.now() + waitMs
  await refuseStopped(places.dataDir)
  for (let told = false; ; ) {
    try {
      // Whoever has the file may be a daemon that starts: it is asked again each time.
      return await askSnapshot(places)
    } catch (error) {
      if (!(error instanceof NoDaemon)) throw error
    }
    try {
      await requireFile(places)
      const lock = await takeLock(places)
      return { kind: 'live', dbPath: places.dbFile, ageS: 0, release: () => lock.release() }
    } catch (error) {
      const taken = error instanceof VcError && error.code === 'store_locked'
      if (!taken || performance.now() > until) throw error
      const pid: number | null = told ? null : await storeHolder(places.dataDir)
      if (pid !== null) places.onWait?.(pid)
      told ||= pid !== null
    }
  }
}

/** A table whose days up to this one lie in the archive alone. */
export interface MovedOut {
  readonly table: string
  readonly untilDay: string
}

// SQL of one's own reads the file: it must not take what was moved out of it for what never was. Only who keeps an archive
// of a table that is named pays for a second question.
const movedOut = async (places: StorePlaces, dbPath: string, sql: string): Promise<readonly MovedOut[]> => {
  const archived = await readdir(join(places.dataDir, 'archive')).catch(() => [])
  const named = archived.filter((name) => /^[a-z0-9_]+$/.test(name) && new RegExp(`\\b${name}\\b`, 'i').test(sql))
  if (named.length === 0) return []
  const found: MovedOut[] = []
  const question = { dbPath, sql: movedOutQuestion(named), limits: QUERY_LIMITS }
  const sink: QuerySink = {
    columns: () => undefined,
    row: ([table, untilDay]) => void found.push({ table: String(table), untilDay: String(untilDay) }),
  }
  await runQuery(openJobRunner(), question, sink)
  return found
}

const brokenError = async (error: VcError, { dbPath }: QuerySource, { dataDir }: StorePlaces): Promise<VcError> => {
  const refusal = refusalOf(error, dbPath)
  if (refusal !== null) return refusal
  const shut = error.code === 'store_broken'
  const fix = shut ? await wayBackOfShut(error.message, { dataDir, dbPath }) : await wayBackOfTables(dataDir)
  const says = `${dbPath} does not ${shut ? 'open' : 'read'}: ${error.message}`
  return new VcError('store_broken', says, fix, { cause: error })
}

/** Asks one question; the text is looked at before anything is opened or copied for it. */
export const askSql = async (
  places: StorePlaces,
  sql: string,
  limits: Partial<QueryLimits>,
  sink: QuerySink,
): Promise<QueryEnd & { readonly source: QuerySource; readonly movedOut: readonly MovedOut[] }> => {
  refuseText(sql)
  const source = await openQuerySource(places)
  try {
    const end = await runQuery(
      openJobRunner(),
      { dbPath: source.dbPath, sql, limits: { ...QUERY_LIMITS, ...limits } },
      sink,
    )
    return { ...end, source, movedOut: await movedOut(places, source.dbPath, sql) }
  } catch (error) {
    const broken = error instanceof VcError && ['store_broken', 'table_broken'].includes(error.code)
    throw broken ? await brokenError(error, source, places) : error
  } finally {
    await source.release()
  }
}
