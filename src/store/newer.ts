import type { DuckDBConnection } from '@duckdb/node-api'
import { VcError } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import { listBackups } from './backup-files.ts'
import { isOfEarlier } from './begun-anew.ts'

/**
 * The refusal of a file that a newer vc has brought forward, with its place and the newest backup of before, which this vc reads;
 * every other error as it is.
 */
export const ofNewer = async (
  error: unknown,
  connection: DuckDBConnection,
  { known, dataDir, path }: { readonly known: number; readonly dataDir: string; readonly path: string },
): Promise<unknown> => {
  if (!(error instanceof VcError) || error.code !== 'store_newer') return error
  const found = await connection.runAndReadAll(
    `SELECT epoch_ms(min(applied_at)) FROM schema_migrations WHERE version > ${known}`,
  )
  const since = new Date(Number(found.getRows()[0]?.[0]))
  const backup = (await listBackups(dataDir)).find((one) => isOfEarlier(one, since))
  const orBack = backup ? `; or go back to the newest backup of before: vc db restore ${shellWord(backup.path)}` : ''
  return new VcError(error.code, `${path}: ${error.message}`, `${error.fix}${orBack}`, { cause: error })
}
