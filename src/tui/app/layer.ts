import type { Input } from '../input.ts'
import type { Surface } from '../paint/surface.ts'
import type { Rect, Size } from '../panel.ts'

/** A key and what it does, for the footer. */
export interface Hint {
  readonly keys: string
  readonly says: string
}

/** A box over the screen that takes all keys while it is open. */
export interface Layer {
  readonly id: string
  place(size: Size): Rect
  paint(surface: Surface): void
  /** Takes a key. Layers close themselves through what they were given when opened. */
  press(input: Input): void
  readonly hints: readonly Hint[]
  /** Called once when it is closed, however it is closed. */
  closed?(): void
}

/** A box in the middle, never larger than the terminal. */
export const middle = ({ columns, rows }: Size, width: number, height: number): Rect => {
  const w = Math.max(4, Math.min(width, columns - 2))
  const h = Math.max(3, Math.min(height, rows - 2))
  return { x: Math.floor((columns - w) / 2), y: Math.floor((rows - h) / 2), width: w, height: h }
}
