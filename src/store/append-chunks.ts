import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { DuckDBDataChunk } from '@duckdb/node-api'

export const CHUNK_ROWS = 2048
/** Other work of the process must get its turn during a backfill. */
export const CHUNKS_PER_TURN = 4
export const ROWS_PER_TURN = CHUNK_ROWS * CHUNKS_PER_TURN

/** Appends whole columns to a table, chunk by chunk; a stage lives in the catalogue `temp`. */
export const appendChunks = async (
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  columns: readonly (readonly DuckDBValue[])[],
  catalog: 'temp' | null = 'temp',
): Promise<void> => {
  const count = columns[0]?.length ?? 0
  if (count === 0) return
  const appender = await connection.createAppender(table, null, catalog)
  try {
    for (let from = 0, chunks = 1; from < count; from += CHUNK_ROWS, chunks++) {
      const to = Math.min(from + CHUNK_ROWS, count)
      const chunk = DuckDBDataChunk.create(types, to - from)
      chunk.setColumns(columns.map((column) => (from === 0 && to === count ? column : column.slice(from, to))))
      appender.appendDataChunk(chunk)
      if (chunks % CHUNKS_PER_TURN === 0) await setImmediate()
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}
