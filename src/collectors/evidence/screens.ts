import { redact } from '../../core/redact.ts'

const SGR = /\u001b\[[0-9;:]*m/g
// Everything else a terminal would obey: other sequences first, then single control characters but line feed.
const STEERING =
  /\u001b(?:\[[0-?]*[ -/]*[@-ln-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[()*+][0-9A-Za-z]|[ -/]*[0-Z\\^-~])/g
const CONTROLS = /[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

const withoutColours = (text: string): string => text.replace(SGR, '')

/** Only text, line feeds and colours. */
const coloured = (text: string): string => {
  const kept = text.replace(STEERING, '').replace(CONTROLS, '')
  // an escape character that begins no colour is taken away alone
  return kept.replace(/\u001b(?!\[[0-9;:]*m)/g, '')
}

/** Rows of the coloured screen that make up each line of the joined one; null when the two do not fit together. */
const rowsOfLines = (lines: readonly string[], rows: readonly string[]): readonly (readonly string[])[] | null => {
  let at = 0
  const groups: string[][] = []
  for (const line of lines) {
    const wanted = line.trimEnd()
    const group = [rows[at] ?? '']
    let text = withoutColours(rows[at++] ?? '')
    while (text.trimEnd() !== wanted && text.length < wanted.length && at < rows.length) {
      group.push(rows[at] ?? '')
      text += withoutColours(rows[at++] ?? '')
    }
    if (text.trimEnd() !== wanted) return null
    groups.push(group)
  }
  return at === rows.length ? groups : null
}

export interface Screens {
  readonly screen: string | null
  readonly screen_ansi: string | null
}

/**
 * A captured screen for printing. Colours may stand between the letters of a secret and rows may part it, so secrets are
 * looked for in the joined lines; a line that held one loses its colours.
 */
export const printableScreens = (captured: Screens): Screens => {
  if (captured.screen === null) return { screen: null, screen_ansi: null }
  const plain = withoutColours(coloured(captured.screen))
  const screen = redact(plain)
  if (captured.screen_ansi === null) return { screen, screen_ansi: null }
  const ansi = coloured(captured.screen_ansi)
  const rows = ansi.split('\n')
  const groups = rowsOfLines(plain.split('\n'), rows)
  if (groups === null) {
    const bare = withoutColours(ansi)
    return { screen, screen_ansi: screen === plain && redact(bare) === bare ? ansi : screen }
  }
  const lines = plain.split('\n')
  const redacted = lines.map(redact)
  if (redacted.join('\n') !== screen) return { screen, screen_ansi: screen }
  const printed = groups.flatMap((group, at) =>
    redacted[at] === lines[at] ? group : [redacted[at] ?? '', ...group.slice(1).map(() => '')],
  )
  return { screen, screen_ansi: printed.join('\n') }
}
