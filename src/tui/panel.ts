import type { Line, Tone } from './view/line.ts'

/** A place on the screen in cells, border included. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

interface PanelBase {
  /** Unique on its screen: `machines`, `forecast`. */
  readonly id: string
  readonly title: string
  readonly at: Rect
  /** At the right of the title: an age when it is old, a count, a position. */
  readonly note?: Line
  /** Said instead of nothing: why it is empty, and what would fill it. */
  readonly empty?: { readonly why: string; readonly fill: string }
  /** One line in the panel when what it shows could not be asked for; the detail opens with a key. */
  readonly error?: { readonly line: string; readonly detail: string }
}

/** Rows one can walk through. The app keeps the chosen row by its id, so a refresh does not move it. */
export interface ListPanel extends PanelBase {
  readonly kind: 'list'
  readonly head?: Line
  readonly rows: readonly { readonly id: string; readonly line: Line }[]
}

/** Lines one can scroll. `follow` keeps the end in sight until a person scrolls up. */
export interface TextPanel extends PanelBase {
  readonly kind: 'text'
  readonly lines: readonly Line[]
  readonly follow?: boolean
}

/** A line chart. All series share the points of time; null is a gap, never 0. */
export interface ChartPanel extends PanelBase {
  readonly kind: 'chart'
  readonly unit: string
  readonly times: readonly string[]
  readonly series: readonly {
    readonly name: string
    readonly tone: Tone
    readonly values: readonly (number | null)[]
  }[]
  /** Upper end of the scale when it is known (100 for per cent). */
  readonly max?: number
}

/** The live screen of an agent's session, read-only until it has the focus. `cells` are ready lines of the emulator. */
export interface LivePanel extends PanelBase {
  readonly kind: 'live'
  readonly agentId: string
}

export type Panel = ListPanel | TextPanel | ChartPanel | LivePanel
