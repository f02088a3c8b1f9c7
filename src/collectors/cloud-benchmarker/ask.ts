import type { CollectContext, CollectResult } from '../../core/collector.ts'
import { displayText } from '../../core/text.ts'
import type { JsonObject } from '../foreign-json.ts'
import { parseSections, type ToolText, toolScript, troubleOf } from '../tool-sections.ts'
import { listOf } from './parse.ts'
import { HTTP_BODY, ZONE_BODY } from './script.ts'
import { parseZone, type Zone } from './zone.ts'

/** Both lists as the source tells them, and where its clock stands. */
export type Lists =
  | {
      readonly is: 'lists'
      readonly raw: readonly JsonObject[]
      readonly overall: readonly JsonObject[]
      readonly zone: Zone | null
    }
  | { readonly is: 'trouble'; readonly result: CollectResult }

const trouble = (fault: NonNullable<CollectResult['fault']>, detail: string): Lists => ({
  is: 'trouble',
  result: { batches: [], fault, detail: displayText(detail, 500) },
})

const zoneIn = ({ sections }: ToolText): Zone | null => parseZone(sections.get('zone')?.out ?? '')

// 7: nobody listens, which is how this app is when nobody started it
const HTTP_FAULTS = { 6: 'unreachable', 7: 'unreachable', 28: 'timeout', 124: 'timeout' } as const

const listIn = ({ sections }: ToolText, name: string): readonly JsonObject[] | Lists => {
  const section = sections.get(name)
  if (section === undefined || section.code === null) return trouble('truncated', `the list ${name} was cut off`)
  const fault = HTTP_FAULTS[section.code as keyof typeof HTTP_FAULTS]
  if (section.code !== 0) return trouble(fault ?? 'exit_code', section.err || `curl ended with ${section.code}`)
  const list = listOf(section.out)
  return typeof list === 'string' ? trouble('bad_output', `${name}: ${list}`) : list
}

/** Over HTTP, on the controller itself. */
export const askHttp = async (ctx: CollectContext, url: string, period: string): Promise<Lists> => {
  const answer = await ctx.run({
    script: toolScript('cloud_benchmarker.lists', HTTP_BODY),
    args: [url, period],
    timeoutMs: 40_000,
    maxBytes: 8 * 1024 * 1024,
    slow: true,
  })
  const parsed = parseSections(answer.stdout)
  const wrong = troubleOf(answer, parsed, 'curl')
  if (wrong !== null || parsed.is === 'no_begin') return { is: 'trouble', result: wrong ?? { batches: [] } }
  if (answer.fault !== null)
    return { is: 'trouble', result: { batches: [], fault: answer.fault, detail: answer.detail } }
  const [raw, overall] = [listIn(parsed, 'raw'), listIn(parsed, 'overall')]
  if ('is' in raw) return raw
  if ('is' in overall) return overall
  return { is: 'lists', raw, overall, zone: zoneIn(parsed) }
}

const RAW = `cpu_speed_test__events_per_second, fileio_test__reads_per_second, memory_speed_test__MiB_transferred,
  mutex_test__avg_latency, threads_test__avg_latency`

// Rows are updated in place under their old id, so the last day of the table is read again; the newest id always comes,
// or a new database could not be told from a quiet one.
const sqlOf = (columns: string, table: string, afterId: number): string =>
  `SELECT id, datetime, hostname, IP_address, ${columns} FROM ${table}
   WHERE id > ${Math.trunc(afterId)} OR id = (SELECT max(id) FROM ${table})
     OR datetime >= (SELECT datetime(max(datetime), '-1 day') FROM ${table})
   ORDER BY id LIMIT 20000`

/** The largest ids read so far; 0: none. */
export interface LastIds {
  readonly raw: number
  readonly overall: number
}

/** From the app's SQLite file, read only. */
export const askDatabase = async (ctx: CollectContext, path: string, after: LastIds): Promise<Lists> => {
  const [answer, raw, overall] = await Promise.all([
    ctx.run({ script: toolScript('cloud_benchmarker.zone', ZONE_BODY), timeoutMs: 5_000, maxBytes: 4_096 }),
    ctx.sqlite(path, sqlOf(RAW, 'raw_benchmark_subscores', after.raw)),
    ctx.sqlite(path, sqlOf('overall_score', 'overall_normalized_score', after.overall)),
  ])
  for (const part of [raw, overall]) {
    if (part.is === 'missing') return trouble('not_configured', `there is no ${path}; name the database of the app`)
    if (part.is === 'fault') return trouble(part.fault, part.detail ?? part.fault)
  }
  if (raw.is !== 'rows' || overall.is !== 'rows') return trouble('bad_output', 'no rows')
  const parsed = parseSections(answer.stdout)
  return {
    is: 'lists',
    raw: raw.rows,
    overall: overall.rows,
    zone: parsed.is === 'no_begin' ? null : zoneIn(parsed),
  }
}
