import type { DuckDBValue } from '@duckdb/node-api'
import { redact } from '../../core/redact.ts'
import { rowCount, type Warning } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import type { Admitted } from '../admit.ts'
import type { Catalog, Table } from '../catalog.ts'
import { keyText, msOf, stamp } from '../cells.ts'
import { asRead, keptPictures } from '../kept-pictures.ts'
import { literal, valuesText } from '../literals.ts'
import { names, text, time } from '../sql.ts'
import { appendColumns, fill, stageShape } from '../stage.ts'
import { AHEAD_MS, looksOf, type Previous, type ScrapeRow } from './looks.ts'
import type { Wave } from './wave.ts'

export const readPrevious = async (
  connection: Wave['connection'],
  runs: readonly Admitted[],
  nowMs: number,
): Promise<readonly (Previous | null)[]> => {
  const looks = looksOf(connection)
  const keys = runs.map(({ run }) => keyText([run.machineId, run.collector]))
  const unknown = runs.filter((_, index) => !looks.has(keys[index] as string))
  if (unknown.length > 0) await learn(connection, looks, unknown)
  const bound = nowMs + AHEAD_MS
  const wrong = runs.filter(
    ({ run }, index) =>
      run.startedAt.getTime() <= bound && (looks.get(keys[index] as string)?.lookedAt ?? bound) > bound,
  )
  if (wrong.length > 0) await learnBefore(connection, looks, wrong, bound)
  return keys.map((key) => looks.get(key) ?? null)
}

const learn = async (
  connection: Wave['connection'],
  looks: Map<string, Previous | null>,
  runs: readonly Admitted[],
): Promise<void> => {
  const pairs = runs.map(({ run }) => `(${text(run.machineId)}, ${text(run.collector)})`).join(', ')
  const rows = await connection.runAndReadAll(
    `SELECT machine_id, source, epoch_ms(collected_at), epoch_ms(last_ok_at), consecutive_failures
     FROM latest_scrapes WHERE (machine_id, source) IN (${pairs})`,
  )
  for (const { run } of runs) looks.set(keyText([run.machineId, run.collector]), null)
  note(looks, rows.getRows())
}

/** The clock was set back: what counts is the last look before now. What was seen ahead of it stays history. */
const learnBefore = async (
  connection: Wave['connection'],
  looks: Map<string, Previous | null>,
  runs: readonly Admitted[],
  bound: number,
): Promise<void> => {
  const pairs = runs.map(({ run }) => `(${text(run.machineId)}, ${text(run.collector)})`).join(', ')
  const rows = await connection.runAndReadAll(
    `SELECT machine_id, source, epoch_ms(max(collected_at)), epoch_ms(max(ok_at)),
       (count(*) FILTER (ok_at IS NULL OR collected_at > ok_at))::INTEGER
     FROM (SELECT machine_id, source, collected_at, max(CASE WHEN up THEN collected_at END) OVER (PARTITION BY machine_id, source) AS ok_at
       FROM scrapes WHERE collected_at BETWEEN ${time(bound - REMEMBER_MS)} AND ${time(bound)} AND (machine_id, source) IN (${pairs}))
     GROUP BY ALL`,
  )
  for (const { run } of runs) looks.delete(keyText([run.machineId, run.collector]))
  note(looks, rows.getRows())
}

const note = (looks: Map<string, Previous | null>, rows: readonly (readonly DuckDBValue[])[]): void => {
  for (const [machine, source, lookedAt, okAt, failures] of rows) {
    looks.set(keyText([String(machine), String(source)]), {
      lookedAt: Number(lookedAt),
      lastOkAt: okAt === null ? null : Number(okAt),
      failures: Number(failures),
      row: null,
    })
  }
}

/** What did not answer for longer is as good as never reached. */
const REMEMBER_MS = 7 * 86_400_000

const DETAIL_CHARS = 500
/** More than this says nothing new. */
const WARNINGS = 50

const safeWarning = ({ code, message, fix }: Warning): Warning => ({
  code: displayText(code),
  message: displayText(redact(message), DETAIL_CHARS),
  fix: displayText(redact(fix), DETAIL_CHARS),
})

const scrapeRow = (admitted: Admitted, previous: Previous | null): ScrapeRow => {
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
    rows: run.batches.reduce((sum, batch) => sum + rowCount(batch), 0),
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
  const scrapes = catalog.get('scrapes') as Table
  const rows = indexes.map((index) => scrapeRow(wave.runs[index] as Admitted, previous[index] ?? null))
  const times = indexes.map((index) => wave.runs[index]?.run.startedAt.getTime() ?? 0)
  if (indexes.every((index, at) => (times[at] as number) > (previous[index]?.lookedAt ?? Number.POSITIVE_INFINITY))) {
    // Each pair was looked at before this: no row can be there yet, and each has one to change.
    await appendScrapes(wave, scrapes, rows)
    const newest = newestOfPair(rows, times)
    await updateLatest(wave, latest, newest)
    keepLatest(wave, latest, newest)
  } else {
    await stageScrapes(wave, latest, rows)
    insertScrapes(wave, scrapes, Math.min(...times), Math.max(...times))
    upsertLatest(wave, latest, wave.nowMs + AHEAD_MS)
    keptPictures(wave.connection).lose(latest.name)
  }
  remember(wave, rows, times)
}

