import type { Tone } from '../view/line.ts'

/** How a piece of text looks: colours are numbers of the 256-colour table (0–15: the terminal's own), null its default. */
export interface Look {
  readonly fg?: number | null
  readonly bg?: number | null
  readonly bold?: boolean
  readonly underline?: boolean
  readonly inverse?: boolean
}

/** Places that are not text of a tone. */
export type Part = 'ground' | 'border' | 'focusBorder' | 'title' | 'focusTitle' | 'chosen' | 'bar' | 'key'

/** A theme is data: what each tone and each part looks like. */
export interface Theme {
  readonly id: string
  readonly title: string
  /** How many colours of the terminal it uses. */
  readonly colours: 0 | 16 | 256
  readonly tones: Readonly<Record<Tone, Look>>
  readonly parts: Readonly<Record<Part, Look>>
}

/** The colours a theme is made of; the rest follows. */
interface Palette {
  readonly ground: number | null
  readonly text: number | null
  readonly muted: number
  readonly accent: number
  readonly good: number
  readonly warn: number
  readonly bad: number
  readonly info: number
  readonly stale: number
  readonly border: number
  readonly chosen: Look
  readonly bar: Look
  readonly series: readonly [number, number, number, number]
}

/** A theme from its colours. */
export const themeOf = (id: string, title: string, colours: 16 | 256, p: Palette): Theme => ({
  id,
  title,
  colours,
  tones: {
    plain: { fg: p.text },
    muted: { fg: p.muted },
    strong: { fg: p.text, bold: true },
    accent: { fg: p.accent },
    good: { fg: p.good },
    warn: { fg: p.warn },
    bad: { fg: p.bad, bold: true },
    info: { fg: p.info },
    unknown: { fg: p.muted },
    stale: { fg: p.stale },
    series1: { fg: p.series[0] },
    series2: { fg: p.series[1] },
    series3: { fg: p.series[2] },
    series4: { fg: p.series[3] },
  },
  parts: {
    ground: { fg: p.text, bg: p.ground },
    border: { fg: p.border },
    focusBorder: { fg: p.accent },
    title: { fg: p.muted, bold: true },
    focusTitle: { fg: p.accent, bold: true },
    chosen: p.chosen,
    bar: p.bar,
    key: { fg: p.accent, bold: true },
  },
})
