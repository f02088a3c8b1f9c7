import type { Cell, Row } from './rows.ts'

/** One column of many rows. */
export type PackedColumn =
  | { readonly is: 'same'; readonly value: Cell }
  /** Row `i` has `words[index[i]]`; a negative index is null. Columns that share an index array are looked up together. */
  | { readonly is: 'words'; readonly words: readonly Cell[]; readonly index: Int32Array }
  /** NaN is null. */
  | { readonly is: 'numbers'; readonly values: Float64Array }
  /** Epoch ms. */
  | { readonly is: 'times'; readonly values: Float64Array }
  /** One line per row; an empty one is null where the column may be null. */
  | { readonly is: 'texts'; readonly lines: string }

/**
 * Rows of one table, column by column, each row its own key: for backfills, where an object for each row costs more than
 * all else that is done with it.
 */
export interface PackedRows {
  readonly count: number
  readonly columns: Readonly<Record<string, PackedColumn>>
}

const reader = (column: PackedColumn): ((row: number) => Cell) => {
  switch (column.is) {
    case 'same':
      return () => column.value
    case 'words':
      return (row) => column.words[column.index[row] as number] ?? null
    case 'numbers':
      return (row) => (Number.isNaN(column.values[row]) ? null : (column.values[row] as number))
    case 'times':
      return (row) => new Date(column.values[row] as number)
    case 'texts': {
      const lines = column.lines.split('\n')
      return (row) => lines[row] || null
    }
  }
}

/** The different values of a column, in the order in which they come. */
export const wordsIn = (packed: PackedRows, name: string): readonly Cell[] => {
  const column = packed.columns[name]
  if (column === undefined || column.is === 'same') return [column?.value ?? null]
  if (column.is === 'words') return [...new Set(Array.from(new Set(column.index), (at) => column.words[at] ?? null))]
  const read = reader(column)
  return [...new Set(Array.from({ length: packed.count }, (_, row) => read(row)))]
}

/** The same rows as objects. */
export const unpackRows = (packed: PackedRows): Row[] => {
  const readers = Object.entries(packed.columns).map(([name, column]) => [name, reader(column)] as const)
  return Array.from({ length: packed.count }, (_, row) =>
    Object.fromEntries(readers.map(([name, read]) => [name, read(row)])),
  )
}
