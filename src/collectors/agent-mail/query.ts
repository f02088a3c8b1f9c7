import { type Columns, type DatabaseSql, integerOf, textOf } from '../database-ask.ts'

export const MAIL_TABLES = [
  'projects',
  'agents',
  'messages',
  'message_recipients',
  'file_reservations',
  'file_reservation_releases',
] as const

/** Without these it is not Agent Mail. */
export const MAIL_REQUIRED = [
  'messages.id',
  'messages.created_ts',
  'messages.subject',
  'messages.sender_id',
  'message_recipients.message_id',
  'message_recipients.agent_id',
  'agents.name',
] as const

/** Messages in a page; recipients and reservations are bounded with it, so that an answer stays below the transport's cap. */
export const PAGE_MESSAGES = 200
/** Bodies are fetched for their hash only, and only short ones; a page holds at most this much of them. */
const BODY_CHARS = 16_384
const PAGE_BODY_CHARS = 300_000
const RECIPIENTS_PER_MESSAGE = 40
const RESERVATIONS_PER_MESSAGE = 10

export const mostRecipients = (messages: number): number => messages * RECIPIENTS_PER_MESSAGE

/** The Rust server migrates a Python file in place: it is told by its own table, at each look. */
export const flavourOf = (columns: Columns): 'rust' | 'python' =>
  columns.includes('file_reservation_releases.reservation_id') ? 'rust' : 'python'

export interface MailQuestion {
  /** Digits only. */
  readonly lastId: string
  /** Reads and acknowledgements from then on; null: none known yet. */
  readonly changedSinceMs: number | null
  /** Also every recipient that is still open, and the newest 2000 messages' whole lists. */
  readonly full: boolean
  /** Most messages of the page. */
  readonly messages: number
}

/** Everything of one look in one statement: newest marks, a page of messages, recipients that changed, open reservations. */
export const mailSql = (question: MailQuestion, columns: Columns): DatabaseSql => ({
  with: `page AS (SELECT id FROM (
      SELECT id, sum(min(coalesce(length(body_md), 0), ${BODY_CHARS})) OVER (ORDER BY id) AS running
      FROM (SELECT id, ${columns.includes('messages.body_md') ? 'body_md' : 'NULL AS body_md'} FROM messages
        WHERE id > ${question.lastId} ORDER BY id LIMIT ${question.messages}))
    WHERE running <= ${PAGE_BODY_CHARS})`,
  selects: [
    headSelect(columns),
    messageSelect(columns),
    recipientSelect(question, columns),
    ...(columns.includes('file_reservations.expires_ts') ? [reservationSelect(question, columns)] : []),
  ],
})

const newest = (columns: Columns): readonly string[] => [
  'r.read_ts',
  'r.ack_ts',
  ...(columns.includes('agents.retired_at') ? ['a.retired_at'] : []),
]

const headSelect = (columns: Columns): string => {
  const marks = newest(columns).flatMap((cell) =>
    ['text', 'integer'].map((type) => `CAST(max(CASE WHEN typeof(${cell}) = '${type}' THEN ${cell} END) AS TEXT)`),
  )
  return `SELECT 'head', json_object('max_id', (SELECT CAST(max(id) AS TEXT) FROM messages), 'marks', json_array(${marks.join(', ')}))
    FROM message_recipients AS r LEFT JOIN agents AS a ON a.id = r.agent_id`
}

const messageSelect = (columns: Columns): string => {
  const text = (name: string, chars: number) => textOf(columns, `messages.${name}`, 'm', chars)
  const body = columns.includes('messages.body_md')
    ? `'bytes', length(CAST(m.body_md AS BLOB)), 'body', CASE WHEN length(m.body_md) <= ${BODY_CHARS} THEN CAST(m.body_md AS TEXT) END`
    : "'bytes', NULL, 'body', NULL"
  return `SELECT 'message', json_object('id', CAST(m.id AS TEXT), ${PROJECT}, 'thread', ${text('thread_id', 128)},
      'sender', substr(CAST(s.name AS TEXT), 1, 128), 'importance', ${text('importance', 16)},
      'ack', ${integerOf(columns, 'messages.ack_required', 'm')}, 'created', CAST(m.created_ts AS TEXT),
      'subject', ${text('subject', 512)}, ${body},
      'recipients', (SELECT count(*) FROM message_recipients AS r WHERE r.message_id = m.id))
    FROM page JOIN messages AS m ON m.id = page.id LEFT JOIN projects AS p ON p.id = m.project_id LEFT JOIN agents AS s ON s.id = m.sender_id`
}

