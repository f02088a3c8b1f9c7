import type { Readable } from 'node:stream'
import { usageError } from '../../core/errors.ts'
import { type CliContext, contextOf, storePlaces } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { QUERY_FORMATS, queryPrinter } from '../query-print.ts'

interface QueryOptions {
  readonly limit?: string
  readonly timeout?: string
  readonly stdin?: boolean
  readonly tables?: boolean
}

const MAX_SQL_BYTES = 4_000_000

const whole = (text: string | undefined, flag: string, most: number): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw usageError('bad_number', `${flag} takes a whole number from 1 to ${most}`, `for example: ${flag} 100`)
}

const readAll = async (stdin: Readable): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream(stdin)) {
    bytes += chunk.length
    if (bytes > MAX_SQL_BYTES)
      throw usageError(
        'query_too_long',
        `standard input holds more than ${MAX_SQL_BYTES} bytes`,
        'send the query alone',
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function* stream(stdin: Readable): AsyncIterable<Buffer> {
  for await (const chunk of stdin) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
}

const textOf = async (words: readonly string[], options: QueryOptions, ctx: CliContext): Promise<string> => {
  const fromStdin = options.stdin === true || (words.length === 1 && words[0] === '-')
  if (options.tables) {
    if (words.length > 0 || fromStdin)
      throw usageError('two_questions', '--tables asks its own question', 'leave the SQL away')
    return (await import('../../commands/query.ts')).TABLES_QUESTION
  }
  if (fromStdin && words.length > 0 && words[0] !== '-') {
    throw usageError(
      'two_questions',
      'the SQL stands on the command line and --stdin asks for another',
      'give one of them',
    )
  }
  if (fromStdin) return readAll(ctx.io.stdin)
  if (words.length > 1) {
    throw usageError(
      'query_not_quoted',
      `the query came as ${words.length} words`,
      'put it in quotes: vc query "SELECT …"',
    )
  }
  return words[0] ?? ''
}

const cutWarning = (truncated: 'rows' | 'bytes', rows: number) => ({
  code: 'truncated',
  message: `truncated: true; the answer was cut after ${rows} rows${truncated === 'bytes' ? ' by its size' : ''}`,
  fix:
    truncated === 'rows' ? 'more: --limit <rows>; or aggregate' : 'select fewer columns, or ask for a part at a time',
})

const run = async (words: readonly string[], options: QueryOptions, ctx: CliContext): Promise<void> => {
  const format = ctx.format(QUERY_FORMATS)
  const maxRows = whole(options.limit, '--limit', 10_000_000)
  const wallS = whole(options.timeout, '--timeout', 3600)
  const sql = await textOf(words, options, ctx)
  const loaded = await ctx.config()
  const { askSql } = await import('../../commands/query.ts')
  const printer = queryPrinter(format, ctx, options.tables ? 10_000 : undefined)
  const limits = { ...(maxRows ? { maxRows } : {}), ...(wallS ? { wallMs: wallS * 1000 } : {}) }
  const { rows, truncated, source, movedOut } = await askSql(storePlaces(ctx, loaded), sql, limits, printer)
  const warnings = [
    ...(truncated === null ? [] : [cutWarning(truncated, rows)]),
    ...movedOut.map(({ table, untilDay }) => ({
      code: 'archived',
      message: `${table} up to ${untilDay} lies in the archive, which this answer leaves out`,
      fix: 'robot topics, vc at and vc report read both',
    })),
    ...(source.kind === 'snapshot'
      ? [
          {
            code: 'snapshot',
            message: `a daemon owns the live file; this is its copy, ${source.ageS} s old`,
            fix: 'a copy is shared for 2 minutes',
          },
        ]
      : []),
  ]
  const said = warnings.map(({ code, message, fix }) => `${code}: ${message} (${fix})`)
  printer.end({ rows, truncated, source: source.kind, ageS: source.ageS, warnings: said })
  if (format !== 'json') for (const warning of warnings) ctx.note(warning)
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('query')
    .description("your own SQL (DuckDB) on vc's tables: one SELECT, read only, in a process of its own")
    .argument('[sql...]', 'the query in quotes; - reads it from standard input')
    .option('--limit <rows>', 'at most this many rows (10000)')
    .option('--timeout <seconds>', 'end it after this long (30)')
    .option('--stdin', 'read the SQL from standard input')
    .option('--tables', 'list the tables and their columns')
    .addHelpText(
      'after',
      '\nFormats: table, json, csv, jsonl. Times are UTC. It reads the live file, or a copy up to 2 minutes old while a daemon runs.\nRefused (exit 4): everything that changes, leaves or configures the database. Syntax: exit 2. Time limit: exit 124.\n\nExamples:\n  vc query --tables\n  vc query "FROM machines"\n  vc query --format csv "FROM scrapes WHERE NOT up" > red.csv\n  vc query - < question.sql',
    )
    .action(async (words: readonly string[], options: QueryOptions, command) =>
      run(words, options, contextOf(command, deps)),
    )
}
