import type { Theme } from './theme.ts'

/** NO_COLOR: weight, lines and order alone; every meaning also stands there as a sign or a word. */
export const plainTheme: Theme = {
  id: 'plain',
  title: 'No colour',
  colours: 0,
  tones: {
    plain: {},
    muted: {},
    strong: { bold: true },
    accent: { bold: true },
    good: {},
    warn: { bold: true },
    bad: { bold: true, underline: true },
    info: {},
    unknown: {},
    stale: { underline: true },
    series1: {},
    series2: {},
    series3: {},
    series4: {},
  },
  parts: {
    ground: {},
    border: {},
    focusBorder: { bold: true },
    title: {},
    focusTitle: { bold: true, inverse: true },
    chosen: { inverse: true },
    bar: { inverse: true },
    key: { bold: true },
  },
}
