import Table from 'cli-table3'
import type { Paint } from './io.ts'

const NONE = Object.fromEntries(
  [
    'top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right',
    'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid',
  ].map((edge) => [edge, '']),
) // biome-ignore format: a list of edges

/** Columns with a bold head and two spaces between; wide letters count as wide. No trailing blanks, no last newline. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const table = new Table({
    head: head.map((name) => paint('strong', name)),
    chars: { ...NONE, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  })
  for (const row of rows) table.push([...row])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** `3 s`, `5 min`, `2 h`, `4 d`; unknown stays unknown. */
export function ageText(ageS: number | null): string {
  if (ageS === null) return 'never'
  if (ageS < 120) return `${Math.floor(ageS)} s`
  if (ageS < 7200) return `${Math.floor(ageS / 60)} min`
  return ageS < 172_800 ? `${Math.floor(ageS / 3600)} h` : `${Math.floor(ageS / 86_400)} d`
}
