import { messageOf, VcError } from '../core/errors.ts'
import type { Snapshot } from '../core/keeper.ts'
import { refusalOf } from '../core/refusal.ts'
import { type FileScan, scanTables, type TableScan } from '../store/backup-tables.ts'
import { wayBackOfShut, wayBackOfTables } from '../store/way-back.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { requestText } from '../transport/socket-client.ts'
import { fileNamed } from './file-named.ts'
import { daemonPid, requireFile, type StorePlaces, takeLock } from './store-places.ts'

export interface CheckReport extends FileScan {
  /** What was read: the live file, a copy the daemon made (which read the file's every block that is in use), or a file. */
  readonly checked: 'live' | 'snapshot' | 'file'
  readonly path: string
  readonly broken: readonly TableScan[]
  /** What to do about it; null when all is well. */
  readonly fix: string | null
}

/** Reads every block of every table in a child, and names the tables that do not read. */
export const checkStore = async (
  places: StorePlaces,
  file: string | undefined,
  onTable: (scan: TableScan) => void,
): Promise<CheckReport> => {
  if (file !== undefined) return checkFile(file, onTable)
  if ((await daemonPid(places)) !== null) return checkSnapshot(places, onTable)
  await requireFile(places)
  const lock = await takeLock(places)
  try {
    return await scan('live', places.dbFile, onTable, waysBack(places))
  } finally {
    await lock.release()
  }
}

interface WaysBack {
  /** Where some tables do not read. */
  ofTables(): Promise<string>
  /** Where the file does not open, by what the engine says. */
  ofShut(why: string): Promise<string>
}

const waysBack = ({ dataDir, dbFile }: StorePlaces): WaysBack => ({
  ofTables: () => wayBackOfTables(dataDir),
  ofShut: (why) => wayBackOfShut(why, { dataDir, dbPath: dbFile }),
})

const checkFile = async (file: string, onTable: (scan: TableScan) => void): Promise<CheckReport> => {
  const fix = async (): Promise<string> => 'use another backup: vc db info lists them'
  return scan('file', await fileNamed(file), onTable, { ofTables: fix, ofShut: fix })
}

// Nobody but the daemon may open the live file; its copy has read every block, and fails when one is bad.
const checkSnapshot = async (places: StorePlaces, onTable: (scan: TableScan) => void): Promise<CheckReport> => {
  const request = { method: 'POST', path: '/v1/sql/snapshot', timeoutMs: 600_000 } as const
  const text = await requestText(places.socketFile, request).catch((error: unknown) => {
    if (error instanceof VcError && error.code === 'disk_full') throw error
    throw new VcError(
      'store_broken',
      `the daemon could not copy its file: ${messageOf(error)}`,
      'vc daemon stop, then vc db check names the table',
      { cause: error },
    )
  })
  const { path } = JSON.parse(text.text) as Snapshot
  return scan('snapshot', path, onTable, waysBack(places))
}

const scan = async (
  checked: CheckReport['checked'],
  path: string,
  onTable: (scan: TableScan) => void,
  fix: WaysBack,
): Promise<CheckReport> => {
  try {
    const found = await scanTables(openJobRunner(), path, { deep: true, onTable })
    const broken = found.tables.filter((table) => table.broken !== null)
    return { ...found, checked, path, broken, fix: broken.length > 0 ? await fix.ofTables() : null }
  } catch (error) {
    if (!(error instanceof VcError) || error.code !== 'store_broken') throw error
    const refusal = refusalOf(error, path)
    if (refusal !== null) throw refusal
    throw new VcError('store_broken', `${path} does not open: ${error.message}`, await fix.ofShut(error.message), {
      cause: error,
    })
  }
}
