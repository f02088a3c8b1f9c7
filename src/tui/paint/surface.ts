import type { Rect } from '../panel.ts'
import type { Part } from '../themes/theme.ts'
import type { Line } from '../view/line.ts'

/** A place one can write into. Coordinates count from its own corner; what lies outside is cut off. */
export interface Surface {
  readonly at: Rect
  /** Writes a line from (x, y), cut and filled with blanks to `width` cells. `under` gives what tones leave open. */
  put(x: number, y: number, line: Line, width: number, under?: Part): void
}

/** Text of a part (a border, a title) instead of a tone. */
export const fillOf = (width: number): Line => [{ text: ' '.repeat(Math.max(0, width)) }]
