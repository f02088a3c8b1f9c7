import type { ActionParams, ActWish } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import { sha256 } from '../../core/ids.ts'
import { quotedText, typedText } from '../../core/quoted-text.ts'
import type { QuotedSource } from './quoted-source.ts'

/** Longer texts belong into a file that the agent is told to read. */
const MOST_CHARS = 65_536

/** The text of a wish as it may be typed. Throws a usage error when there is none. */
export const textOf = ({ params }: ActWish): string => {
  const text = typeof params.text === 'string' ? typedText(params.text) : ''
  if (text.trim() === '') throw usageError('no_text', 'there is no text to send', 'vc agent send <agent> <text>')
  if (text.length > MOST_CHARS)
    throw usageError(
      'text_too_long',
      `the text has ${text.length} characters, at most ${MOST_CHARS} are sent`,
      'put it into a file, and send its path',
    )
  return text
}

/** What the audit keeps of a text: that it was this one, never what it says. */
export const textParams = (text: string): ActionParams => ({
  text_chars: text.length,
  text_lines: text.split('\n').length,
  text_sha256: sha256(text),
})

const DEFAULT_NUDGE = 'Please go on with your task. If something blocks you, say what it is.'

/** A person's own words, and below them what somebody else wrote, as quoted data with its origin. */
export const nudgeOf = (
  wish: ActWish,
  quoted: QuotedSource | null,
): { readonly text: string; readonly params: ActionParams } => {
  const given = wish.params.text
  const words = typeof given === 'string' && given.trim() !== '' ? textOf(wish) : DEFAULT_NUDGE
  const text = quoted === null ? words : `${words}\n\n${quotedText(quoted.text, quoted.origin)}`
  const from = quoted === null ? {} : { quoted_kind: quoted.origin.kind, quoted_id: quoted.origin.id.slice(0, 128) }
  return { text, params: { ...textParams(text), ...from } }
}
