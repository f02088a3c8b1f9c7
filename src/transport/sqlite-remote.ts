import type { Answer, ScriptAsk, SqliteAnswer } from '../core/ask.ts'
import { VcError } from '../core/errors.ts'
import { decodeUtf8, displayText } from '../core/text.ts'
import { demandAbsolute } from './paths.ts'

type Run = (ask: ScriptAsk) => Promise<Answer>

const PYTHON = `import json,sqlite3,sys,urllib.parse
p=sys.argv[1]
try:
    c=sqlite3.connect("file:"+urllib.parse.quote(p)+"?mode=ro",uri=True,timeout=1)
    c.row_factory=sqlite3.Row
    c.text_factory=lambda b: b.decode("utf-8","replace")
    r=[dict(x) for x in c.execute(sys.stdin.read())]
except sqlite3.DatabaseError as e:
    sys.exit("Error: "+str(e))
json.dump(r,sys.stdout,default=lambda b: b.hex())
`

// The SQL goes in on stdin, the path as an argument: neither is script text, and ps shows no SQL. sqlite3 before 3.33
// has no -json. $1 path, $2 SQL, $3 the Python program.
const SCRIPT = `# vc:ask vc.sqlite
if [ ! -e "$1" ]; then
d=\${1%/*}
if [ -d "\${d:-/}" ] && [ ! -x "\${d:-/}" ]; then echo denied; else echo missing; fi
exit 0
fi
if [ ! -f "$1" ]; then echo irregular; exit 0; fi
if [ ! -r "$1" ]; then echo denied; exit 0; fi
if command -v sqlite3 >/dev/null && sqlite3 -readonly -json :memory: '' >/dev/null 2>&1; then
echo rows
printf '.timeout 1000\\n%s\\n;\\n' "$2" | sqlite3 -batch -bail -readonly -json "$1"
elif command -v python3 >/dev/null; then
echo rows
printf '%s\\n' "$2" | python3 -c "$3" "$1"
else
echo tool_missing
fi
`

const MAX_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 10_000

/**
 * A read-only query on a database there.
 * @throws VcError bad_ask for SQL with a line that sqlite3 would take as a command of its own.
 */
export async function sqliteThere(run: Run, path: string, sql: string): Promise<SqliteAnswer> {
  demandAbsolute(path)
  if (/^\s*\./m.test(sql))
    throw new VcError('bad_ask', 'a line of the SQL begins with a dot', 'join it to another line')
  const answer = await run({ script: SCRIPT, args: [path, sql, PYTHON], maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
  return answer.fault === null ? parseSqlite(answer) : { is: 'fault', fault: answer.fault, detail: answer.detail }
}

const fault = (name: 'tool_missing' | 'exit_code' | 'bad_output', detail: string): SqliteAnswer => ({
  is: 'fault',
  fault: name,
  detail,
})

/** Output of the script to an answer; never throws. Whole numbers beyond 2^53 come as bigint. */
export function parseSqlite(answer: Pick<Answer, 'stdout' | 'stderr' | 'exitCode'>): SqliteAnswer {
  const text = decodeUtf8(answer.stdout)
  const word = text.slice(0, text.indexOf('\n'))
  if (word === 'missing') return { is: 'missing' }
  if (word === 'denied') return fault('exit_code', 'permission denied')
  if (word === 'irregular') return fault('bad_output', 'not a regular file')
  if (word === 'tool_missing') return fault('tool_missing', 'neither sqlite3 (3.33 or later) nor python3')
  if (word !== 'rows') return fault('bad_output', 'no header')
  const said = displayText(decodeUtf8(answer.stderr.subarray(0, 1024)))
  if (answer.exitCode !== 0) return fault(/not a database|malformed/.test(said) ? 'bad_output' : 'exit_code', said)
  return parseRows(text.slice(word.length + 1).trim())
}

// A JSON reader hands over the source of a number in its third argument; older engines only the rounded number.
const exactNumber = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? BigInt(context?.source ?? 0)
    : value

function parseRows(json: string): SqliteAnswer {
  if (json === '') return { is: 'rows', rows: [] }
  try {
    const rows: unknown = JSON.parse(json, exactNumber)
    const sound = Array.isArray(rows) && rows.every((row) => typeof row === 'object' && row !== null)
    return sound ? { is: 'rows', rows } : fault('bad_output', 'not a list of rows')
  } catch {
    return fault('bad_output', 'not JSON')
  }
}
