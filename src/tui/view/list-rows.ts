import type { ListPanel } from '../panel.ts'
import type { Table } from './columns.ts'

/** Rows of a list whose lines are laid out when they come in sight: of hundreds only some dozens ever do. */
export const listRows = <Row>(
  rows: readonly Row[],
  idOf: (row: Row) => string,
  { lineAt }: Pick<Table, 'lineAt'>,
): ListPanel['rows'] =>
  rows.map((row, index) => ({
    id: idOf(row),
    get line() {
      return lineAt(index)
    },
  }))
