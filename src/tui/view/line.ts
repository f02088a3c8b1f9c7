/** What a piece of text means; a theme says which colour that is, NO_COLOR none at all. */
export type Tone =
  | 'plain'
  | 'muted'
  | 'strong'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  | 'info'
  | 'unknown'
  | 'stale'
  | 'series1'
  | 'series2'
  | 'series3'
  | 'series4'

/** A run of text in one look. Foreign text has gone through `cell()` before it gets here. */
export interface Span {
  readonly text: string
  readonly tone?: Tone
  readonly bold?: boolean
  readonly inverse?: boolean
  readonly underline?: boolean
  /** Colours that a program other than vc chose, of the 256-colour table; a theme of few colours shows the nearest, NO_COLOR none. */
  readonly fg?: number
  readonly bg?: number
}

/** One row of a panel; longer ones are cut at the panel's edge, never wrapped. */
export type Line = readonly Span[]

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone })
