import { nearestName } from '../core/nearest.ts'
import { exampleOf, type KeySchema, typeWords, whenSet } from './describe.ts'
import { isSecretName } from './show.ts'
import { isLiteral, quoted } from './toml-text.ts'

const QUOTES = /^["'“”„‟‘’‚«»`]+|["'“”„‟‘’‚«»`]+$/gu

/** A typed value without the quotes around it, of whatever kind, and without what was put behind it. */
export const bareWord = (typed: string): string =>
  typed
    .trim()
    .replace(/[\s,;]+$/, '')
    .replace(QUOTES, '')
    .trim()

const TRUE = /^(?:true|yes|on|1)$/i
const FALSE = /^(?:false|no|off|0)$/i

const meantNumber = (word: string, schema: KeySchema): string | null => {
  // With a unit it is another number: nobody can tell which.
  const number = /^\$?(?<digits>[+-]?\d(?:[\d_,' ]*\d)?(?:\.\d+)?)$/.exec(word)?.groups?.digits
  if (number === undefined) return null
  const value = Number(number.replace(/[_,' ]/g, ''))
  const { type, minimum = -Infinity, maximum = Infinity } = whenSet(schema)
  const fits = value >= minimum && value <= maximum && (type !== 'integer' || Number.isSafeInteger(value))
  return fits ? String(value) : null
}

const meantText = (word: string, schema: KeySchema): string | null => {
  const { enum: known, pattern } = whenSet(schema)
  const choices = known?.map(String)
  if (choices === undefined)
    return word === '' || (pattern !== undefined && !new RegExp(pattern).test(word)) ? null : quoted(word)
  const near = nearestName(word, choices)
  return near === null ? null : quoted(near)
}

const meantList = (typed: string, items: KeySchema): string | null => {
  const inner = typed
    .trim()
    .replace(/[\s,;]+$/, '')
    .replace(/^[[({]+|[\])}]+$/g, '')
  if (/[[\]{}=]/.test(inner)) return null
  const words = inner
    .split(/[,;]/.test(inner) ? /[,;]/ : /\s+/)
    .map(bareWord)
    .filter((word) => word !== '')
  const values = words.map((word) => meantLiteral(word, items))
  return values.length === 0 || values.includes(null) ? null : `[${values.join(', ')}]`
}

const meantAny = (word: string): string | null => {
  if (/^(?:true|false|-?(?:0|[1-9]\d*))$/i.test(word)) return word.toLowerCase()
  return word === '' ? null : quoted(word)
}

/** What somebody who typed this most likely meant for such a key, as it is written in TOML; null where that cannot be told. */
export function meantLiteral(typed: string, schema: KeySchema | null): string | null {
  const here = schema === null ? {} : whenSet(schema)
  const isList = here.type === 'array' || (here.type === undefined && /^\[/.test(typed.trim()))
  if (isList) return meantList(typed, here.items ?? {})
  const word = bareWord(here.type === undefined ? typed : typed.replace(/^[[({<\s]+|[\])}>\s]+$/g, ''))
  if (here.type === 'boolean') return TRUE.test(word) ? 'true' : FALSE.test(word) ? 'false' : null
  if (here.type === 'integer' || here.type === 'number') return meantNumber(word, here)
  if (here.type === 'string') return meantText(word, here)
  return here.type === undefined ? meantAny(word) : null
}

// What is longer is not worth reading in a sentence.
const LONGEST = 120

/** The line to write, without what is nobody's business or too long to read. */
export const toWrite = (key: string, literal: string): string =>
  `write: ${key} = ${isSecretName(key) || literal.length > LONGEST ? '…' : literal}`

/** What to write for a key: what was meant, else an example of what it wants. */
export function writeFix(key: string, typed: string, schema: KeySchema | null): string {
  const literal = meantLiteral(typed, schema)
  if (literal !== null && literal.length <= LONGEST && isLiteral(literal) && !isSecretName(key))
    return toWrite(key, literal)
  if (schema === null) return `write a value behind it: ${key} = "…"`
  const choices = whenSet(schema).enum === undefined ? '' : ` (${typeWords(schema)})`
  return `for example: ${key} = ${exampleOf(schema)}${choices}`
}