const PROJECT = `'project', substr(CAST(p.slug AS TEXT), 1, 256), 'path', substr(CAST(p.human_key AS TEXT), 1, 1024)`

// Both ways to write a time may stand in one file while it is migrated.
const since = (cell: string, ms: number): string => {
  const text = new Date(ms).toISOString().replace('T', ' ').replace('Z', '000')
  return `(typeof(${cell}) = 'integer' AND ${cell} >= ${Math.floor(ms)}000) OR (typeof(${cell}) = 'text' AND ${cell} >= '${text}')`
}

const recipientSelect = ({ lastId, changedSinceMs, full, messages }: MailQuestion, columns: Columns): string => {
  const open = 'r.read_ts IS NULL OR (m.ack_required = 1 AND r.ack_ts IS NULL)'
  const changes = changedSinceMs === null ? [] : [since('r.read_ts', changedSinceMs), since('r.ack_ts', changedSinceMs)]
  if (changedSinceMs !== null && columns.includes('agents.retired_at'))
    changes.push(`((${since('a.retired_at', changedSinceMs)}) AND (${open}))`)
  if (full) changes.push(`m.id > ${lastId} - 2000`, open)
  const known = changes.length === 0 ? '' : `OR (m.id <= ${lastId} AND (${changes.join(' OR ')}))`
  return `SELECT 'recipient', json_object('id', CAST(m.id AS TEXT), 'created', CAST(m.created_ts AS TEXT), 'project', substr(CAST(p.slug AS TEXT), 1, 256),
      'name', coalesce(substr(CAST(a.name AS TEXT), 1, 128), 'agent-' || CAST(r.agent_id AS INTEGER)),
      'kind', ${textOf(columns, 'message_recipients.kind', 'r', 8)}, 'importance', ${textOf(columns, 'messages.importance', 'm', 16)},
      'ack', ${integerOf(columns, 'messages.ack_required', 'm')}, 'read', CAST(r.read_ts AS TEXT), 'acked', CAST(r.ack_ts AS TEXT),
      'retired', ${textOf(columns, 'agents.retired_at', 'a', 40)})
    FROM (SELECT r.*, m.rowid AS _m FROM message_recipients AS r JOIN messages AS m ON m.id = r.message_id LEFT JOIN agents AS a ON a.id = r.agent_id
      WHERE m.id IN (SELECT id FROM page) ${known} ORDER BY m.id IN (SELECT id FROM page) DESC, m.id DESC LIMIT ${mostRecipients(messages)}) AS r
    JOIN messages AS m ON m.id = r._m LEFT JOIN projects AS p ON p.id = m.project_id LEFT JOIN agents AS a ON a.id = r.agent_id`
}

// A released reservation of the Rust server may keep an empty released_ts: its own table of releases knows. Zero, as a
// number or as text, is "not released" to the program too.
const reservationSelect = ({ messages }: MailQuestion, columns: Columns): string => {
  const released = columns.includes('file_reservations.released_ts')
    ? `AND (f.released_ts IS NULL OR (typeof(f.released_ts) = 'integer' AND f.released_ts <= 0) OR CAST(f.released_ts AS TEXT) IN ('', '0'))`
    : ''
  const releases =
    flavourOf(columns) === 'rust'
      ? 'AND NOT EXISTS (SELECT 1 FROM file_reservation_releases AS x WHERE x.reservation_id = f.id)'
      : ''
  return `SELECT * FROM (SELECT 'reservation', json_object('id', CAST(f.id AS TEXT), ${PROJECT},
      'pattern', ${textOf(columns, 'file_reservations.path_pattern', 'f', 512)}, 'holder', substr(CAST(a.name AS TEXT), 1, 128),
      'exclusive', ${integerOf(columns, 'file_reservations.exclusive', 'f')}, 'reason', ${textOf(columns, 'file_reservations.reason', 'f', 512)},
      'created', ${textOf(columns, 'file_reservations.created_ts', 'f', 40)}, 'expires', CAST(f.expires_ts AS TEXT))
    FROM file_reservations AS f LEFT JOIN projects AS p ON p.id = f.project_id LEFT JOIN agents AS a ON a.id = f.agent_id
    WHERE ((typeof(f.expires_ts) = 'integer' AND f.expires_ts > CAST(strftime('%s', 'now') AS INTEGER) * 1000000)
        OR (typeof(f.expires_ts) = 'text' AND f.expires_ts > strftime('%Y-%m-%d %H:%M:%f', 'now')))
      ${released} ${releases} ORDER BY f.id LIMIT ${messages * RESERVATIONS_PER_MESSAGE})`
}
