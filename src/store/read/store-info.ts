import { stat } from 'node:fs/promises'
import type { Catalog } from '../catalog.ts'
import type { Db } from '../db.ts'

export interface StoreInfo {
  readonly path: string
  /** By stat only: the owner must never open its own file a second time. Null: not there. */
  readonly file_bytes: number | null
  readonly wal_bytes: number | null
  readonly schema_version: number
  readonly migrated_by: string | null
  readonly tables: readonly { readonly table_name: string; readonly row_count: number }[]
}

const sizeOf = async (path: string): Promise<number | null> => {
  try {
    return (await stat(path)).size
  } catch {
    return null
  }
}

export const storeInfo = async (store: {
  readonly path: string
  readonly db: Db
  readonly catalog: Catalog
}): Promise<StoreInfo> => {
  // Exact counts: DuckDB answers count(*) of a table from its metadata.
  const counts = [...store.catalog.keys()].map(
    (name) => `SELECT '${name}' AS table_name, count(*) AS row_count FROM "${name}"`,
  )
  const tables = await store.db.rows<StoreInfo['tables'][number]>(`${counts.join(' UNION ALL ')} ORDER BY table_name`)
  const [schema] = await store.db.rows<{ version: number; program_version: string }>(
    'SELECT version, program_version FROM schema_migrations ORDER BY version DESC LIMIT 1',
  )
  return {
    path: store.path,
    file_bytes: await sizeOf(store.path),
    wal_bytes: await sizeOf(`${store.path}.wal`),
    schema_version: schema?.version ?? 0,
    migrated_by: schema?.program_version ?? null,
    tables,
  }
}
