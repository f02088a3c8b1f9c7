import type { ListPanel, Rect } from '../panel.ts'
import type { AnswerNow } from '../screen.ts'
import { emptyWords, standing } from './answer-notes.ts'
import { innerWidth } from './arrange.ts'
import { type Column, columns } from './columns.ts'
import { type Line, span } from './line.ts'
import { listRows } from './list-rows.ts'
import { hiddenWords } from './narrowed.ts'

interface TableWish<Row> {
  readonly id: string
  readonly title: string
  readonly at: Rect
  readonly answer: AnswerNow | undefined
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  readonly columns: readonly Column<Row>[]
  /** Rows before the filter, and what they are called: an empty list then says that the filter hides them. */
  readonly all?: number
  readonly what?: string
  readonly empty: { readonly why: string; readonly fill: string }
  /** From which age on the answer counts as old; default: that of every answer. */
  readonly staleAfterMs?: number
  /** Beside the title while the answer is fresh; default: how many rows. */
  readonly note?: Line
}

/** A list of one answer's rows as a table, with everything a panel says of how its answer stands. */
export const tablePanel = <Row>(wish: TableWish<Row>): ListPanel => {
  const { answer, rows, at } = wish
  const table = columns(rows, wish.columns, innerWidth(at))
  const stand = standing(answer, wish.staleAfterMs)
  const count: Line = rows.length === 0 ? [] : [span(String(rows.length), 'muted')]
  return {
    kind: 'list',
    id: wish.id,
    title: wish.title,
    at,
    ...stand,
    note: stand.note.length > 0 ? stand.note : (wish.note ?? count),
    empty: emptyWords(answer, hiddenWords(wish.all ?? 0, wish.what ?? 'rows') ?? wish.empty),
    head: table.head,
    rows: listRows(rows, wish.idOf, table),
  }
}
