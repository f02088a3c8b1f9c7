import type { Db } from '../db.ts'
import { text } from '../sql.ts'
import type { CursorRow } from './rows/scrapes.ts'

type Row = Pick<CursorRow, 'machine_id' | 'source' | 'cursor_key' | 'value_json'>

interface Gathering {
  /** Asked for, by machine. */
  readonly sources: Map<string, Set<string>>
  readonly rows: Promise<ReadonlyMap<string, readonly Row[]>>
}

const open = new WeakMap<Db['rows'], Gathering>()
const lastAsked = new WeakMap<Db['rows'], Promise<unknown>>()

const pair = (machineId: string, source: string): string => `${machineId}\u0000${source}`

const read = async (db: Db, sources: Gathering['sources']): Promise<ReadonlyMap<string, readonly Row[]>> => {
  const asked = [...sources].map(
    ([machineId, mine]) => `(machine_id = ${text(machineId)} AND source IN (${[...mine].map(text).join(', ')}))`,
  )
  const rows = await db.rows<Row>(
    `SELECT machine_id, source, cursor_key, value_json FROM cursors WHERE ${asked.join(' OR ')}`,
  )
  return Map.groupBy(rows, (row) => pair(row.machine_id, row.source))
}

const gather = (db: Db): Gathering => {
  const sources: Gathering['sources'] = new Map()
  const turn = new Promise((resolve) => setImmediate(resolve))
  const rows = Promise.allSettled([turn, lastAsked.get(db.rows)]).then(() => {
    open.delete(db.rows)
    return read(db, sources)
  })
  const gathering = { sources, rows }
  open.set(db.rows, gathering)
  lastAsked.set(db.rows, rows)
  return gathering
}

/**
 * Cursors of one collector on one machine, by key. Whoever asks in one turn of the event loop, or while the question before is
 * being answered, shares a question: a start asks for those of each source on each machine.
 */
export const cursorsOf = async (db: Db, machineId: string, source: string): Promise<ReadonlyMap<string, unknown>> => {
  const { sources, rows } = open.get(db.rows) ?? gather(db)
  sources.set(machineId, (sources.get(machineId) ?? new Set()).add(source))
  const mine = (await rows).get(pair(machineId, source)) ?? []
  return new Map(mine.map((row) => [row.cursor_key, JSON.parse(row.value_json) as unknown]))
}

/** One cursor of a source on all machines, by machine. */
export const cursorEverywhere = async (db: Db, source: string, key: string): Promise<ReadonlyMap<string, unknown>> => {
  const rows = await db.rows<Row>(
    'SELECT machine_id, value_json FROM cursors WHERE source = $source AND cursor_key = $key',
    {
      source,
      key,
    },
  )
  return new Map(rows.map((row) => [row.machine_id, JSON.parse(row.value_json) as unknown]))
}
