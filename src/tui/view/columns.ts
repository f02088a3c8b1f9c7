import { cell, widthOf } from './cell.ts'
import { type Line, type Span, span } from './line.ts'

/** One column of a table. Widths are cells. */
export interface Column<Row> {
  readonly head: string
  readonly of: (row: Row) => string | Span | Line
  /** Narrower than this it is of no use. Default: what its head takes. */
  readonly least?: number
  /** Wider than this is waste. Default: as wide as its widest value. */
  readonly most?: number
  readonly align?: 'left' | 'right'
  /** The lower, the earlier it is left out when there is no room. Default 100; Infinity never goes. */
  readonly keep?: number
}

export interface Table {
  readonly head: Line
  readonly lines: readonly Line[]
  /** One line; a list of hundreds makes only those in sight. */
  lineAt(index: number): Line
}

const GAP = 1

const asLine = (value: string | Span | Line): Line =>
  typeof value === 'string' ? [span(value)] : 'text' in value ? [value] : value

const lineWidth = (line: Line): number => line.reduce((sum, part) => sum + widthOf(part.text), 0)

/** A line cut and filled to exactly `width` cells, looks kept. Foreign text in it is made safe. */
export const fitLine = (line: Line, width: number, align: 'left' | 'right' = 'left'): Line => {
  const wide = lineWidth(line)
  const blanks = span(' '.repeat(Math.max(0, width - wide)))
  if (wide <= width) {
    const safe = line.map((part) => ({ ...part, text: cell(part.text, widthOf(part.text)) }))
    return align === 'left' ? [...safe, blanks] : [blanks, ...safe]
  }
  const kept: Span[] = []
  let left = width
  for (const part of line) {
    const wants = widthOf(part.text)
    const isLast = wants >= left
    kept.push({ ...part, text: cell(part.text, Math.min(wants, left)) })
    left -= Math.min(wants, left)
    if (isLast) break
  }
  return kept
}

const wantedWidth = <Row>(column: Column<Row>, cells: readonly Line[]): number => {
  const widest = cells.reduce((most, line) => Math.max(most, lineWidth(line)), widthOf(column.head))
  return Math.min(widest, column.most ?? Number.POSITIVE_INFINITY)
}

interface Fitted<Row> {
  readonly column: Column<Row>
  readonly cells: readonly Line[]
  width: number
}

const total = <Row>(all: readonly Fitted<Row>[], of: (one: Fitted<Row>) => number): number =>
  all.reduce((sum, one) => sum + of(one) + GAP, -GAP)

const leastOf = <Row>({ column, width }: Fitted<Row>): number => Math.min(width, column.least ?? widthOf(column.head))

const dropped = <Row>(all: readonly Fitted<Row>[], width: number): Fitted<Row>[] => {
  const kept = [...all]
  while (kept.length > 1 && total(kept, leastOf) > width) {
    const lowest = kept.reduce((low, one) => ((one.column.keep ?? 100) <= (low.column.keep ?? 100) ? one : low))
    kept.splice(kept.indexOf(lowest), 1)
  }
  return kept
}

// The widest gives first: short columns (age, state) stay whole.
const shrunk = <Row>(kept: readonly Fitted<Row>[], width: number): void => {
  let over = total(kept, (one) => one.width) - width
  while (over > 0) {
    const widest = kept
      .filter((one) => one.width > leastOf(one))
      .reduce<Fitted<Row> | null>((most, one) => (most && most.width >= one.width ? most : one), null)
    if (widest === null) return
    widest.width -= 1
    over -= 1
  }
}

/** A table in `width` cells: columns shrink to their least, then the least important is left out. */
export const columns = <Row>(rows: readonly Row[], specs: readonly Column<Row>[], width: number): Table => {
  const all = specs.map((column): Fitted<Row> => {
    const cells = rows.map((row) => asLine(column.of(row)))
    return { column, cells, width: wantedWidth(column, cells) }
  })
  const kept = dropped(all, width)
  shrunk(kept, width)
  const lineOf = (at: (one: Fitted<Row>) => Line): Line =>
    fitLine(
      kept.flatMap((one, index) => [
        ...(index === 0 ? [] : [span(' '.repeat(GAP))]),
        ...fitLine(at(one), one.width, one.column.align),
      ]),
      width,
    )
  const lineAt = (index: number): Line => lineOf(({ cells }) => cells[index] ?? [])
  return {
    head: lineOf(({ column }) => [span(column.head, 'muted')]),
    get lines() {
      return rows.map((_, index) => lineAt(index))
    },
    lineAt,
  }
}
