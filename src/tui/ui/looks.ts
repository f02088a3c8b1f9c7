import type { Look, Part, Theme } from '../themes/theme.ts'
import type { Span } from '../view/line.ts'

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

/** The looks of a theme as blessed's numbers, each computed once. */
export const looksOf = (theme: Theme) => {
  const known = new Map<string, number>()
  const ground = theme.parts.ground
  const fresh = (part: Span, under: Part | undefined): number => {
    const base = under === undefined ? ground : over(ground, theme.parts[under])
    const tone = part.tone === undefined || part.tone === 'plain' ? {} : theme.tones[part.tone]
    const look = over(base, tone)
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
      const key = `${part.tone ?? ''}|${under ?? ''}|${part.bold ? 1 : 0}${part.underline ? 1 : 0}${part.inverse ? 1 : 0}`
      const found = known.get(key)
      if (found !== undefined) return found
      const attr = fresh(part, under)
      known.set(key, attr)
      return attr
    },
  }
}
export type Looks = ReturnType<typeof looksOf>
