import type { Widgets } from 'blessed'
import type { Surface } from '../paint/surface.ts'
import type { Rect } from '../panel.ts'
import { clusters } from '../view/clusters.ts'
import type { Looks } from './looks.ts'

/** A row of blessed's buffer: [look, letter] per cell, and whether anything in it changed. */
type Row = [number, string][] & { dirty?: boolean }

/** Blessed keeps its buffer public in fact, not in its types. */
interface Buffered {
  readonly lines: readonly Row[]
}

const isBuffered = (screen: object): screen is Buffered => 'lines' in screen && Array.isArray(screen.lines)

const rowsOf = (screen: Widgets.Screen): readonly Row[] => {
  if (!isBuffered(screen)) throw new Error('this blessed keeps no cell buffer')
  return screen.lines
}

const set = (row: Row, x: number, look: number, text: string): void => {
  const found = row[x]
  if (found === undefined || (found[0] === look && found[1] === text)) return
  found[0] = look
  found[1] = text
  row.dirty = true
}

/**
 * A place that writes straight into blessed's cells: no tags, no escape sequences, nothing parsed again. Only cells that
 * differ make a row dirty, so an unchanged frame costs no byte.
 */
export const surfaceOf = (screen: Widgets.Screen, looks: Looks, at: Rect): Surface => ({
  at,
  put(x, y, line, width, under) {
    const row = y >= 0 && y < at.height ? rowsOf(screen)[at.y + y] : undefined
    if (row === undefined) return
    const end = at.x + Math.min(at.width, x + width)
    let column = at.x + Math.max(0, x)
    for (const part of line) {
      const look = looks.of(part, under)
      for (const cluster of clusters(part.text)) {
        if (column + cluster.width > end) break
        set(row, column, look, cluster.text)
        // Blessed draws a wide letter over the cell behind it.
        if (cluster.width === 2) set(row, column + 1, look, ' ')
        column += cluster.width
      }
    }
    const rest = looks.of({ text: '' }, under)
    for (; column < end; column += 1) set(row, column, rest, ' ')
  },
})
