import { EXIT, type ExitCode, messageOf, VcError } from '../core/errors.ts'

/** What the engine says about an error, from its JSON form. */
interface EngineError {
  readonly type: string
  readonly message: string
  /** Offset into the query: code points from the parser, bytes from the binder. */
  readonly position: number | null
}

const parseEngineError = (text: string): EngineError => {
  const json = text.indexOf('{"exception_type"')
  if (json !== -1) {
    try {
      const {
        exception_type: type,
        exception_message: message,
        position,
      } = JSON.parse(text.slice(json)) as Record<string, string>
      return { type: type ?? '', message: message ?? text, position: position === undefined ? null : Number(position) }
    } catch {
      // cut off: shown as it came
    }
  }
  const [, type = '', message = text] =
    /^(?:Failed to extract statements: )?([A-Z][A-Za-z ]*) Error: ([\s\S]*)$/.exec(text) ?? []
  return { type, message, position: null }
}

/** Line and column, both from 1, of a place in `prefix + sql` that was counted in `sql`. */
const placeOf = (
  sql: string,
  error: EngineError,
  prefix: string,
): { line: number; column: number; text: string } | null => {
  if (error.position === null || Number.isNaN(error.position)) return null
  const before =
    error.type === 'Parser'
      ? [...sql].slice(0, error.position).join('')
      : Buffer.from(sql, 'utf8').subarray(0, error.position).toString('utf8')
  const lines = `${prefix}${before}`.split('\n')
  const line = lines.length
  return { line, column: [...(lines.at(-1) ?? '')].length + 1, text: `${prefix}${sql}`.split('\n')[line - 1] ?? '' }
}

const SHOWN = 100

/** The line of the query with a mark under the place; long lines are cut around it. */
const pointAt = ({ column, text }: { column: number; text: string }): string => {
  const from = Math.max(0, column - 1 - SHOWN / 2)
  const cut = [...text].slice(from, from + SHOWN).join('')
  return `${cut}\n${' '.repeat(column - 1 - from)}^`
}

const FIX: Readonly<Record<string, readonly [code: string, exit: ExitCode, fix: string]>> = {
  Parser: ['query_syntax', EXIT.usage, 'correct it there; tables and columns: vc query --tables'],
  Binder: ['query_names', EXIT.usage, 'tables and columns: vc query --tables'],
  Catalog: ['query_names', EXIT.usage, 'tables and columns: vc query --tables'],
  Permission: [
    'query_refused',
    EXIT.refused,
    "a query reads vc's own tables only (vc query --tables); files, networks and extensions are closed to it",
  ],
  'Out of Memory': ['query_memory', EXIT.refused, 'aggregate earlier, or ask for a shorter time range'],
  Interrupt: ['query_timeout', EXIT.timedOut, 'ask for a shorter time range'],
}

const ELSEWHERE = /is not in the catalog, but it exists in the (\w+) extension/

/** What stood where a table or a database belongs, in the engine's sentence that there is none of that name. */
const MISSING =
  /(?:^Table with name |^(?:Catalog|Schema)(?: with name)? "?|schema named ")([^\n]+?)"? (?:does not exist|found)/
const FILE_NAME =
  /[/\\*]|^~|\.(csv|tsv|txt|log|md|(nd|geo)?jsonl?|parquet|arrow|feather|avro|xlsx?|ods|db3?|duckdb|sqlite3?|wal|sql|xml|html?|ya?ml|toml|conf|shp|gpkg|lance|vortex|gz|zst|bz2|xz|zip)$/i
const OPENS_FILE = /^Cannot access (file|directory) |^File system \w+ has been disabled/

/** The engine looks for a file where a name is no table, and finds none that it may open; or a function names one. */
const aboutFile = ({ type, message, position }: EngineError): EngineError | null => {
  const missing = MISSING.exec(message)?.[1]
  if (missing !== undefined && FILE_NAME.test(missing))
    return { type: 'Permission', message: `'${missing}' names a file, and a query opens none`, position }
  if (type !== 'Permission' || !OPENS_FILE.test(message)) return null
  return {
    type,
    message:
      'this needs a file (a function reads it, or its name stands where a table belongs), and a query opens none',
    position,
  }
}

// The engine's own advice would be refused here: to install something, to spill to a disk that is closed.
const withoutAdvice = (engine: EngineError): EngineError => {
  const file = aboutFile(engine)
  if (file !== null) return file
  const { type, message, position } = engine
  const extension = ELSEWHERE.exec(message)?.[1]
  const [first = ''] = message.split('\n')
  if (extension !== undefined) {
    const name = /"([^"]+)"/.exec(first)?.[1] ?? 'this'
    return { type: 'Permission', message: `${name} is of the extension ${extension}, which is not loaded`, position }
  }
  return { type, message: type === 'Out of Memory' ? first : message, position }
}

/** An error of the engine about somebody's query, with its place and what to do. `prefix` is what stood before `sql`. */
export const asQueryError = (error: unknown, sql: string, prefix = ''): VcError => {
  const engine = withoutAdvice(parseEngineError(messageOf(error)))
  // No other question would help: the file is broken where this one reads it.
  if (/Corrupt database file|Could not read enough bytes/.test(engine.message))
    return new VcError('table_broken', engine.message, '', { cause: error })
  const [code, exitCode, fix] = FIX[engine.type] ?? OTHER
  const place = placeOf(sql, engine, prefix)
  const where = place === null ? '' : ` (line ${place.line}, column ${place.column})`
  const picture = place === null ? '' : `\n${pointAt(place)}`
  return new VcError(code, `${engine.message}${where}${picture}`, fix, { exitCode, cause: error })
}

const OTHER = ['query_failed', EXIT.fault, 'change the query; DESCRIBE <table> shows the types'] as const
