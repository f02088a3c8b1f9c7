import type { DuckDBValue } from '@duckdb/node-api'
import { redact } from '../../core/redact.ts'
import type { Warning } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import type { Admitted } from '../admit.ts'
import type { Catalog, Table } from '../catalog.ts'
import { stamp } from '../cells.ts'
import { names, text, time } from '../sql.ts'
import { fill, stageTypes } from '../stage.ts'
import type { Wave } from './wave.ts'

/** What `latest_scrapes` holds of a machine and source before this wave. Times in ms. */
export interface Previous {
  readonly lookedAt: number
  readonly lastOkAt: number | null
  readonly failures: number
}

const pairKey = (machineId: string, source: string): string => `${machineId}\u0001${source}`

export const readPrevious = async (
  connection: Wave['connection'],
  runs: readonly Admitted[],
): Promise<readonly (Previous | null)[]> => {
  const pairs = runs.map(({ run }) => `(${text(run.machineId)}, ${text(run.collector)})`).join(', ')
  const rows = await connection.runAndReadAll(
    `SELECT machine_id, source, epoch_ms(collected_at), epoch_ms(last_ok_at), consecutive_failures
     FROM latest_scrapes WHERE (machine_id, source) IN (${pairs})`,
  )
  const found = new Map<string, Previous>()
  for (const [machine, source, lookedAt, okAt, failures] of rows.getRows()) {
    found.set(pairKey(String(machine), String(source)), {
      lookedAt: Number(lookedAt),
      lastOkAt: okAt === null ? null : Number(okAt),
      failures: Number(failures),
    })
  }
  return runs.map(({ run }) => found.get(pairKey(run.machineId, run.collector)) ?? null)
}

const DETAIL_CHARS = 500
/** More than this says nothing new. */
const WARNINGS = 50

const safeWarning = ({ code, message, fix }: Warning): Warning => ({
  code: displayText(code),
  message: displayText(redact(message), DETAIL_CHARS),
  fix: displayText(redact(fix), DETAIL_CHARS),
})

const scrapeRow = (admitted: Admitted, previous: Previous | null): Readonly<Record<string, DuckDBValue>> => {
  const { run } = admitted
  const at = run.startedAt.getTime()
  const okAt = run.up ? at : (previous?.lastOkAt ?? null)
  return {
    collected_at: stamp(at),
    machine_id: run.machineId,
    source: run.collector,
    source_version: run.sourceVersion,
    schema_version: run.schemaVersion,
    up: run.up,
    fault: run.fault,
    detail: run.detail === null ? null : displayText(redact(run.detail), DETAIL_CHARS),
    partial: run.partial,
    duration_ms: Math.round(run.durationMs),
    bytes: BigInt(Math.round(run.bytes)),
    rows: run.batches.reduce((sum, batch) => sum + batch.rows.length, 0),
    cpu_ms: Math.round(run.cpuMs),
    warnings_json: run.warnings.length === 0 ? null : JSON.stringify(run.warnings.slice(0, WARNINGS).map(safeWarning)),
    last_ok_at: okAt === null ? null : stamp(okAt),
    consecutive_failures: run.up ? 0 : (previous?.failures ?? 0) + 1,
  }
}

/** One `scrapes` row per run, and the newest of each machine and source. The same run again changes nothing. */
export const writeScrapes = async (
  wave: Wave,
  catalog: Catalog,
  previous: readonly (Previous | null)[],
): Promise<void> => {
  const indexes = wave.runs.flatMap((admitted, index) => (admitted.scrape ? [index] : []))
  if (indexes.length === 0) return
  const latest = catalog.get('latest_scrapes') as Table
  const rows = indexes.map((index) => scrapeRow(wave.runs[index] as Admitted, previous[index] ?? null))
  const columns = latest.columns.map((column) => rows.map((row) => row[column.name] ?? null))
  const meta = [indexes, indexes.map((_, seq) => seq), indexes.map(() => true), indexes.map(() => null)]
  await fill(wave.connection, 'stage_latest_scrapes', stageTypes(latest), [...meta, ...columns])
  const times = indexes.map((index) => wave.runs[index]?.run.startedAt.getTime() ?? 0)
  await insertScrapes(wave, catalog.get('scrapes') as Table, Math.min(...times), Math.max(...times))
  await upsertLatest(wave, latest)
}

const insertScrapes = async (wave: Wave, table: Table, low: number, high: number): Promise<void> => {
  const columns = table.columns.map((column) => column.name)
  await wave.connection.run(
    `INSERT INTO scrapes (${names(columns)}) SELECT ${names(columns, 's')} FROM
     (FROM stage_latest_scrapes QUALIFY row_number() OVER (PARTITION BY machine_id, source, collected_at ORDER BY _seq) = 1) AS s
     ANTI JOIN (SELECT machine_id, source, collected_at FROM scrapes WHERE collected_at BETWEEN ${time(low)} AND ${time(high)}) AS t
     ON s.machine_id = t.machine_id AND s.source = t.source AND s.collected_at = t.collected_at`,
  )
}

const upsertLatest = async (wave: Wave, latest: Table): Promise<void> => {
  const all = latest.columns.map((column) => column.name)
  const rest = all.filter((name) => !latest.primaryKey.includes(name))
  await wave.connection.run(
    `INSERT INTO latest_scrapes (${names(all)}) SELECT ${names(all)} FROM stage_latest_scrapes
     QUALIFY row_number() OVER (PARTITION BY machine_id, source ORDER BY collected_at DESC) = 1
     ON CONFLICT DO UPDATE SET ${rest.map((name) => `"${name}" = excluded."${name}"`).join(', ')}
     WHERE excluded.collected_at > latest_scrapes.collected_at`,
  )
}

/** Cursors commit with the rows they stand for. */
export const writeCursors = async (wave: Wave, catalog: Catalog): Promise<void> => {
  const changes = wave.runs.flatMap(({ run, cursors }) =>
    [...new Map(cursors.map((change) => [change.key, change])).values()].map((change) => ({ run, ...change })),
  )
  if (changes.length === 0) return
  const table = catalog.get('cursors') as Table
  await fill(wave.connection, 'stage_cursors', stageTypes(table), [
    changes.map(() => 0),
    changes.map((_, seq) => seq),
    changes.map(({ json }) => json !== null),
    changes.map(() => null),
    changes.map(({ run }) => run.machineId),
    changes.map(({ run }) => run.collector),
    changes.map(({ key }) => key),
    changes.map(({ json }) => json),
    changes.map(({ run }) => stamp(run.startedAt.getTime())),
  ])
  if (changes.some(({ json }) => json === null)) {
    await wave.connection.run(
      `DELETE FROM cursors AS c USING stage_cursors AS s WHERE NOT s._mark
       AND c.machine_id = s.machine_id AND c.source = s.source AND c.cursor_key = s.cursor_key`,
    )
  }
  const columns = names(table.columns.map((column) => column.name))
  await wave.connection.run(
    `INSERT INTO cursors (${columns}) SELECT ${columns} FROM stage_cursors WHERE _mark
     ON CONFLICT DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at`,
  )
}
