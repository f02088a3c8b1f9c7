import { clusters } from './clusters.ts'

// Letters of ASCII and vc's own glyphs: each takes one cell and is itself, so that length is width. Cutting text into
// clusters costs a hundred times as much.
const NARROW = /^[ -~·–—‘’“”•…‹›←-↓■-▲▼◆◇○●◐✓✗─-╿▀-▟⠀-⣿]*$/
// A cell never shows more than a line of a terminal; a longer text is not even looked at.
const LONGEST = 1_024

const bounded = (text: string): string => (text.length > LONGEST ? text.slice(0, LONGEST) : text)

/** Cells the text takes on the screen; what is past the longest line is not counted. */
export const widthOf = (text: string): number => {
  if (NARROW.test(text)) return text.length
  let width = 0
  for (const cluster of clusters(bounded(text))) width += cluster.width
  return width
}

interface Cut {
  readonly text: string
  readonly width: number
  readonly whole: boolean
}

const cut = (text: string, width: number): Cut => {
  let kept = ''
  let used = 0
  for (const cluster of clusters(text)) {
    if (used + cluster.width > width) return { text: kept, width: used, whole: false }
    kept += cluster.text
    used += cluster.width
  }
  return { text: kept, width: used, whole: true }
}

/** Foreign text made safe and at most `width` cells wide; what is cut ends in `…`. */
export const clip = (text: string, width: number): string => {
  if (width <= 0) return ''
  const begin = bounded(text)
  const isAll = begin.length === text.length
  if (NARROW.test(begin)) return isAll && begin.length <= width ? begin : `${begin.slice(0, width - 1)}…`
  const first = cut(begin, width)
  if (first.whole && isAll) return first.text
  return `${cut(begin, width - 1).text}…`
}

/** Foreign text made safe and exactly `width` cells wide: cut with `…`, filled with blanks. */
export const cell = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
  if (width <= 0) return ''
  const kept = clip(text, width)
  const blanks = ' '.repeat(Math.max(0, width - widthOf(kept)))
  return align === 'left' ? kept + blanks : blanks + kept
}
