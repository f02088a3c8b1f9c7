import type { Rect, Size } from '../panel.ts'

/** A share of a length: a whole number of cells, or a weight of what is left (`{ part: 2, least: 6 }`). */
export type Share = number | { readonly part: number; readonly least?: number }

/** The whole area of a screen. */
export const whole = ({ columns, rows }: Size): Rect => ({ x: 0, y: 0, width: columns, height: rows })

const lengths = (total: number, shares: readonly Share[]): number[] => {
  const fixed = shares.reduce<number>((sum, share) => sum + (typeof share === 'number' ? share : 0), 0)
  const parts = shares.reduce<number>((sum, share) => sum + (typeof share === 'number' ? 0 : share.part), 0)
  let free = Math.max(0, total - fixed)
  let weight = parts
  let left = total
  return shares.map((share) => {
    if (typeof share === 'number') {
      const got = Math.max(0, Math.min(share, left))
      left -= got
      return got
    }
    const wanted = Math.max(share.least ?? 0, weight > 0 ? Math.round((free * share.part) / weight) : 0)
    const got = Math.max(0, Math.min(wanted, left))
    free = Math.max(0, free - got)
    weight -= share.part
    left -= got
    return got
  })
}

/** Splits a rect from top to bottom. As many rects come back as shares went in; late ones may have no height. */
export const stack = (at: Rect, ...shares: readonly Share[]): readonly Rect[] => {
  let y = at.y
  return lengths(at.height, shares).map((height) => {
    const rect = { x: at.x, y, width: at.width, height }
    y += height
    return rect
  })
}

/** Splits a rect from left to right. */
export const beside = (at: Rect, ...shares: readonly Share[]): readonly Rect[] => {
  let x = at.x
  return lengths(at.width, shares).map((width) => {
    const rect = { x, y: at.y, width, height: at.height }
    x += width
    return rect
  })
}

/** What is inside the border of a panel. */
export const inner = (at: Rect): Rect => ({
  x: at.x + 1,
  y: at.y + 1,
  width: Math.max(0, at.width - 2),
  height: Math.max(0, at.height - 2),
})

/** Room for the words of a row, and for rows, in a panel of this place. */
export const innerWidth = (at: Rect): number => inner(at).width
export const innerHeight = (at: Rect): number => inner(at).height
