import { cell } from './cell.ts'
import { type Span, span, type Tone } from './line.ts'
import { percent } from './numbers.ts'

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const STEPS = '▁▂▃▄▅▆▇█'

interface Limits {
  readonly warnAt: number
  readonly badAt: number
}

/** The tone of a percentage of something that runs out. */
export const levelTone = (
  pct: number | null | undefined,
  { warnAt, badAt }: Limits = { warnAt: 75, badAt: 90 },
): Tone => (pct == null ? 'unknown' : pct >= badAt ? 'bad' : pct >= warnAt ? 'warn' : 'good')

/** A bar of `width` cells; unknown is dotted, never empty. */
export const bar = (pct: number | null | undefined, width: number, limits?: Limits): readonly Span[] => {
  if (width <= 0) return []
  if (pct == null) return [span('·'.repeat(width), 'unknown')]
  const eighths = Math.round((Math.min(100, Math.max(0, pct)) / 100) * width * 8)
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
  return [span(filled, levelTone(pct, limits)), span('░'.repeat(width - filled.length), 'muted')]
}

/** A bar with its number at the right, in `width` cells: `████░░░  57%`. */
export const gauge = (pct: number | null | undefined, width: number, limits?: Limits): readonly Span[] => [
  ...bar(pct, Math.max(0, width - 5), limits),
  span(cell(percent(pct), Math.min(5, width), 'right'), levelTone(pct, limits)),
]

/** The last `width` values as a row of blocks; a gap is a dot. `max` fixes the scale. */
export const spark = (
  values: readonly (number | null)[],
  width: number,
  tone: Tone = 'series1',
  max?: number,
): Span => {
  const last = values.slice(-Math.max(0, width))
  const top = Math.max(max ?? 0, ...last.map((value) => value ?? 0))
  const block = (value: number | null): string => {
    if (value === null) return '·'
    const step = top <= 0 ? 0 : Math.round((Math.max(0, value) / top) * (STEPS.length - 1))
    return STEPS[step] ?? '█'
  }
  return span(last.map(block).join('').padStart(Math.max(0, width)), tone)
}
