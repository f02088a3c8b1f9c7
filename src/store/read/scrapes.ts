import { across } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, text, time } from '../sql.ts'
import type { At } from './history.ts'
import { refuseBeforeHistory } from './history.ts'
import { keptRows } from './kept.ts'
import { LatestScrapeRow } from './rows/scrapes.ts'

const WINDOW_MS = 30 * 86_400_000
/** Most sources ran, and ran well, within a day: only the others are looked for over the whole window. */
const NEAR_MS = 86_400_000

type Question = At & { readonly machineId?: string | undefined }

/** How each source of each machine fares: the last run, the last good one, and how many failed since. */
export const latestScrapes = async (db: Db, question: Question = {}): Promise<LatestScrapeRow[]> => {
  if (question.at) return scrapesAt(db, question.at, question.machineId)
  return keptRows(db, 'latest_scrapes', COLUMNS, question.machineId, ['machine_id', 'source'])
}

const COLUMNS = Object.keys(LatestScrapeRow.shape)
const pairOf = (row: { readonly machine_id: string; readonly source: string }): string =>
  `${row.machine_id}\u0001${row.source}`

const scrapesAt = async (db: Db, at: Date, machineId: string | undefined): Promise<LatestScrapeRow[]> => {
  await refuseBeforeHistory(db, { name: 'scrapes' }, at)
  const params = { machine: machineId ?? null }
  const mine = '($machine IS NULL OR machine_id = $machine)'
  const [near, known] = await Promise.all([
    db.rows<LatestScrapeRow>(standing(db, at, NEAR_MS, mine), params),
    db.rows<LatestScrapeRow>(`SELECT machine_id, source FROM latest_scrapes WHERE ${mine}`, params),
  ])
  const settled = new Map(near.filter((row) => row.last_ok_at !== null).map((row) => [pairOf(row), row]))
  const open = [...new Map([...known, ...near].map((row) => [pairOf(row), row])).values()].filter(
    (row) => !settled.has(pairOf(row)),
  )
  if (open.length > 0) {
    const pairs = open.map((row) => `(${text(row.machine_id)}, ${text(row.source)})`).join(', ')
    const far = await db.rows<LatestScrapeRow>(standing(db, at, WINDOW_MS, `(machine_id, source) IN (${pairs})`))
    for (const row of far) settled.set(pairOf(row), row)
  }
  return [...settled.values()].sort((a, b) => byText(a.machine_id, b.machine_id) || byText(a.source, b.source))
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Each source as it stood at `at`, from the runs of the time before; times are grouped before whole rows are read. */
const standing = (db: Db, at: Date, backMs: number, filter: string): string => {
  const scrapes = across(db, 'scrapes', 'collected_at', at.getTime() - backMs, at.getTime())
  const bounds = `collected_at BETWEEN ${time(at.getTime() - backMs)} AND ${time(at)} AND ${filter}`
  const columns = COLUMNS.filter((name) => name !== 'last_ok_at' && name !== 'consecutive_failures')
  return `WITH looks AS (SELECT machine_id AS m, source AS o, max(collected_at) AS newest, max(collected_at) FILTER (up) AS ok_at
       FROM ${scrapes} WHERE ${bounds} GROUP BY ALL),
     failed AS (SELECT m, o, count(*) AS n FROM ${scrapes} AS f JOIN looks ON machine_id = m AND source = o
       WHERE ${bounds} AND NOT up AND collected_at > coalesce(ok_at, TIMESTAMP '1970-01-01') GROUP BY ALL)
     SELECT ${names(columns, 's')}, ok_at AS last_ok_at, coalesce(failed.n, 0) AS consecutive_failures
     FROM ${scrapes} AS s JOIN looks ON s.machine_id = looks.m AND s.source = looks.o AND s.collected_at = looks.newest
       LEFT JOIN failed ON failed.m = looks.m AND failed.o = looks.o
     WHERE ${bounds}
     QUALIFY row_number() OVER (PARTITION BY s.machine_id, s.source ORDER BY s.collected_at DESC) = 1`
}
