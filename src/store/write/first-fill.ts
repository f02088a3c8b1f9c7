import { type PackedRows, wordsIn } from '../../core/packed-rows.ts'
import type { Table } from '../catalog.ts'
import { names, text } from '../sql.ts'
import { type Unpacked, withUnpacked } from '../stage-packed.ts'
import { rollClis } from './rollups.ts'
import type { RunBlock, Wave } from './wave.ts'

/**
 * What a CLI's first look brings is not compared with all the others: packed rows of CLIs and providers that were never
 * stored go straight into the ledger, and their buckets are made of them alone. False, and nothing done, where something of
 * them is stored, or where a message is told twice: `writeLedger` is for these.
 */
export const fillFirst = async (wave: Wave, table: Table, blocks: readonly RunBlock[]): Promise<boolean> => {
  const [one] = blocks
  const packed = one?.block.packed
  if (one === undefined || packed === undefined || blocks.length > 1 || (await mayBeStored(wave, blocks))) return false
  const filled = await withUnpacked(wave.connection, table, packed, async (rows) => {
    if (await hasRepeats(wave, rows)) return false
    await wave.connection.run(
      `INSERT INTO ${table.name} (${names([...rows.values.keys()])}) SELECT ${[...rows.values.values()].join(', ')} FROM ${rows.from}`,
    )
    return true
  })
  if (!filled) return false
  wave.inserted[one.run] = (wave.inserted[one.run] ?? 0) + packed.count
  rollClis(wave.connection, listed(packed, 'cli'))
  return true
}

/** Whether rows of the CLIs or providers of these blocks are stored; of rows that are not packed nothing is known. */
export const mayBeStored = async ({ connection }: Wave, blocks: readonly RunBlock[]): Promise<boolean> => {
  const packed = blocks.flatMap(({ block }) => block.packed ?? [])
  if (packed.length < blocks.length) return true
  const who = (column: string): string =>
    `${column} IN (${[...new Set(packed.map((rows) => listed(rows, column)))].join(', ')})`
  const found = await connection.runAndReadAll(
    `SELECT 1 FROM agent_usage WHERE ${who('cli')} OR ${who('provider')} LIMIT 1`,
  )
  return found.getRows().length > 0
}

const listed = (packed: PackedRows, column: string): string =>
  wordsIn(packed, column)
    .map((word) => text(String(word)))
    .join(', ')

const hasRepeats = async ({ connection }: Wave, { values, from }: Unpacked): Promise<boolean> => {
  const key = ['provider', 'message_key'].map((column) => `${values.get(column)} AS ${column}`).join(', ')
  const found = await connection.runAndReadAll(
    `SELECT 1 FROM (SELECT ${key} FROM ${from}) GROUP BY provider, message_key HAVING count(*) > 1 LIMIT 1`,
  )
  return found.getRows().length > 0
}
