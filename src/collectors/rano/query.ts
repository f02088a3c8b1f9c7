import { type Columns, type DatabaseSql, integerOf, textOf } from '../database-ask.ts'

export const RANO_TABLES = ['events'] as const
export const RANO_REQUIRED = ['events.id', 'events.ts', 'events.event', 'events.provider', 'events.remote_ip'] as const
export const PAGE_EVENTS = 2_000

/** Seconds in UTC as rano writes them: it compares times as text. */
const ranoTime = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`

/** A page of events after `lastId`, and what the window since `windowFrom` comes to. Command lines stay where they are. */
export const ranoSql = (
  question: { readonly lastId: string; readonly windowFrom: Date; readonly rows: number },
  columns: Columns,
): DatabaseSql => {
  const from = ranoTime(question.windowFrom)
  const text = (name: string, chars: number) => textOf(columns, `events.${name}`, 'e', chars)
  const whole = (name: string) => integerOf(columns, `events.${name}`, 'e')
  // A first look takes the window only: an observer left running for weeks has millions of rows.
  const where = question.lastId === '0' ? `e.id > 0 AND e.ts >= '${from}'` : `e.id > ${question.lastId}`
  return {
    selects: [
      `SELECT 'head', json_object('max_id', (SELECT CAST(max(id) AS TEXT) FROM events))`,
      `SELECT * FROM (SELECT 'event', json_object('id', CAST(e.id AS TEXT), 'ts', ${text('ts', 40)}, 'run', ${text('run_id', 64)},
        'event', ${text('event', 16)}, 'provider', ${text('provider', 32)}, 'pid', ${whole('pid')}, 'comm', ${text('comm', 64)},
        'proto', ${text('proto', 8)}, 'local_port', ${whole('local_port')}, 'remote_ip', ${text('remote_ip', 64)}, 'remote_port', ${whole('remote_port')},
        'private', ${whole('remote_is_private')}, 'domain', ${text('domain', 255)}, 'duration_ms', ${whole('duration_ms')}, 'alert', ${whole('alert')})
       FROM events AS e WHERE ${where} ORDER BY e.id LIMIT ${question.rows})`,
      `SELECT * FROM (SELECT 'session', json_object('run', ${text('run_id', 64)}, 'provider', ${text('provider', 32)},
        'first', min(${text('ts', 40)}), 'last', max(${text('ts', 40)}),
        'connects', sum(e.event = 'connect'), 'closes', sum(e.event = 'close'), 'destinations', count(DISTINCT e.remote_ip),
        'alerts', ${columns.includes('events.alert') ? 'sum(e.alert = 1)' : 'NULL'},
        'avg_ms', ${columns.includes('events.duration_ms') ? "avg(CASE WHEN e.event = 'close' THEN CAST(e.duration_ms AS INTEGER) END)" : 'NULL'})
       FROM events AS e WHERE e.ts >= '${from}' GROUP BY ${columns.includes('events.run_id') ? 'e.run_id, ' : ''}e.provider LIMIT 500)`,
    ],
  }
}
