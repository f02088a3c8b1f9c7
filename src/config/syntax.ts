import { TomlError } from 'smol-toml'
import { messageOf } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import { type BrokenPlace, brokenPlace } from './broken-place.ts'
import { headerText, keyText } from './issues.ts'
import type { KeyPath } from './positions.ts'
import type { ConfigProblem } from './problems.ts'
import { slipAt } from './slips.ts'

const ANY_FIX = 'texts stand in quotes, lists in [ ], one key = value a line; an example: vc config init --print'

/** Where a line and a column, both from 1, stand in a text. */
const offsetOf = (text: string, line: number, column: number): number => {
  let start = 0
  for (let left = line; left > 1; left -= 1) start = text.indexOf('\n', start) + 1
  return start + column - 1
}

const lineAndColumn = (text: string, at: number): { readonly line: number; readonly column: number } => {
  const lines = text.slice(0, at).split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** What is not TOML: the key, else the header, else the table it stands in. */
const subjectOf = ({ before, table, part }: BrokenPlace, path: KeyPath | null): string => {
  if (path !== null) return `${keyText(before, path)} is not valid TOML`
  if (table.length === 0) return 'not valid TOML'
  const header = headerText(before, table)
  return part === 'header' ? `${header} is not valid TOML` : `not valid TOML in ${header}`
}

/** What the parser refused, with the place, the key that stands there, and what to write instead. */
export function syntaxProblem(error: unknown, text: string, file: string): ConfigProblem {
  const said = (messageOf(error).split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '')
  const problem = { severity: 'error', code: 'toml_syntax', file } as const
  if (!(error instanceof TomlError))
    return { ...problem, line: null, key: '', message: `not valid TOML: ${displayText(said, 300)}`, fix: ANY_FIX }
  const place = brokenPlace(text, offsetOf(text, error.line, error.column))
  const slip = slipAt(place, said)
  const { line, column } = lineAndColumn(text, slip?.at ?? place.at)
  const path = place.path ?? (slip?.key === undefined ? null : [...place.table, slip.key])
  return {
    ...{ ...problem, line, key: keyText(place.before, path ?? place.table) },
    message: displayText(`${subjectOf(place, path)}: ${slip?.says ?? said} (column ${column})`, 400),
    fix: displayText(slip?.fix ?? ANY_FIX, 400),
  }
}
