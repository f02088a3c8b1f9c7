import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { objectOf } from '../foreign-json.ts'
import { warnUnknown } from '../tool-sections.ts'
import { askDatabase, askHttp, type LastIds, type Lists } from './ask.ts'
import { parseBench } from './parse.ts'
import { type Zone, zoneOf } from './zone.ts'

const HOUR_MS = 3_600_000

/**
 * Benchmarks of many hosts, told by the one controller that runs them. It is no service of every machine, so nothing is
 * asked where no port and no database is configured.
 */
export const cloudBenchmarker = defineCollector({
  name: 'cloud_benchmarker',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['cloud_bench_raw', 'cloud_bench_overall'],
  interval: { localS: 900, remoteS: 900 },
  timeoutMs: 60_000,
  needs: [],
  tested: { cloud_benchmarker: '1.0.0' },
  reads: {
    commands: ['curl http://127.0.0.1:PORT/data/KIND/'],
    files: ['cloud_benchmarker.sqlite where configured, read-only'],
  },
  about:
    'Benchmarks of hosts from cloud_benchmarker, over loopback HTTP or its database; only where its controller is configured',
  async collect(ctx) {
    const { port, database, timezone, hosts } = ctx.options
    if (typeof port !== 'number' && typeof database !== 'string') return { batches: [] }
    const cursor = cursorOf(ctx.cursors.get('rows'))
    const lists = await asked(ctx, Number(port), database, cursor)
    if (lists.is === 'trouble') return lists.result
    const zone = (typeof timezone === 'string' ? zoneOf(timezone) : null) ?? lists.zone
    if (zone === null)
      return {
        batches: [],
        fault: 'not_configured',
        detail: 'the time zone of the controller is not known; set timezone',
      }
    return resultOf(ctx, lists, zone, hostsOf(hosts), cursor)
  },
})

// `alias=machine`
const hostsOf = (entries: unknown): ReadonlyMap<string, string> =>
  new Map(
    (Array.isArray(entries) ? entries : []).flatMap((entry) => {
      const [, alias, machine] = typeof entry === 'string' ? (/^([^=]+)=([^=]+)$/.exec(entry) ?? []) : []
      return alias === undefined || machine === undefined ? [] : [[alias.trim(), machine.trim()] as const]
    }),
  )

interface Cursor {
  readonly last: LastIds
  readonly readMs: number
}

const idOf = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) ? value : 0)

const cursorOf = (value: unknown): Cursor => {
  const { raw, overall, readMs } = objectOf(value) ?? {}
  return { last: { raw: idOf(raw), overall: idOf(overall) }, readMs: idOf(readMs) }
}

const asked = (ctx: CollectContext, port: number, database: unknown, cursor: Cursor): Promise<Lists> => {
  if (typeof database === 'string') return askDatabase(ctx, database, cursor.last)
  const awayMs = ctx.startedAt.getTime() - cursor.readMs
  // the app cannot be asked since a moment; after a longer absence the larger window holds what was missed
  const period = awayMs < 6 * 24 * HOUR_MS ? 'last_7_days' : 'last_30_days'
  return askHttp(ctx, `http://127.0.0.1:${port}`, period)
}

const resultOf = (
  ctx: CollectContext,
  lists: Extract<Lists, { is: 'lists' }>,
  zone: Zone,
  hosts: ReadonlyMap<string, string>,
  cursor: Cursor,
): CollectResult => {
  const bench = parseBench(lists.raw, lists.overall, { zone, hosts })
  const all = lists.raw.length + lists.overall.length
  if (all > 0 && bench.skipped === all)
    return { batches: [], fault: 'bad_output', detail: 'no row carries the host and time of cloud_benchmarker' }
  warnUnknown(ctx, 'cloud_benchmarker', bench.unknown)
  if (bench.skipped > 0)
    ctx.warn(
      'bench_skipped',
      `${bench.skipped} rows of cloud_benchmarker carry no host, time or score`,
      'look at its database',
    )
  // ids that go backwards are those of a new database, to be read from its beginning
  const { raw, overall } = bench.newest
  const restarted = (raw ?? cursor.last.raw) < cursor.last.raw || (overall ?? cursor.last.overall) < cursor.last.overall
  if (restarted)
    ctx.warn('bench_restarted', 'cloud_benchmarker counts from the beginning: its database is new', 'nothing to do')
  const last = restarted
    ? { raw: 0, overall: 0 }
    : { raw: raw ?? cursor.last.raw, overall: overall ?? cursor.last.overall }
  // whole hours: a quiet source then changes no cursor at each look
  const readMs = Math.floor(ctx.startedAt.getTime() / HOUR_MS) * HOUR_MS
  return {
    batches: [
      { table: 'cloud_bench_raw', rows: bench.raw },
      { table: 'cloud_bench_overall', rows: bench.overall },
    ],
    cursors: [{ key: 'rows', value: { ...last, readMs } }],
  }
}
