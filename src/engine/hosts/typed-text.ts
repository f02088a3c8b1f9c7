import { VcError } from '../../core/errors.ts'
import type { TypeRefusal, TypeRequest } from '../../core/session-host.ts'

/** More than this is no message: it belongs into a file whose path is sent. */
export const MAX_TEXT_BYTES = 100_000
/** A terminal that edits lines itself cuts each at this many bytes and says nothing. */
export const MAX_COOKED_LINE_BYTES = 4_095

// All control characters but tab and line feed: without ESC and the C1 CSI no end of a paste can be forged.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

export interface CleanText {
  readonly text: string
  readonly bytes: number
  /** Characters that were left out. */
  readonly dropped: number
  /** Some line is too long for a terminal in line mode. */
  readonly longLine: boolean
}

/** Text as it may be typed into somebody's terminal. Line ends become LF. Pure. */
export const cleanText = (given: string): CleanText => {
  const unix = given.replace(/\r\n?/g, '\n').toWellFormed()
  const text = unix.replace(CONTROL, '')
  const longLine = text.split('\n').some((line) => Buffer.byteLength(line) >= MAX_COOKED_LINE_BYTES)
  return { text, bytes: Buffer.byteLength(text), dropped: unix.length - text.length, longLine }
}

const NAMED =
  /^(?:[CMS]-)*(?:Enter|Escape|Tab|BTab|BSpace|Space|Up|Down|Left|Right|Home|End|PageUp|PageDown|PPage|NPage|DC|IC|F(?:[1-9]|1[0-2]))$/
const ONE_CHARACTER = /^(?:[CM]-)*[^\p{C}\p{Z}]$/u

/** @throws VcError bad_request for what is no key: a word would be typed letter by letter. */
export const checkKeys = (keys: readonly string[]): void => {
  const wrong = keys.find((key) => !NAMED.test(key) && !ONE_CHARACTER.test(key))
  if (wrong !== undefined)
    throw new VcError(
      'bad_request',
      `${JSON.stringify(wrong)} is no key`,
      'use Enter, Escape, Up, C-c, or one character',
    )
  if (keys.length > 64) throw new VcError('bad_request', `${keys.length} keys at once`, 'press at most 64')
}

/** @throws VcError bad_request for pauses that would hold a pane for long. */
export const checkPauses = ({ keys = [], keyPauseMs = 0, enterAfterMs = 0 }: TypeRequest): void => {
  const all = enterAfterMs + keyPauseMs * keys.length
  if (keyPauseMs < 0 || enterAfterMs < 0 || !(all <= 8_000))
    throw new VcError('bad_request', `pauses of ${all} ms in one act`, 'split it: at most 8 s')
}

/** Null: may be typed. */
export const tooLong = ({ bytes }: CleanText): { why: TypeRefusal; detail: string } | null =>
  bytes > MAX_TEXT_BYTES
    ? { why: 'too_long', detail: `${bytes} bytes are more than ${MAX_TEXT_BYTES}: write a file and send its path` }
    : null
