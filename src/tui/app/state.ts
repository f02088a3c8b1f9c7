import type { Rect } from '../panel.ts'
import type { FilterBar } from '../screen.ts'
import type { Theme } from '../themes/theme.ts'
import type { Line, Tone } from '../view/line.ts'
import type { Layer } from './layer.ts'

/** Where one stands on a screen; kept while one is elsewhere. */
export interface Stand {
  focus: string | null
  /** Panel id to the id of the chosen row, as chosen by a person or by the way here. */
  chosen: Record<string, string>
  /** Panel id to the index the chosen row had last: when it vanishes, its neighbour is chosen. */
  index: Record<string, number>
  /** Panel id to the first line in sight. */
  top: Record<string, number>
  options: Record<string, string>
  /** What `/` looks for. */
  text: string
}

/** A step of the way that Esc goes back. */
interface Step {
  readonly screen: string
  readonly filter: FilterBar
  readonly stand: Stand
}

export interface Toast {
  readonly text: string
  readonly tone: Tone
  readonly untilMs: number
}

/** Everything the cockpit remembers while it runs, besides answers. */
export interface AppState {
  screen: string
  readonly back: Step[]
  readonly stands: Map<string, Stand>
  filter: FilterBar
  at: Date | null
  theme: Theme
  /** Boxes over the screen; the last takes the keys. */
  readonly layers: Layer[]
  toasts: Toast[]
  /** `g` was pressed and waits for a letter. */
  going: boolean
  /** Frozen, so that text can be marked with the terminal's own means. */
  copying: { readonly lines: readonly Line[]; readonly title: string } | null
  mouse: boolean
  /** A line at the bottom until the next key: why something cannot be done. */
  said: { readonly text: string; readonly tone: Tone } | null
}

/** A panel as it was painted last. */
export interface Shown {
  readonly id: string
  readonly at: Rect
  readonly top: number
}

export const NO_FILTER: FilterBar = { machine: null, repo: null, provider: null, hours: 24, text: '' }

export const freshStand = (): Stand => ({ focus: null, chosen: {}, index: {}, top: {}, options: {}, text: '' })

export const standOf = (state: AppState, screen: string): Stand => {
  const found = state.stands.get(screen)
  if (found !== undefined) return found
  const stand = freshStand()
  state.stands.set(screen, stand)
  return stand
}
