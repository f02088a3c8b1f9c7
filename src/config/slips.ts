import type { BrokenPlace } from './broken-place.ts'
import { slipOfKey } from './slips-of-keys.ts'
import { slipOfValue } from './slips-of-values.ts'

/** What somebody did who wrote something that is not TOML, and what would be. */
export interface Slip {
  readonly says: string
  readonly fix: string
  /** Where it is seen, if not where the parser stopped. */
  readonly at?: number
  /** The key that was meant, where none could be read. */
  readonly key?: string
}

const codePoint = (letter: string): string => `U+${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`

// Blanks that are none, letters without width, control characters: pasted from a page, and nobody can see them.
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/

function slipOfLetter({ text, at }: BrokenPlace): Slip | null {
  const letter = text.charAt(at)
  if (letter === '\r' && !text.includes('\n'))
    return { says: 'its lines end as on an old Mac (CR alone)', fix: 'save it with line ends of Unix (LF)' }
  if (!UNSEEN.test(letter)) return null
  return {
    says: `a character that nobody sees stands there: ${codePoint(letter)}`,
    fix: 'delete it, or type the line anew',
  }
}

/** What the parser stopped at, in words of who wrote it; null where nothing better is known than its own. */
export const slipAt = (place: BrokenPlace, said: string): Slip | null =>
  slipOfLetter(place) ??
  (place.part === 'value' && !said.startsWith('trying to') ? slipOfValue(place, said) : slipOfKey(place, said))
