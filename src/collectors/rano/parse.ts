import * as z from 'zod'
import type { Row, RowBatch } from '../../core/rows.ts'
import type { Kinds } from '../database-ask.ts'
import type { Page, PageAbout } from '../database-look.ts'
import { foreignCount, foreignId, foreignInteger, foreignMeasure, foreignText, foreignTime } from '../foreign-cells.ts'

export const RanoState = z.object({ lastId: z.string().regex(/^\d{1,19}$/) })
export type RanoState = z.infer<typeof RanoState>

export const FRESH_RANO: RanoState = { lastId: '0' }

type Raw = Readonly<Record<string, unknown>>

/** Rows of one look; sums of the window come with every page, the last page's stand. */
export const parseRano = (kinds: Kinds, state: RanoState, { path, rows: pageRows }: PageAbout): Page<RanoState> => {
  const raw = kinds.get('event') ?? []
  const rows = raw.map((one) => eventRow(one, path)).filter((row) => row !== null)
  const maxId = foreignId(kinds.get('head')?.[0]?.max_id)
  const full = raw.length >= pageRows
  const seen = raw.map((one) => foreignId(one.id) ?? '0').reduce(larger, state.lastId)
  const sums: RowBatch = { table: 'net_session_summary', rows: sessionRows(kinds, path), scope: path }
  return {
    batches: rows.length === 0 ? [sums] : [{ table: 'rano_events', rows }, sums],
    state: { lastId: full || maxId === null ? seen : larger(seen, maxId) },
    more: full,
    restart: maxId !== null && BigInt(maxId) < BigInt(state.lastId),
    unreadable: raw.length - rows.length,
  }
}

/** Per run of the observer and provider, what its window holds. */
const sessionRows = (kinds: Kinds, path: string): Row[] =>
  (kinds.get('session') ?? []).flatMap((raw) => {
    const connects = foreignCount(raw.connects)
    const closes = foreignCount(raw.closes)
    if (connects === null || closes === null) return []
    return [
      {
        database_path: path,
        run_id: foreignText(raw.run, 64),
        provider: foreignText(raw.provider, 32),
        first_ts: foreignTime(raw.first),
        last_ts: foreignTime(raw.last),
        connection_count: connects,
        close_count: closes,
        destinations: foreignCount(raw.destinations),
        alerts: foreignCount(raw.alerts),
        avg_duration_ms: foreignMeasure(raw.avg_ms),
        gone: false,
      },
    ]
  })

const larger = (a: string, b: string): string => (BigInt(b) > BigInt(a) ? b : a)

const flagOf = (value: unknown): boolean | null => (value === 0 || value === 1 ? value === 1 : null)

const eventRow = (raw: Raw, path: string): Row | null => {
  const id = foreignId(raw.id)
  const ts = foreignTime(raw.ts)
  const event = foreignText(raw.event, 16)
  if (id === null || ts === null || event === null) return null
  const domain = foreignText(raw.domain, 255)
  return {
    database_path: path,
    event_id: id,
    ts,
    run_id: foreignText(raw.run, 64),
    event,
    provider: foreignText(raw.provider, 32),
    pid: foreignInteger(raw.pid),
    comm: foreignText(raw.comm, 64),
    proto: foreignText(raw.proto, 8),
    local_port: foreignInteger(raw.local_port),
    remote_ip: foreignText(raw.remote_ip, 64),
    remote_port: foreignInteger(raw.remote_port),
    remote_is_private: flagOf(raw.private),
    // The program's own word for "no name found".
    domain: domain === 'unknown' ? null : domain,
    duration_ms: foreignCount(raw.duration_ms),
    alert: flagOf(raw.alert),
  }
}
