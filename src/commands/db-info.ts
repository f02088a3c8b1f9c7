import { stat } from 'node:fs/promises'
import { messageOf, VcError } from '../core/errors.ts'
import type { StoreCounts } from '../core/keeper.ts'
import { refusalOf } from '../core/refusal.ts'
import { shellWord } from '../core/shell-word.ts'
import { type BackupFile, listBackups } from '../store/backup-files.ts'
import { scanTables } from '../store/backup-tables.ts'
import { freeBytesAt } from '../store/space.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { requestText } from '../transport/socket-client.ts'
import { daemonPid, type StorePlaces, takeLock, wayBack } from './store-places.ts'

export interface DbInfo {
  readonly file: string
  readonly exists: boolean
  readonly bytes: number | null
  /** The write-ahead log; null when there is none, which is usual after a clean stop. */
  readonly walBytes: number | null
  readonly owner: { readonly pid: number } | null
  readonly schema: number | null
  readonly tables: StoreCounts['tables']
  /** Why the rows could not be counted; null when they were. */
  readonly trouble: { readonly message: string; readonly fix: string } | null
  readonly backups: readonly BackupFile[]
  readonly freeBytes: number | null
}

const sizeOf = async (path: string): Promise<number | null> => (await stat(path).catch(() => null))?.size ?? null

const fixOf = async (error: unknown, { dataDir, dbFile }: StorePlaces): Promise<string> => {
  const refusal = refusalOf(error, dbFile)
  if (refusal !== null) return refusal.fix
  if (!(error instanceof VcError)) return 'vc db check says more'
  return error.code === 'store_broken' ? wayBack(dataDir) : error.fix || 'vc db check says more'
}

/** Counts through the owner where there is one, else by a child on the file itself. */
const counts = async (places: StorePlaces, owned: boolean): Promise<StoreCounts> => {
  if (owned) {
    const { text } = await requestText(places.socketFile, { method: 'GET', path: '/v1/db' })
    return JSON.parse(text) as StoreCounts
  }
  const lock = await takeLock(places)
  try {
    const scan = await scanTables(openJobRunner(), places.dbFile, { deep: false })
    return { schema: scan.schema, tables: scan.tables.map(({ table, rows }) => ({ table, rows: rows ?? 0 })) }
  } finally {
    await lock.release()
  }
}

/** Everything about the file; a file that does not open is described all the same. */
export const dbInfo = async (places: StorePlaces): Promise<DbInfo> => {
  const pid = await daemonPid(places)
  const bytes = await sizeOf(places.dbFile)
  let found: StoreCounts = { schema: null, tables: [] }
  let trouble: DbInfo['trouble'] = null
  try {
    if (bytes) found = await counts(places, pid !== null)
  } catch (error) {
    trouble = { message: messageOf(error), fix: await fixOf(error, places) }
  }
  const backups = await listBackups(places.dataDir)
  if (!bytes && backups[0] !== undefined)
    trouble = {
      message: `there is no database at ${places.dbFile}, but there are backups of one`,
      fix: `bring back the newest: vc db restore ${shellWord(backups[0].path)}`,
    }
  return {
    file: places.dbFile,
    exists: bytes !== null,
    bytes,
    walBytes: await sizeOf(`${places.dbFile}.wal`),
    owner: pid === null ? null : { pid },
    ...found,
    trouble,
    backups,
    freeBytes: await freeBytesAt(places.dataDir).catch(() => null),
  }
}
