// Runs one question of a user in a process of its own. Started by query-run.ts through a JobRunner, never imported.
import * as z from 'zod'
import { usageError, VcError } from '../core/errors.ts'
import { runChild, say, sayLine } from './child-line.ts'
import { toPlain, toSpelled } from './convert.ts'
import { guardStatement } from './guard.ts'
import { asQueryError } from './guard-errors.ts'
import { openGuarded } from './guard-open.ts'

const Task = z.object({
  dbPath: z.string(),
  sql: z.string(),
  memoryMb: z.number(),
  threads: z.number(),
  maxRows: z.number(),
  maxBytes: z.number(),
  notFinite: z.enum(['name', 'null']),
})

/** Fields without names are one and the same to the driver, which keeps the last of them. */
const refuseUnnamed = (names: readonly string[], types: readonly string[]): void => {
  const at = types.findIndex((type) => type.includes('STRUCT("" '))
  if (at === -1) return
  throw usageError(
    'query_unnamed',
    `column ${names[at]} holds a row whose fields have no names, which no format could tell apart`,
    "name them: {'a': …, 'b': …} instead of row(…, …), or ask for each as a column",
  )
}

await runChild(async (given) => {
  const task = Task.parse(given)
  const convert = task.notFinite === 'null' ? toPlain : toSpelled
  const db = await openGuarded(task.dbPath, task)
  const prepared = await guardStatement(db.connection, task.sql)
  try {
    const result = await prepared.stream()
    const names = result.deduplicatedColumnNames()
    const types = result.columnTypes().map(String)
    refuseUnnamed(names, types)
    await say({ columns: names.map((name, at) => ({ name, type: types[at] })) })
    let rows = 0
    let bytes = 0
    // The fourth layer: rows leave as they come, until one of the two caps.
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return await say({ done: { rows, bytes, truncated: null } })
      for (const row of chunk.getRows()) {
        if (rows >= task.maxRows) return await say({ done: { rows, bytes, truncated: 'rows' } })
        const line = JSON.stringify({ row: row.map(convert) })
        bytes += Buffer.byteLength(line)
        if (bytes > task.maxBytes) return await say({ done: { rows, bytes, truncated: 'bytes' } })
        await sayLine(line)
        rows += 1
      }
    }
  } catch (error) {
    throw error instanceof VcError ? error : asQueryError(error, task.sql)
  }
})