const remember = (wave: Wave, rows: readonly ScrapeRow[], times: readonly number[]): void => {
  const looks = looksOf(wave.connection)
  for (const [index, row] of rows.entries()) {
    const lookedAt = times[index] as number
    if (lookedAt <= (looks.get(rowKey(row))?.lookedAt ?? Number.NEGATIVE_INFINITY)) continue
    const lastOkAt = row.last_ok_at === null ? null : msOf(row.last_ok_at)
    looks.set(rowKey(row), { lookedAt, lastOkAt, failures: Number(row.consecutive_failures), row })
  }
}

const keepLatest = (wave: Wave, latest: Table, rows: readonly ScrapeRow[]): void => {
  for (const row of rows)
    keptPictures(wave.connection).replace(latest.name, rowKey(row), (columns) => [
      asRead(latest, columns, (name) => row[name]),
    ])
}

const rowKey = (row: ScrapeRow): string => keyText([row.machine_id, row.source])

const valuesOf = (table: Table, rows: readonly ScrapeRow[]): readonly DuckDBValue[][] =>
  table.columns.map((column) => rows.map((row) => row[column.name] ?? null))

const appendScrapes = async (wave: Wave, scrapes: Table, rows: readonly ScrapeRow[]): Promise<void> => {
  const once = new Map<string, ScrapeRow>()
  for (const row of rows) {
    const key = rowKey(row) + keyText([row.collected_at])
    if (!once.has(key)) once.set(key, row)
  }
  await appendColumns(wave.connection, scrapes, valuesOf(scrapes, [...once.values()]))
}

const newestOfPair = (rows: readonly ScrapeRow[], times: readonly number[]): readonly ScrapeRow[] => {
  const newest = new Map<string, { readonly at: number; readonly row: ScrapeRow }>()
  for (const [index, row] of rows.entries()) {
    const at = times[index] as number
    if (at > (newest.get(rowKey(row))?.at ?? Number.NEGATIVE_INFINITY)) newest.set(rowKey(row), { at, row })
  }
  return [...newest.values()].map(({ row }) => row)
}

/** Up to here a statement of its own for each row is cheaper than one over all. */
const FEW = 2

const updateLatest = async (wave: Wave, latest: Table, rows: readonly ScrapeRow[]): Promise<void> => {
  const rest = latest.columns.map(({ name }) => name).filter((name) => !latest.primaryKey.includes(name))
  const looks = looksOf(wave.connection)
  const updates = rows.length > FEW ? [] : rows.map((row) => updateText(rest, row, looks.get(rowKey(row))?.row ?? null))
  if (updates.length > 0 && !updates.includes(null)) {
    for (const update of updates) if (update !== null) wave.connection.say(update)
    return
  }
  const all = latest.columns.map(({ name }) => name)
  const values = valuesText(valuesOf(latest, rows))
  if (values === null) await stageScrapes(wave, latest, rows)
  const from = values === null ? 'stage_latest_scrapes AS s' : `(VALUES ${values}) AS s(${names(all)})`
  wave.connection.say(
    `UPDATE latest_scrapes AS l SET ${rest.map((name) => `"${name}" = s."${name}"`).join(', ')}
     FROM ${from} WHERE l.machine_id = s.machine_id AND l.source = s.source`,
  )
}

/** Sets what differs from the row before; null when SQL text cannot hold it. */
const updateText = (columns: readonly string[], row: ScrapeRow, before: ScrapeRow | null): string | null => {
  const changed = columns.filter((name) => before === null || keyText([row[name]]) !== keyText([before[name]]))
  const set: string[] = []
  for (const name of changed) {
    const value = literal(row[name] ?? null)
    if (value === null) return null
    set.push(`"${name}" = ${value}`)
  }
  const where = `machine_id = ${text(String(row.machine_id))} AND source = ${text(String(row.source))}`
  return `UPDATE latest_scrapes SET ${set.join(', ')} WHERE ${where}`
}

const stageScrapes = async (wave: Wave, latest: Table, rows: readonly ScrapeRow[]): Promise<void> => {
  const meta = [rows.map(() => 0), rows.map((_, seq) => seq), rows.map(() => true), rows.map(() => null)]
  await fill(wave.connection, stageShape(latest), [...meta, ...valuesOf(latest, rows)])
}

const insertScrapes = (wave: Wave, table: Table, low: number, high: number): void => {
  const columns = table.columns.map((column) => column.name)
  wave.connection.say(
    `INSERT INTO scrapes (${names(columns)}) SELECT ${names(columns, 's')} FROM
     (FROM stage_latest_scrapes QUALIFY row_number() OVER (PARTITION BY machine_id, source, collected_at ORDER BY _seq) = 1) AS s
     ANTI JOIN (SELECT machine_id, source, collected_at FROM scrapes WHERE collected_at BETWEEN ${time(low)} AND ${time(high)}) AS t
     ON s.machine_id = t.machine_id AND s.source = t.source AND s.collected_at = t.collected_at`,
  )
}

const upsertLatest = (wave: Wave, latest: Table, bound: number): void => {
  const all = latest.columns.map((column) => column.name)
  const rest = all.filter((name) => !latest.primaryKey.includes(name))
  wave.connection.say(
    `INSERT INTO latest_scrapes (${names(all)}) SELECT ${names(all)} FROM stage_latest_scrapes
     QUALIFY row_number() OVER (PARTITION BY machine_id, source ORDER BY collected_at DESC) = 1
     ON CONFLICT DO UPDATE SET ${rest.map((name) => `"${name}" = excluded."${name}"`).join(', ')}
     WHERE excluded.collected_at > latest_scrapes.collected_at
       OR (excluded.collected_at <= ${time(bound)} AND latest_scrapes.collected_at > ${time(bound)})`,
  )
}
