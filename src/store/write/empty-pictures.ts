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

const words = new WeakMap<DuckDBConnection, Map<string, Map<string, string>>>()

/** By machine and source: a digest of the rows that this latest table holds of it, where the writer connection wrote them. */
export const pictureDigests = (connection: DuckDBConnection, latest: string): Map<string, string> => {
  const tables = words.get(connection) ?? new Map<string, Map<string, string>>()
  words.set(connection, tables)
  const digests = tables.get(latest) ?? new Map<string, string>()
  tables.set(latest, digests)
  return digests
}

/** After a commit that failed nothing is known any more; without a table nothing of all tables. */
export const forgetPictures = (connection: DuckDBConnection, latest?: string): void => {
  for (const memory of [known, words]) {
    if (latest === undefined) memory.delete(connection)
    else memory.get(connection)?.delete(latest)
  }
}
