import type { Panel, Size } from './panel.ts'

/** A question the app asks the daemon for a screen, again when `everyMs` is over or something changed. */
export interface ScreenAsk {
  /** Under this name the answer reaches `model`. */
  readonly as: string
  readonly topic: string
  readonly params?: Readonly<Record<string, unknown>>
  /** Default: the refresh of the app (1 s for what is cheap, more for what is not). */
  readonly everyMs?: number
  /** Asked about now, also while the past is replayed: where the past is chosen from. */
  readonly present?: true
}

/** What is known of one question right now. An old answer stays, with its age, while a new one fails. */
export interface AnswerNow {
  readonly data: unknown
  /** Null: never answered. */
  readonly ageMs: number | null
  readonly staleness: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
  readonly error: { readonly line: string; readonly detail: string } | null
}

/** Persists over screens; every screen narrows what it shows by it. */
export interface FilterBar {
  readonly machine: string | null
  readonly repo: string | null
  readonly provider: string | null
  /** Hours back for what has a span. */
  readonly hours: number
  /** `/` search on this screen; empty when none. */
  readonly text: string
}

/** All a screen may look at. */
export interface ScreenView {
  /** The moment shown: while the past is replayed, that moment. */
  readonly now: Date
  /** The time it really is; absent: `now`. */
  readonly clock?: Date
  /** Null: now. Otherwise the moment that is replayed; it goes to every question as `at`. */
  readonly at: Date | null
  readonly filter: FilterBar
  readonly answers: Readonly<Record<string, AnswerNow>>
  /** Panel id to the id of the chosen row. */
  readonly chosen: Readonly<Record<string, string>>
  /** What keys of this screen switched on or chose (`{ sort: 'cost' }`). */
  readonly options: Readonly<Record<string, string>>
}

/** What a key wants; the app does it. */
export type Wish =
  | {
      readonly wish: 'go'
      readonly screen: string
      readonly filter?: Partial<FilterBar>
      readonly chosen?: Readonly<Record<string, string>>
    }
  | { readonly wish: 'option'; readonly name: string; readonly value: string }
  /** Runs a vc command as typed after `vc`; its own questions are asked in a box, its output is shown. */
  | { readonly wish: 'run'; readonly argv: readonly string[]; readonly title: string }
  /** Asks for one line and runs what becomes of it. */
  | { readonly wish: 'prompt'; readonly title: string; readonly then: (line: string) => Wish }
  | { readonly wish: 'replay'; readonly at: string | null }
  | { readonly wish: 'detail'; readonly title: string; readonly text: string }
  /** Leaves the screen to a terminal program (attach) and comes back. */
  | { readonly wish: 'attach'; readonly agent: string }
  | { readonly wish: 'live'; readonly agent: string; readonly how: 'focus' | 'zoom' | 'split' }

/** A key is data: the footer, `?` and docs/keys.md are printed from it. */
export interface ScreenKey<Model> {
  readonly keys: readonly string[]
  readonly says: string
  /** Why it cannot be done now; null when it can. */
  blockedBy?(model: Model, view: ScreenView): string | null
  act(model: Model, view: ScreenView): Wish | null
}

/** One screen of the cockpit: model in, panels out; it never meets the terminal. */
export interface Screen<Model = unknown> {
  readonly id: string
  /** A digit or a letter after `g`; null when it is reached by name only. */
  readonly key: string
  readonly title: string
  /** One sentence for `?` and the docs. */
  readonly about: string
  /** Hidden until this says so (screens of the guardian, before there is one). */
  readonly shown?: (view: ScreenView) => boolean
  asks(view: ScreenView): readonly ScreenAsk[]
  model(view: ScreenView): Model
  panels(model: Model, size: Size, view: ScreenView): readonly Panel[]
  readonly keys: readonly ScreenKey<Model>[]
  /** Enter on a row of a panel: the way down. */
  open?(panelId: string, rowId: string, model: Model, view: ScreenView): Wish | null
}

export const defineScreen = <Model>(screen: Screen<Model>): Screen<Model> => screen
