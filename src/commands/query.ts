import type { Snapshot } from '../core/keeper.ts'
// By file: this process needs no database library, its child does.
import { refuseText } from '../store/guard-text.ts'
import { QUERY_LIMITS, type QueryEnd, type QueryLimits, type QuerySink, runQuery } from '../store/query-run.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { NoDaemon, pingMs, requestText } from '../transport/socket-client.ts'
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

export const openQuerySource = async (places: StorePlaces): Promise<QuerySource> => {
  try {
    await requestText(places.socketFile, { method: 'GET', path: '/v1/ping', timeoutMs: pingMs() })
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error
    await requireFile(places)
    const lock = await takeLock(places)
    return { kind: 'live', dbPath: places.dbFile, ageS: 0, release: () => lock.release() }
  }
  const { text } = await requestText(places.socketFile, {
    method: 'POST',
    path: '/v1/sql/snapshot',
    timeoutMs: SNAPSHOT_WAIT_MS,
  })
  const snapshot = JSON.parse(text) as Snapshot
  return { kind: 'snapshot', dbPath: snapshot.path, ageS: snapshot.ageS, release: async () => undefined }
}

/** Asks one question; the text is looked at before anything is opened or copied for it. */
export const askSql = async (
  places: StorePlaces,
  sql: string,
  limits: Partial<QueryLimits>,
  sink: QuerySink,
): Promise<QueryEnd & { readonly source: QuerySource }> => {
  refuseText(sql)
  const source = await openQuerySource(places)
  try {
    const end = await runQuery(
      openJobRunner(),
      { dbPath: source.dbPath, sql, limits: { ...QUERY_LIMITS, ...limits } },
      sink,
    )
    return { ...end, source }
  } finally {
    await source.release()
  }
}
