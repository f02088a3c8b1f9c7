import { displayText, jsonText, withoutControls } from '../core/text.ts'
import type { CliContext } from './context.ts'
import { tableText } from './table.ts'

/** Values of an answer, as the store hands them out: JSON as it stands. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

export interface Column {
  readonly name: string
  readonly type: string
}

/** Takes an answer as it comes; `end` prints what was kept back. */
export interface QueryPrinter {
  /** How NaN and ∞ are to come. */
  readonly notFinite: 'name' | 'null'
  columns(columns: readonly Column[]): void
  row(values: readonly Value[]): void
  end(facts: QueryFacts): void
}

export interface QueryFacts {
  readonly rows: number
  readonly truncated: 'rows' | 'bytes' | null
  readonly source: 'live' | 'snapshot'
  readonly ageS: number
  readonly warnings: readonly string[]
}

export const QUERY_FORMATS = ['table', 'json', 'csv', 'jsonl'] as const
export type QueryFormat = (typeof QUERY_FORMATS)[number]

const CELL_CHARS = 120

const plainText = (value: Value): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** RFC 4180: quoted where a comma, a quote or a line end stands, quotes doubled. NULL is nothing, '' is "". */
const csvCell = (value: Value, safe: (text: string) => string): string => {
  if (value === null) return ''
  const text = safe(plainText(value))
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const cell = (value: Value, most: number): string => {
  if (value === null) return 'NULL'
  const text = plainText(value)
  return text.length > most ? `${displayText(text.slice(0, most - 1), most)}…` : displayText(text, most)
}

// A plan of EXPLAIN is a drawing over many lines: it is shown as it is drawn.
const isPlan = (columns: readonly Column[]): boolean => columns[0]?.name === 'explain_key'

const tablePrinter = (ctx: CliContext, cellChars: number): QueryPrinter => {
  let columns: readonly Column[] = []
  const rows: (readonly Value[])[] = []
  return {
    notFinite: 'name',
    columns: (given) => {
      columns = given
    },
    row: (values) => void rows.push(values),
    end: ({ rows: count }) => {
      if (isPlan(columns)) {
        for (const [, plan] of rows)
          for (const line of plainText(plan ?? null).split('\n')) ctx.print(displayText(line, 10_000))
        return
      }
      ctx.print(
        tableText(
          columns.map(({ name }) => displayText(name)),
          rows.map((row) => row.map((value) => cell(value, cellChars))),
          ctx.paint,
        ),
      )
      ctx.print(ctx.paint('dim', `${count} row${count === 1 ? '' : 's'}`))
    },
  }
}

const asObject = (columns: readonly Column[], values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(columns.map(({ name }, at) => [name, values[at] ?? null]))

const jsonPrinter = (ctx: CliContext): QueryPrinter => {
  let columns: readonly Column[] = []
  const rows: Record<string, Value>[] = []
  return {
    notFinite: 'null',
    columns: (given) => {
      columns = given
    },
    row: (values) => void rows.push(asObject(columns, values)),
    end: (facts) =>
      ctx.printJson({
        columns,
        rows,
        row_count: facts.rows,
        truncated: facts.truncated !== null,
        source: facts.source,
        age_s: facts.ageS,
        warnings: facts.warnings,
      }),
  }
}

const jsonlPrinter = (ctx: CliContext): QueryPrinter => {
  let columns: readonly Column[] = []
  return {
    notFinite: 'null',
    columns: (given) => {
      columns = given
    },
    row: (values) => ctx.print(jsonText(asObject(columns, values))),
    end: () => undefined,
  }
}

// RFC 4180 knows no control characters but line ends, and what is written into a pipe is often shown by its other end: nothing a
// machine said may steer that terminal. On a terminal a row is a line.
const csvPrinter = (ctx: CliContext): QueryPrinter => {
  const safe = ctx.io.stdout.isTTY
    ? (text: string): string => displayText(text, Number.MAX_SAFE_INTEGER)
    : withoutControls
  const line = (values: readonly Value[]): void => ctx.print(values.map((value) => csvCell(value, safe)).join(','))
  return {
    notFinite: 'name',
    columns: (columns) => line(columns.map(({ name }) => name)),
    row: line,
    end: () => undefined,
  }
}

/** `cellChars`: where a table cuts a long value. */
export const queryPrinter = (format: QueryFormat, ctx: CliContext, cellChars = CELL_CHARS): QueryPrinter => {
  if (format === 'table') return tablePrinter(ctx, cellChars)
  return { json: jsonPrinter, jsonl: jsonlPrinter, csv: csvPrinter }[format](ctx)
}
