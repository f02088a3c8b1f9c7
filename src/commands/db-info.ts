import { stat } from 'node:fs/promises'
import type { BegunAnew } from '../core/carrier.ts'
import { messageOf, VcError } from '../core/errors.ts'
import type { StoreCounts } from '../core/keeper.ts'
import { refusalOf } from '../core/refusal.ts'
import { type BackupFile, listBackups } from '../store/backup-files.ts'
import { scanTables } from '../store/backup-tables.ts'
import { begunAnew } from '../store/begun-anew.ts'
import { freeBytesAt } from '../store/space.ts'
import { wayBackOfShut } from '../store/way-back.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { requestText } from '../transport/socket-client.ts'
import { daemonPid, requireFile, type StorePlaces, takeLock } from './store-places.ts'

export interface DbInfo {
  readonly file: string
  readonly exists: boolean
  readonly bytes: number | null
  /** The write-ahead log; null when there is none, which is usual after a clean stop. */
  readonly walBytes: number | null
  readonly owner: { readonly pid: number } | null
  readonly schema: number | null
  readonly tables: StoreCounts['tables']
  /** Why the rows could not be counted, or the file not be used by this vc; null when all is well. */
  readonly trouble: { readonly message: string; readonly fix: string } | null
  /** The file took the place of one that backups remember. */
  readonly begunAnew: BegunAnew | null
  readonly backups: readonly BackupFile[]
  readonly freeBytes: number | null
}

const sizeOf = async (path: string): Promise<number | null> => (await stat(path).catch(() => null))?.size ?? null

const fixOf = async (error: unknown, { dataDir, dbFile }: StorePlaces): Promise<string> => {
  const refusal = refusalOf(error, dbFile)
  if (refusal !== null) return refusal.fix
  if (!(error instanceof VcError)) return 'vc db check says more'
  if (error.code !== 'store_broken') return error.fix || 'vc db check says more'
  return wayBackOfShut(error.message, { dataDir, dbPath: dbFile })
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
    const { schema, begunAt } = scan
    return { schema, begunAt, tables: scan.tables.map(({ table, rows }) => ({ table, rows: rows ?? 0 })) }
  } finally {
    await lock.release()
  }
}

/** A file that a newer vc has brought forward can be counted, but this one will not open it. */
const troubleOfNewer = async ({ schema }: StoreCounts, owned: boolean): Promise<DbInfo['trouble']> => {
  if (owned || schema === null) return null
  const { MIGRATIONS_DIR, readMigrations } = await import('../store/index.ts')
  const known = (await readMigrations(MIGRATIONS_DIR)).length
  if (schema <= known) return null
  return {
    message: `the file has schema ${schema}, which a newer vc made; this vc knows ${known}`,
    fix: 'install that vc: vc status names it, and the newest backup of before',
  }
}

/** Everything about the file; a file that does not open is described all the same. */
export const dbInfo = async (places: StorePlaces): Promise<DbInfo> => {
  const pid = await daemonPid(places)
  const owned = pid !== null
  const bytes = await sizeOf(places.dbFile)
  const walBytes = await sizeOf(`${places.dbFile}.wal`)
  const backups = await listBackups(places.dataDir)
  let found: StoreCounts = { schema: null, begunAt: null, tables: [] }
  let trouble: DbInfo['trouble'] = null
  const neverWas = !bytes && walBytes === null && backups.length === 0
  try {
    if (!neverWas && !(owned && bytes)) await requireFile(places)
    if (bytes) found = await counts(places, owned)
    trouble = await troubleOfNewer(found, owned)
  } catch (error) {
    trouble = { message: messageOf(error), fix: await fixOf(error, places) }
  }
  const begunAt = found.begunAt === null ? null : new Date(found.begunAt)
  return {
    file: places.dbFile,
    exists: bytes !== null,
    bytes,
    walBytes,
    owner: pid === null ? null : { pid },
    schema: found.schema,
    tables: found.tables,
    trouble,
    begunAnew: await begunAnew({ dataDir: places.dataDir, begunAt }),
    backups,
    freeBytes: await freeBytesAt(places.dataDir).catch(() => null),
  }
}
