import type { Rect } from '../panel.ts'
import type { Surface } from './surface.ts'

/** One thing to paint: its place and who paints it. Later ones lie over earlier ones. */
export interface Piece {
  readonly id: string
  readonly at: Rect
  paint(surface: Surface): void
}
