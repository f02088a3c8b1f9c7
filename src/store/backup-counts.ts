import type { StoreCounts } from '../core/keeper.ts'
import type { Store } from './store.ts'

/** Rows of every table, from the owner's own connection: the counts come from metadata and cost next to nothing. */
export const storeCounts = async (store: Pick<Store, 'db' | 'catalog' | 'begunAt'>): Promise<StoreCounts> => {
  const tables = [...store.catalog.keys()].sort()
  const parts = tables.map((table) => `SELECT '${table}' AS name, count(*) AS n FROM "${table}"`)
  const rows = await store.db.rows<{ name: string; n: number }>(parts.join(' UNION ALL '))
  const [schema] = await store.db.rows<{ version: number | null }>(
    'SELECT max(version) AS version FROM schema_migrations',
  )
  const counted = new Map(rows.map(({ name, n }) => [name, n]))
  return {
    schema: schema?.version ?? null,
    begunAt: store.begunAt?.toISOString() ?? null,
    tables: tables.map((table) => ({ table, rows: counted.get(table) ?? 0 })),
  }
}
