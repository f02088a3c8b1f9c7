import { type BrokenPlace, lineEnd } from './broken-place.ts'
import { typeWords, whenSet } from './describe.ts'
import { meantLiteral, toWrite, writeFix } from './meant.ts'
import { isSecretName } from './show.ts'
import type { Slip } from './slips.ts'
import { isLiteral, quoted } from './toml-text.ts'

const withoutComment = (text: string): string => text.replace(/(^|\s)#.*$/, '').trim()

const endsHere = ({ text, at }: BrokenPlace): boolean => text.slice(at).trim() === ''

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

const STATEMENT = /^\s*(?:\[{1,2}[\w."' -]+\]{1,2}\s*(?:#.*)?$|[\w."-]+\s*=)/

/** The line where the parser stopped is a statement of its own: what is open was meant to be closed before it. */
const goesOn = ({ text, at, start }: BrokenPlace): boolean => {
  const from = lineStart(text, at)
  return from > start && STATEMENT.test(text.slice(from, lineEnd(text, from)))
}

/** The parser met the end of a line within a text. */
const isTextOpen = ({ text, at }: BrokenPlace, said: string): boolean =>
  said.startsWith('unfinished string') || (said.startsWith('control characters') && /[\r\n]/.test(text.charAt(at)))

const STRAIGHT = 'its quotes are not straight ones (" or \')'
const CURLED = /^[“”„‟‘’‚«»`]/

const write = ({ left, right, schema }: BrokenPlace): string => writeFix(left, withoutComment(right), schema)

/** A value on one line can be written out as it was meant; of a longer one only the words are told. */
const writeOr = (place: BrokenPlace, words: string): string => {
  const { text, at, start, right, schema } = place
  const between = text.slice(lineEnd(text, start), Math.max(lineEnd(text, start), lineStart(text, at)))
  const literal = between.trim() === '' ? meantLiteral(withoutComment(right), schema) : null
  return literal === null ? words : write(place)
}

const isInWord = ({ text, at }: BrokenPlace): boolean => /\w/.test(text.charAt(at - 1))

/** The bracket that was to be closed before the line where the parser stopped. */
const opened = ({ text, at, open }: BrokenPlace): number =>
  open.findLast((bracket) => bracket < lineStart(text, at)) ?? open.at(-1) ?? at

function slipInList(place: BrokenPlace, said: string): Slip {
  const { text, at, right } = place
  const letter = text.charAt(at)
  const slip = (says: string, words: string): Slip => ({ says, fix: writeOr(place, words) })
  if (isTextOpen(place, said) || right.split('"').length % 2 === 0)
    return slip('a quote is missing in its list', 'every text of a list begins and ends with "')
  if (said.startsWith('unfinished') || endsHere(place) || goesOn(place))
    return { ...slip('its list is not closed', 'put ] behind the last value of the list'), at: opened(place) }
  if (letter === ',')
    return slip('its list has a comma too many', 'one comma between two values, none before the first')
  if (/[)}>]/.test(letter)) return slip(`its list ends with ${letter}`, 'a list is closed by ]')
  if (CURLED.test(letter)) return slip(STRAIGHT, 'write them as ["a", "b"]')
  if (said.startsWith('expected comma') && !isInWord(place))
    return slip('a comma is missing in its list', 'put a comma between each two values of the list')
  return slip('a text in its list stands without quotes', 'write texts as ["a", "b"]')
}

function slipInBraces(place: BrokenPlace, said: string): Slip {
  const { text, at } = place
  const fix = 'write { key = 1, other = "text" }, or a section of its own'
  if (text.charAt(at) === ':') return { says: 'a key in { } is joined to its value by = and not by :', fix }
  if (said.startsWith('unfinished table') || endsHere(place) || goesOn(place))
    return { says: 'its { is not closed', fix: 'put } behind the last value', at: opened(place) }
  if (said.startsWith('expected comma') && !isInWord(place)) return { says: 'a comma is missing in its { }', fix }
  return { says: 'what stands in its { } cannot be read', fix }
}

const TEXT = /^(?<value>"(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]]*\])(?<more>.*)$/

/** A text that holds the quotes it stands in. */
const slipOfInner = ({ left, right }: BrokenPlace): Slip | null => {
  const typed = withoutComment(right)
  const { more = '' } = TEXT.exec(typed)?.groups ?? {}
  const quote = typed.charAt(0)
  if (!/^[^\s,;\]})"']/.test(more) || !/["']/.test(quote) || !typed.endsWith(quote)) return null
  const says = `its text holds the ${quote} that it stands in`
  return { says, fix: toWrite(left, quoted(typed.slice(1, -1))) }
}

const slipOfText = (place: BrokenPlace, said: string): Slip | null => {
  const { right, left } = place
  const typed = withoutComment(right)
  if (CURLED.test(typed)) return { says: STRAIGHT, fix: write(place) }
  if (/^"""|^'''/.test(typed)) return { says: 'its text is not closed', fix: `put ${typed.slice(0, 3)} at its end` }
  if (isTextOpen(place, said)) return { says: `the ${typed.charAt(0)} at its end is missing`, fix: write(place) }
  if (/^"/.test(typed) && /escape/.test(said)) {
    const inner = typed.replace(/^"|"$/g, '')
    const literal = inner.includes("'") ? `"${inner.replaceAll('\\', '\\\\')}"` : `'${inner}'`
    const fix = isLiteral(literal) ? toWrite(left, literal) : 'write \\\\ for each \\'
    return { says: 'a \\ in a text begins an escape, and this is none', fix }
  }
  if (/^[^"'\s]+["']$/.test(typed)) return { says: 'the quote at its beginning is missing', fix: write(place) }
  return slipOfInner(place)
}

const COMMENT = /^\s*(?:\/\/|\/\*|--|;\s*\S)/

const slipBehind = ({ right, left }: BrokenPlace): Slip | null => {
  const value = TEXT.exec(right)?.groups?.value ?? /^[^\s,;]+/.exec(right)?.[0] ?? ''
  const more = right.slice(value.length)
  if (!isLiteral(value) || more === '') return null
  const next = /^[\s,;]*(?<key>[\w."-]+\s*=.*)$/.exec(more)?.groups?.key
  if (next !== undefined)
    return { says: 'two keys stand on one line', fix: `put ${next.slice(0, 60)} on a line of its own` }
  const comment = more.replace(/^[\s/;*-]+/, '')
  if (COMMENT.test(more)) return { says: 'a comment begins with #', fix: toWrite(left, `${value}  # ${comment}`) }
  // Behind a number stands its unit, or it is a word that begins like one.
  const [, stop] = /^\s*([,;])?\s*(?:#.*)?$/.exec(more) ?? []
  if (stop === undefined && !/^["'[]/.test(value)) return null
  const what = stop ?? (isSecretName(left) ? 'more' : more.trim().slice(0, 40))
  return { says: `${what} stands behind its value`, fix: toWrite(left, value) }
}

const slipOfWord = (place: BrokenPlace): Slip | null => {
  const { left, right, schema } = place
  const typed = withoutComment(right)
  if (typed === '') return { says: 'it has no value', fix: writeFix(left, '', schema) }
  if (/^(?:null|none|nil|undefined|unset)$/i.test(typed))
    return { says: `TOML has no ${typed}`, fix: 'take the line out: a key that is not there is unset' }
  if (/^[=>:]/.test(typed))
    return { says: 'one = stands between key and value', fix: writeFix(left, typed.replace(/^[=>:\s]+/, ''), schema) }
  if (/^(?:true|false)$/i.test(typed)) return { says: 'true and false are written in small letters', fix: write(place) }
  const type = schema === null ? undefined : whenSet(schema).type
  if (schema === null || type === undefined)
    return /^[+-]?0\d+$/.test(typed)
      ? { says: 'a number does not begin with 0', fix: toWrite(left, String(Number(typed))) }
      : null
  if (type === 'boolean') return { says: `it is ${typeWords(schema)}`, fix: write(place) }
  if (type === 'integer' || type === 'number')
    return { says: `it is ${typeWords(schema)}, without unit and separators`, fix: write(place) }
  return null
}

/** What is wrong behind the = of a key; null where only the parser's own words are known. */
export function slipOfValue(place: BrokenPlace, said: string): Slip | null {
  const { open, text, right, schema } = place
  if (said.startsWith('document contains')) return null
  const wantsList = schema !== null && whenSet(schema).type === 'array'
  if (wantsList && !right.startsWith('[') && right !== '') return { says: 'a list stands in [ ]', fix: write(place) }
  const last = open.at(-1)
  if (last !== undefined) return text[last] === '{' ? slipInBraces(place, said) : slipInList(place, said)
  const slip = slipOfText(place, said) ?? slipBehind(place) ?? slipOfWord(place)
  if (slip !== null) return slip
  return /^[^"'[{]/.test(right) ? { says: 'a text stands in quotes', fix: write(place) } : null
}
