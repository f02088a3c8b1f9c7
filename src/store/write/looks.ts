import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'

export type ScrapeRow = Readonly<Record<string, DuckDBValue>>

/** What `latest_scrapes` holds of a machine and source before a wave. Times in ms. */
export interface Previous {
  readonly lookedAt: number
  readonly lastOkAt: number | null
  readonly failures: number
  /** The whole row, when this process wrote it. */
  readonly row: ScrapeRow | null
}

const known = new WeakMap<DuckDBConnection, Map<string, Previous | null>>()

/**
 * By `keyText` of machine and source; null where no look was ever stored, as of what vc itself judges. Only the writer
 * connection adds scrapes, so what it wrote is what is there.
 */
export const looksOf = (connection: DuckDBConnection): Map<string, Previous | null> => {
  const looks = known.get(connection) ?? new Map<string, Previous | null>()
  known.set(connection, looks)
  return looks
}

/**
 * How far ahead of now something may lie and still count as the newest. Further ahead was seen while the clock here was
 * wrong: as the newest it would keep what is seen now out of every picture until that time has come.
 */
export const AHEAD_MS = 60_000

/** After a commit that failed nothing is known any more. */
export const forgetLooks = (connection: DuckDBConnection): void => void known.delete(connection)
