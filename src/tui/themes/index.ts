import { plainTheme } from './plain.ts'
import { type Theme, themeOf } from './theme.ts'

/** Every theme, in the order in which `t` walks through them. The first is the one to start with. */
export const themes: readonly Theme[] = [
  // Deep space, nebula, emerald, solar flare, red alert; the series are the colours of the three providers and one more.
  themeOf('neural', 'Neural', 256, {
    ground: 233, text: 252, muted: 244, accent: 75, good: 71, warn: 178, bad: 203, info: 110, stale: 137, border: 238,
    chosen: { bg: 237, bold: true }, bar: { fg: 252, bg: 235 }, series: [173, 36, 69, 141],
  }),
  themeOf('midnight', 'Midnight', 256, {
    ground: 17, text: 189, muted: 103, accent: 117, good: 114, warn: 221, bad: 210, info: 147, stale: 180, border: 60,
    chosen: { bg: 24, bold: true }, bar: { fg: 189, bg: 18 }, series: [117, 114, 221, 176],
  }),
  themeOf('forest', 'Forest', 256, {
    ground: 234, text: 187, muted: 101, accent: 150, good: 107, warn: 179, bad: 167, info: 109, stale: 138, border: 239,
    chosen: { bg: 238, bold: true }, bar: { fg: 187, bg: 236 }, series: [150, 109, 179, 132],
  }),
  themeOf('amber', 'Amber terminal', 256, {
    ground: 232, text: 214, muted: 136, accent: 220, good: 178, warn: 208, bad: 196, info: 222, stale: 130, border: 94,
    chosen: { bg: 58, bold: true }, bar: { fg: 214, bg: 234 }, series: [220, 208, 178, 230],
  }),
  themeOf('daylight', 'Daylight (light)', 256, {
    ground: 255, text: 235, muted: 243, accent: 25, good: 28, warn: 130, bad: 160, info: 31, stale: 94, border: 250,
    chosen: { bg: 153, bold: true }, bar: { fg: 235, bg: 253 }, series: [25, 130, 28, 90],
  }),
  // Blue and orange and yellow, told apart by all common kinds of colour blindness (Okabe and Ito).
  themeOf('colour-blind', 'Colour-blind safe', 256, {
    ground: 233, text: 254, muted: 246, accent: 74, good: 74, warn: 220, bad: 208, info: 117, stale: 175, border: 240,
    chosen: { bg: 238, bold: true }, bar: { fg: 254, bg: 235 }, series: [74, 208, 220, 175],
  }),
  themeOf('contrast', 'High contrast', 256, {
    ground: 16, text: 231, muted: 251, accent: 51, good: 46, warn: 226, bad: 203, info: 123, stale: 215, border: 231,
    chosen: { fg: 16, bg: 226, bold: true }, bar: { fg: 16, bg: 231 }, series: [51, 226, 46, 213],
  }),
  themeOf('sixteen', 'Sixteen colours', 16, {
    ground: null, text: null, muted: 8, accent: 6, good: 2, warn: 3, bad: 1, info: 4, stale: 5, border: 8,
    chosen: { inverse: true }, bar: { inverse: true }, series: [6, 3, 2, 5],
  }),
] // biome-ignore format: palettes are read as tables

export const noColour = plainTheme

/** The theme of this name, or the first. A terminal of few colours gets one it can show, NO_COLOR none. */
export const themeNamed = (id: string | null, colours: 0 | 16 | 256): Theme => {
  if (colours === 0) return noColour
  const shown = themes.filter((theme) => theme.colours <= colours)
  return shown.find((theme) => theme.id === id) ?? shown[0] ?? noColour
}

/** The one after this. */
export const nextTheme = ({ id }: Theme, colours: 0 | 16 | 256): Theme => {
  if (colours === 0) return noColour
  const shown = themes.filter((theme) => theme.colours <= colours)
  return shown[(shown.findIndex((theme) => theme.id === id) + 1) % shown.length] ?? noColour
}
