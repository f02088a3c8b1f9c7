// Only named tables, and columns without message text: the same files hold credentials and whole conversations.

/** Any text as an SQL value that cannot end its own quotes. */
const sqlText = (text: string): string => `CAST(x'${Buffer.from(text, 'utf8').toString('hex')}' AS TEXT)`

/** Newest turns of `thread_history_*.sqlite`. */
export const CODEX_TURNS = 'SELECT * FROM thread_turns ORDER BY started_at DESC LIMIT 40'

/** Newest threads of `state_*.sqlite`. */
export const CODEX_THREADS = `SELECT id, rollout_path, cwd, model, cli_version, approval_mode, source, updated_at, updated_at_ms, archived
FROM threads ORDER BY updated_at_ms DESC LIMIT 30`

const ownSession = (sessionId: string | null, cwd: string | null): string =>
  sessionId === null
    ? `SELECT id FROM session WHERE directory = ${sqlText(cwd ?? '')} AND parent_id IS NULL ORDER BY time_updated DESC LIMIT 1`
    : `SELECT id FROM session WHERE id = ${sqlText(sessionId)}`

const sound = (table: string, where: string): string =>
  `(SELECT id, session_id, ${table === 'part' ? 'message_id' : 'NULL AS message_id'}, time_created, time_updated,
    CASE WHEN json_valid(data) THEN data ELSE '{}' END AS d FROM ${table} WHERE ${where})`

const at = (...paths: readonly string[]): string =>
  paths.map((path) => `'${path.split('.').at(-1)}', json_extract(d, '$.${path}')`).join(', ')

const MESSAGE = `json_object(${at('role', 'parentID', 'mode', 'agent', 'modelID', 'providerID', 'finish', 'cost', 'tokens', 'time')},
  'summary', CASE json_type(d, '$.summary') WHEN 'true' THEN json('true') END,
  'error', CASE WHEN json_extract(d, '$.error') IS NULL THEN NULL ELSE json_object('name', json_extract(d, '$.error.name'),
    'data', json_object('statusCode', json_extract(d, '$.error.data.statusCode'), 'message', substr(json_extract(d, '$.error.data.message'), 1, 300))) END)`

const REFUSED = `CASE WHEN json_extract(d, '$.state.error') LIKE '%rejected permission%' THEN 'rejected permission'
  WHEN json_extract(d, '$.state.error') LIKE '%user dismissed%' THEN 'user dismissed'
  WHEN json_extract(d, '$.state.error') IS NOT NULL THEN '[text ' || length(json_extract(d, '$.state.error')) || ']' END`

const PART = `json_object(${at('type', 'tool', 'callID', 'reason', 'auto', 'overflow')},
  'state', json_object('status', json_extract(d, '$.state.status'), 'error', ${REFUSED}, 'time', json_extract(d, '$.state.time')))`

const record = (table: string, data: string): string =>
  `json_object('tbl', '${table}', 'id', id, 'message_id', message_id, 'time_created', time_created, 'time_updated', time_updated, 'data', ${data})`

/** Session rows of the directory, and the newest messages and parts of the agent's session: `kind` and one JSON object each. */
export const opencodeRows = (
  sessionId: string | null,
  cwd: string | null,
): string => `WITH own AS (${ownSession(sessionId, cwd)}),
newest AS (SELECT id FROM message WHERE session_id IN (SELECT id FROM own) ORDER BY time_created DESC, id DESC LIMIT 8)
SELECT 'own' AS kind, json_object('id', id) AS row FROM own
UNION ALL SELECT 'session', json_object('id', id, 'parent_id', parent_id, 'directory', directory, 'version', version,
  'time_created', time_created, 'time_updated', time_updated) FROM
  (SELECT * FROM session WHERE directory = ${sqlText(cwd ?? '')} OR id IN (SELECT id FROM own) OR parent_id IN (SELECT id FROM own)
   ORDER BY time_updated DESC LIMIT 20)
UNION ALL SELECT 'record', ${record('message', MESSAGE)} FROM ${sound('message', 'id IN (SELECT id FROM newest)')}
UNION ALL SELECT 'record', ${record('part', PART)} FROM
  (SELECT * FROM ${sound('part', 'message_id IN (SELECT id FROM newest LIMIT 4)')} ORDER BY id DESC LIMIT 24)`

export const opencodeEvents = (sessionId: string | null, cwd: string | null): string =>
  `SELECT seq, type FROM event WHERE aggregate_id IN (${ownSession(sessionId, cwd)}) ORDER BY seq DESC LIMIT 5`
