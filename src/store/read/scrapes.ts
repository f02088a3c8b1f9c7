import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import type { At } from './history.ts'
import { noHistory } from './history.ts'
import type { CursorRow } from './rows/scrapes.ts'
import { LatestScrapeRow, ScrapeRow } from './rows/scrapes.ts'

const WINDOW_MS = 30 * 86_400_000

/** How each source of each machine fares: the last run, the last good one, and how many failed since. */
export const latestScrapes = async (
  db: Db,
  question: At & { readonly machineId?: string | undefined } = {},
): Promise<LatestScrapeRow[]> => {
  const from = question.at ? await scrapesAt(db, question.at) : 'latest_scrapes'
  const sql = `SELECT ${names(Object.keys(LatestScrapeRow.shape))} FROM ${from}
     WHERE $machine IS NULL OR machine_id = $machine ORDER BY machine_id, source`
  const params = { machine: question.machineId ?? null }
  if (question.at || !db.current) return db.rows<LatestScrapeRow>(sql, params)
  return db.current<LatestScrapeRow>(['scrapes'], sql, params)
}

const scrapesAt = async (db: Db, at: Date): Promise<string> => {
  const [row] = await db.rows<{ began: string | null }>('SELECT min(collected_at) AS began FROM scrapes')
  const began = row?.began ?? null
  if (began === null) throw noHistory('scrapes', 'nothing has been collected yet')
  if (at.getTime() < Date.parse(began)) throw noHistory('scrapes', `what is remembered begins at ${began}`)
  const bounds = `collected_at BETWEEN ${time(at.getTime() - WINDOW_MS)} AND ${time(at)}`
  return `(SELECT s.*, max(collected_at) FILTER (up) OVER pair AS last_ok_at,
       count(*) FILTER (NOT up AND collected_at > coalesce(ok.ok_at, TIMESTAMP '1970-01-01')) OVER pair AS consecutive_failures
     FROM (SELECT * FROM scrapes WHERE ${bounds}) AS s
     LEFT JOIN (SELECT machine_id AS m, source AS o, max(collected_at) AS ok_at FROM scrapes WHERE ${bounds} AND up GROUP BY 1, 2) AS ok
       ON s.machine_id = ok.m AND s.source = ok.o
     WINDOW pair AS (PARTITION BY machine_id, source)
     QUALIFY row_number() OVER (PARTITION BY machine_id, source ORDER BY collected_at DESC) = 1)`
}

/** Runs of one source of one machine, newest first. */
export const scrapesHistory = (
  db: Db,
  question: {
    readonly machineId?: string | undefined
    readonly source?: string | undefined
    readonly since: Date
    readonly until?: Date | undefined
    readonly limit?: number
  },
): Promise<ScrapeRow[]> => {
  const until = question.until ? `AND collected_at <= ${time(question.until)}` : ''
  return db.rows<ScrapeRow>(
    `SELECT ${names(Object.keys(ScrapeRow.shape))} FROM scrapes WHERE collected_at >= ${time(question.since)} ${until}
       AND ($machine IS NULL OR machine_id = $machine) AND ($source IS NULL OR source = $source)
     ORDER BY collected_at DESC, machine_id, source LIMIT ${Math.trunc(question.limit ?? 1000)}`,
    { machine: question.machineId ?? null, source: question.source ?? null },
  )
}

/** Cursors of one collector on one machine, by key. */
export const cursorsOf = async (db: Db, machineId: string, source: string): Promise<ReadonlyMap<string, unknown>> => {
  const rows = await db.rows<Pick<CursorRow, 'cursor_key' | 'value_json'>>(
    'SELECT cursor_key, value_json FROM cursors WHERE machine_id = $machine AND source = $source',
    { machine: machineId, source },
  )
  return new Map(rows.map((row) => [row.cursor_key, JSON.parse(row.value_json) as unknown]))
}
