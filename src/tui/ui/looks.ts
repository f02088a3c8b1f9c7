import type { Look, Part, Theme } from '../themes/theme.ts'
import type { Span } from '../view/line.ts'
import { contrast, nearestOf16 } from '../view/palette.ts'

// blessed keeps a look in one number: flags, foreground, background; 0x1ff is the terminal's own colour.
const DEFAULT = 0x1ff
const BOLD = 1
const UNDERLINE = 2
const INVERSE = 8

const colour = (value: number | null | undefined): number => value ?? DEFAULT

const pack = (look: Look): number =>
  (((look.bold ? BOLD : 0) | (look.underline ? UNDERLINE : 0) | (look.inverse ? INVERSE : 0)) << 18) |
  (colour(look.fg) << 9) |
  colour(look.bg)

const over = (under: Look, top: Look): Look => ({
  fg: top.fg ?? under.fg ?? null,
  bg: top.bg ?? under.bg ?? null,
  bold: (top.bold ?? false) || (under.bold ?? false),
  underline: (top.underline ?? false) || (under.underline ?? false),
  inverse: (top.inverse ?? false) || (under.inverse ?? false),
})

const isForeign = ({ fg, bg }: Span): boolean => fg !== undefined || bg !== undefined

/** Less than this between letters and ground, and nobody can read them. */
const LEAST_CONTRAST = 1.7

/** Foreign colours over those of the theme, which may be light where the program thought it dark. */
const foreign = ({ colours }: Theme, base: Look, { fg, bg }: Span): Look => {
  if (colours === 0) return base
  const shown = (index: number | undefined): number | undefined =>
    index === undefined || colours === 256 ? index : nearestOf16(index)
  const look = { ...base, fg: shown(fg) ?? base.fg ?? null, bg: shown(bg) ?? base.bg ?? null }
  if (look.fg === null || look.bg === null || contrast(look.fg, look.bg) >= LEAST_CONTRAST) return look
  // A program that paints both may mean it: bars and blocks are letters of the colour they stand on.
  if (fg !== undefined && bg !== undefined) return look
  const [black, white] = colours === 256 ? [16, 231] : [0, 15]
  return { ...look, fg: contrast(black, look.bg) > contrast(white, look.bg) ? black : white }
}

/** The looks of a theme as blessed's numbers, each computed once. */
export const looksOf = (theme: Theme) => {
  const known = new Map<string, number>()
  const ground = theme.parts.ground
  const fresh = (part: Span, under: Part | undefined): number => {
    const base = under === undefined ? ground : over(ground, theme.parts[under])
    const tone = part.tone === undefined || part.tone === 'plain' ? {} : theme.tones[part.tone]
    const look = isForeign(part) ? foreign(theme, over(base, tone), part) : over(base, tone)
    return pack({
      ...look,
      bold: look.bold === true || part.bold === true,
      underline: look.underline === true || part.underline === true,
      inverse: (look.inverse === true) !== (part.inverse === true),
    })
  }
  return {
    /** Of a span, over a part where the span leaves something open. */
    of(part: Span, under?: Part): number {
      const own = `${part.tone ?? ''}|${under ?? ''}|${part.bold ? 1 : 0}${part.underline ? 1 : 0}${part.inverse ? 1 : 0}`
      const key = isForeign(part) ? `${own}|${part.fg ?? ''}|${part.bg ?? ''}` : own
      const found = known.get(key)
      if (found !== undefined) return found
      const attr = fresh(part, under)
      known.set(key, attr)
      return attr
    },
  }
}
export type Looks = ReturnType<typeof looksOf>
