import type { Rect, Size } from '../panel.ts'

/** Rows at the top: the state of the fleet, then the bar of screens when there is room for it. */
export const headRows = ({ rows }: Size): number => (rows >= 20 ? 2 : 1)

/** Smaller than this and nothing sensible can be shown. */
export const LEAST_SIZE: Size = { columns: 40, rows: 10 }

export const isTooSmall = ({ columns, rows }: Size): boolean => columns < LEAST_SIZE.columns || rows < LEAST_SIZE.rows

/** The place of a screen: between head and footer. `extra` rows go to the filter and replay lines. */
export const bodyArea = (size: Size, extra = 0): Rect => {
  const top = headRows(size) + extra
  return { x: 0, y: top, width: size.columns, height: Math.max(0, size.rows - top - 1) }
}

/** A panel's place inside the body, moved to the terminal and cut to what is there. */
export const placed = (at: Rect, body: Rect): Rect => {
  const x = Math.max(0, Math.min(at.x, body.width))
  const y = Math.max(0, Math.min(at.y, body.height))
  return {
    x: body.x + x,
    y: body.y + y,
    width: Math.max(0, Math.min(at.width, body.width - x)),
    height: Math.max(0, Math.min(at.height, body.height - y)),
  }
}
