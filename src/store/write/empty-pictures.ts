import type { DuckDBConnection } from '@duckdb/node-api'

const known = new WeakMap<DuckDBConnection, Map<string, Set<string>>>()

/**
 * Machines and sources (as `keyText`) whose picture in this latest table is known to hold no row. Only the writer
 * connection writes pictures, so what it wrote tells what is there; whoever writes them another way forgets them here.
 */
export const emptyPictures = (connection: DuckDBConnection, latest: string): Set<string> => {
  const tables = known.get(connection) ?? new Map<string, Set<string>>()
  known.set(connection, tables)
  const pictures = tables.get(latest) ?? new Set<string>()
  tables.set(latest, pictures)
  return pictures
}

/** After a commit that failed nothing is known any more; without a table nothing of all tables. */
export const forgetPictures = (connection: DuckDBConnection, latest?: string): void => {
  if (latest === undefined) known.delete(connection)
  else known.get(connection)?.delete(latest)
}
