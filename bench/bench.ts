/** One line of the table: what was measured, beside what, and what must hold. */
export interface Figure {
  readonly what: string
  readonly figure: string
  /** What it was measured beside, in the same run; '' when nothing. */
  readonly baseline: string
  readonly ratio: number | null
  readonly target: string
  /** Null: printed for information, nothing is promised. */
  readonly ok: boolean | null
}

/** `full` is the promise at its full count; otherwise the same code with fewer machines, rounds and seconds. */
export interface Size {
  readonly full: boolean
}

export interface Bench {
  readonly name: string
  readonly about: string
  run(size: Size): Promise<readonly Figure[]>
}

/** A figure that must stay at or below `limit`. */
export const atMost = (
  given: Omit<Figure, 'ok' | 'target'> & { readonly value: number; readonly limit: number; readonly unit: string },
): Figure => {
  const { value, limit, unit, ...rest } = given
  return { ...rest, target: `<= ${limit}${unit}`, ok: value <= limit }
}

const MARKS = { true: 'ok', false: 'SHORT', null: '' } as const

const cellsOf = ({ what, figure, baseline, ratio, target, ok }: Figure): readonly string[] => [
  what,
  figure,
  baseline,
  ratio === null ? '' : ratio.toFixed(3).replace(/(\.\d\d)\d$/, ratio >= 0.1 ? '$1' : '$&'),
  target,
  MARKS[`${ok}`],
]

export const table = (figures: readonly Figure[]): string => {
  const rows = [['what', 'figure', 'baseline', 'ratio', 'target', ''], ...figures.map(cellsOf)]
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
