import { setImmediate } from 'node:timers/promises'
import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { DuckDBDataChunk } from '@duckdb/node-api'

export const CHUNK_ROWS = 2048
/** Other work of the process must get its turn during a backfill. */
export const CHUNKS_PER_TURN = 4
export const ROWS_PER_TURN = CHUNK_ROWS * CHUNKS_PER_TURN

/** Appends whole columns to a table, or the same to several, chunk by chunk; a stage lives in the catalogue `temp`. */
export const appendChunks = async (
  connection: DuckDBConnection,
  tables: string | readonly string[],
  types: readonly DuckDBType[],
  columns: readonly (readonly DuckDBValue[])[],
  catalog: 'temp' | null = 'temp',
): Promise<void> => {
  const count = columns[0]?.length ?? 0
  if (count === 0) return
  const appenders: DuckDBAppender[] = []
  let flushed = false
  try {
    for (const table of [tables].flat()) appenders.push(await connection.createAppender(table, null, catalog))
    for (let from = 0, chunks = 1; from < count; from += CHUNK_ROWS, chunks++) {
      const to = Math.min(from + CHUNK_ROWS, count)
      const chunk = DuckDBDataChunk.create(types, to - from)
      chunk.setColumns(columns.map((column) => (from === 0 && to === count ? column : column.slice(from, to))))
      for (const appender of appenders) appender.appendDataChunk(chunk)
      if (chunks % CHUNKS_PER_TURN === 0) await setImmediate()
    }
    for (const appender of appenders) appender.flushSync()
    flushed = true
  } finally {
    for (const appender of appenders) {
      // What an appender still holds it writes when it is closed, whatever became of the others.
      if (!flushed) appender.clear()
      appender.closeSync()
    }
  }
}
