import { eastAsianWidth } from 'get-east-asian-width'

/** What one or two cells of the terminal hold: a letter with its marks. Width 0 never comes out. */
export interface Cluster {
  readonly text: string
  readonly width: 1 | 2
}

/** Stands for what terminals disagree about: emoji, joiners, letters of private fonts. */
const NARROW_SIGN = '◇'

// Escape sequences leave as a whole: `ESC [ 31 m` must not stay behind as `[31m`.
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])?/g
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu
const PLAIN = /^[ -~]*$/
const STRANGE = /\p{Emoji_Presentation}|\p{RI}|\p{Co}|\p{Cn}|\p{Cs}|\p{Mc}|[\u{10000}-\u{1faff}]|[\ufe0e\ufe0f\u20e3]/u
// Ranges that every table of the last twenty years calls two cells wide.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u2fd5\u3000-\u303e\u3041-\u4dbf\u4e00-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{2fffd}]/u
// Letters about whose width blessed, terminals and the standard are not of one mind.
const DISPUTED = /^[\u06de\u1161-\u11ff\u312e\u312f\u31bb-\u31bf\u31e4\u31e5\u31ef\u32ff\ud7b0-\ud7fb]/
const MARKS_MOST = 2

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const SIGN: Cluster = { text: NARROW_SIGN, width: 1 }

const clusterOf = (text: string): Cluster => {
  if (DISPUTED.test(text) || (STRANGE.test(text) && !WIDE.test(text))) return SIGN
  const [base = '', ...marks] = text
  if (/\p{M}/u.test(base)) return SIGN
  const wide = eastAsianWidth(base.codePointAt(0) ?? 0) === 2
  if (wide !== WIDE.test(base)) return SIGN
  const kept = marks.filter((mark) => /\p{Mn}/u.test(mark)).slice(0, MARKS_MOST)
  // A Hangul letter built of parts that NFC could not join would be drawn in as many cells as it has parts.
  if (kept.length < Math.min(marks.length, MARKS_MOST)) return SIGN
  return { text: base + kept.join(''), width: wide ? 2 : 1 }
}

const known = new Map<string, Cluster>()
const KNOWN_MOST = 4_096

const remembered = (text: string): Cluster => {
  const found = known.get(text)
  if (found) return found
  const cluster = clusterOf(text)
  if (known.size >= KNOWN_MOST) known.clear()
  known.set(text, cluster)
  return cluster
}

/** Foreign text without escape sequences, controls and invisible letters, in composed form; line ends and tabs become one blank. */
export const clean = (text: string): string =>
  PLAIN.test(text)
    ? text
    : text
        .replace(SEQUENCES, '')
        .replace(/[\t\r\n]+/g, ' ')
        .replace(INVISIBLE, '')
        .normalize('NFC')

/** The cells a text takes, in order. Text is cleaned first. */
export function* clusters(text: string): Generator<Cluster> {
  if (PLAIN.test(text)) {
    for (const letter of text) yield { text: letter, width: 1 }
    return
  }
  for (const { segment } of segmenter.segment(clean(text))) yield remembered(segment)
}
