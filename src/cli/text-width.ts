import { eastAsianWidth } from 'get-east-asian-width'

const PLAIN = /^[ -~]*$/
const PICTURE = /\p{Emoji_Presentation}/u
const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

const widthOfLetter = (letter: string): number =>
  PICTURE.test(letter) ? 2 : eastAsianWidth(letter.codePointAt(0) ?? 0)

/** How many columns of a terminal a text takes: a letter of east Asia takes two. */
export const textWidth = (text: string): number => {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of letters.segment(text)) width += widthOfLetter(segment)
  return width
}

/** At most so many columns, and a sign where there was more. */
export const shortened = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text
  let kept = ''
  let width = 1
  for (const { segment } of letters.segment(text)) {
    width += widthOfLetter(segment)
    if (width > Math.max(columns, 2)) break
    kept += segment
  }
  return `${kept}…`
}
