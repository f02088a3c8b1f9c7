// Only `session`, `message` and `part` are ever named here: the same file holds credentials in other tables.

/** Position in the message table: strictly after (updatedMs, id). */
export interface Keyset {
  readonly updatedMs: number
  readonly id: string
}

export const PAGE_ROWS = 2_000

const NUMBERS = new Set([
  'cost',
  'input',
  'output',
  'reasoning',
  'cache_read',
  'cache_write',
  'created',
  'completed',
  'error_status',
])

/** Any text as an SQL value that cannot end its own quotes: ids come from a foreign file. */
export const sqlText = (text: string): string => `CAST(x'${Buffer.from(text, 'utf8').toString('hex')}' AS TEXT)`

// Fields are cut out where the file lies: prompts, diffs and error bodies in `data` never travel.
const FIELDS = {
  role: '$.role',
  provider: '$.providerID',
  model: '$.modelID',
  cwd: '$.path.cwd',
  cost: '$.cost',
  input: '$.tokens.input',
  output: '$.tokens.output',
  reasoning: '$.tokens.reasoning',
  cache_read: '$.tokens.cache.read',
  cache_write: '$.tokens.cache.write',
  created: '$.time.created',
  completed: '$.time.completed',
  finish: '$.finish',
  error_name: '$.error.name',
  error_status: '$.error.data.statusCode',
  summary: '$.summary',
} as const

// `summary` of a user row is an object with whole diffs in it; only a plain flag is of use.
// Infinity is no JSON, so one such number would spoil the whole answer: numbers come clamped, text where a number
// belongs comes as the upper bound. Both are refused by the parser.
const extract = (name: string, path: string): string => {
  if (name === 'summary') return `CASE json_type(m.d, '${path}') WHEN 'true' THEN 1 ELSE 0 END AS ${name}`
  const value = `json_extract(m.d, '${path}')`
  return `${NUMBERS.has(name) ? `max(-1, min(${value}, 1e18))` : value} AS ${name}`
}

const soundRows = (table: string): string =>
  `(SELECT *, json_valid(data) AS sound, CASE WHEN json_valid(data) THEN data ELSE '{}' END AS d FROM ${table})`

const messageRows = (where: string, limit: number): string => `
SELECT m.id AS id, m.session_id AS session_id, m.time_created AS time_created, m.time_updated AS time_updated, m.sound AS sound,
  ${Object.entries(FIELDS)
    .map(([name, path]) => extract(name, path))
    .join(', ')},
  CASE WHEN json_extract(m.d, '$.error') IS NULL THEN NULL ELSE substr(json_extract(m.d, '$.error.data.message'), 1, 200) END AS error_text,
  s.id AS known_session, s.parent_id AS parent_id, s.directory AS directory, s.version AS version,
  s.time_created AS session_created, s.time_updated AS session_updated
FROM ${soundRows('message')} m LEFT JOIN session s ON s.id = m.session_id
WHERE ${where}
ORDER BY m.time_updated, m.id LIMIT ${limit}`

/**
 * One page of messages after `from`, oldest change first, plus the named unfinished ones wherever they stand.
 * The page is chosen by its short columns alone: nothing indexes the time of change, and `data` is most of the file.
 */
export const messagePage = (from: Keyset, unfinished: readonly string[], limit: number): string =>
  messageRows(
    `m.id IN (SELECT id FROM message
      WHERE time_updated > ${from.updatedMs} OR (time_updated = ${from.updatedMs} AND id > ${sqlText(from.id)})${
        unfinished.length === 0 ? '' : ` OR id IN (${unfinished.map(sqlText).join(',')})`
      } ORDER BY time_updated, id LIMIT ${limit})`,
    limit,
  )

const newestIds = (sessionIds: readonly string[], perSession: number): string =>
  sessionIds
    .map(
      (id) =>
        `SELECT id FROM (SELECT id FROM message WHERE session_id = ${sqlText(id)} ORDER BY time_created DESC, id DESC LIMIT ${perSession})`,
    )
    .join(' UNION ALL ')

/** The newest messages of some sessions: an old row may change long after a newer one was written. */
export const newestMessagesOf = (sessionIds: readonly string[]): string =>
  messageRows(`m.id IN (${newestIds(sessionIds, 4)})`, PAGE_ROWS)

export const COUNT_MESSAGES = 'SELECT count(*) AS messages FROM message'

/** Sessions changed since then, also those without a message yet. */
export const sessionPage = (sinceMs: number): string => `
SELECT id AS known_session, parent_id, directory, version, time_created AS session_created, time_updated AS session_updated
FROM session WHERE time_updated >= ${sinceMs} ORDER BY time_updated, id LIMIT ${PAGE_ROWS}`

/** Tool parts of the newest message of some sessions: is a call open, ended or refused? No input, no output. */
export const newestToolParts = (sessionIds: readonly string[]): string => `
SELECT id, message_id, time_updated, json_extract(d, '$.tool') AS tool, json_extract(d, '$.state.status') AS status,
  CASE WHEN json_extract(d, '$.state.error') LIKE '%rejected permission%' OR json_extract(d, '$.state.error') LIKE '%user dismissed%'
    THEN 1 ELSE 0 END AS rejected
FROM ${soundRows('part')}
WHERE message_id IN (${newestIds(sessionIds, 1)}) AND json_extract(d, '$.type') = 'tool'
ORDER BY id LIMIT ${PAGE_ROWS}`
