import { type KeySchema, schemaAt } from './describe.ts'
import { valueAt } from './issues.ts'
import type { KeyPath } from './positions.ts'
import { readToml } from './toml-text.ts'

/** Where the parser stopped, as far as all before that place says what was being written. */
export interface BrokenPlace {
  readonly text: string
  /** Where it stopped; offsets in UTF-16 units. */
  readonly at: number
  /** Where the statement begins that it could not read. */
  readonly start: number
  /** First line of that statement, without blanks around it. */
  readonly line: string
  readonly part: 'header' | 'key' | 'value'
  /** What stands left and right of its `=` on that line. */
  readonly left: string
  readonly right: string
  /** Brackets and braces of the value that are open there. */
  readonly open: readonly number[]
  /** All that stands before the statement, read. */
  readonly before: unknown
  /** Path of the table it stands in; of the header itself where that is broken. */
  readonly table: KeyPath
  /** Path of the key, where one can be read. */
  readonly path: KeyPath | null
  /** What the key wants. */
  readonly schema: KeySchema | null
}

const endOfText = (text: string, start: number): number => {
  const quote = text.charAt(start)
  const isLong = text.startsWith(quote.repeat(3), start)
  const close = isLong ? quote.repeat(3) : quote
  let at = start + close.length
  while (at < text.length && !text.startsWith(close, at)) {
    if (!isLong && text[at] === '\n') return at
    at += quote === '"' && text[at] === '\\' ? 2 : 1
  }
  at += close.length
  // A long text may end with quotes of its own.
  for (let own = 0; isLong && own < 2 && text[at] === quote; own += 1) at += 1
  return at
}

export const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

interface Scanned {
  readonly start: number
  readonly header: string
  readonly open: readonly number[]
}

/** The statement that `end` belongs to, its table and what it opened; all before `end` is well-formed. */
function scan(text: string, end: number): Scanned {
  const open: number[] = []
  let start: number | null = null
  let header = ''
  let at = 0
  while (at < end) {
    const letter = text.charAt(at)
    if (letter === '#') {
      at = lineEnd(text, at)
      continue
    }
    if (letter === '\n' && open.length === 0) {
      if (start !== null && text[start] === '[') header = text.slice(start, at)
      start = null
    }
    if (/\S/.test(letter)) start ??= at
    if (letter === '[' || letter === '{') open.push(at)
    if (letter === ']' || letter === '}') open.pop()
    at = letter === '"' || letter === "'" ? endOfText(text, at) : at + 1
  }
  return { start: start ?? end, header, open }
}

/** The names of `a."b c".d`, or null when it is no key. */
export function namesOf(key: string): readonly string[] | null {
  let here = /[\r\n#]/.test(key) ? null : readToml(`${key} = 0`)
  if (here === null) return null
  const names: string[] = []
  while (typeof here === 'object' && here !== null) {
    const [[name, inner] = ['', null]] = Object.entries(here)
    names.push(name)
    here = inner
  }
  return names
}

/** A path through lists of blocks leads into the last one. */
export function intoLast(names: readonly string[], root: unknown): KeyPath {
  const path: (string | number)[] = []
  for (const name of names) {
    path.push(name)
    const value = valueAt(root, path)
    if (Array.isArray(value) && value.length > 0) path.push(value.length - 1)
  }
  return path
}

const HEADER = /^\[{1,2}\s*(?<name>[^\]#]*?)\s*(?:\]|#|$)/

/** The name in a header, however it is closed. */
export const headerName = (header: string): string => HEADER.exec(header)?.groups?.name ?? ''

const quoteless = (text: string): string => text.trim().replace(/^["'“”‘’«»`]+|["'“”‘’«»`]+$/gu, '')

// Of a key that is not well-formed, the word that it begins with counts where the table knows it.
const keyNames = (left: string, line: string, table: KeyPath): readonly string[] | null => {
  const names = left === '' ? null : namesOf(left)
  if (names !== null) return names
  const word = quoteless(/^[^\s=:]+/.exec(line)?.[0] ?? '')
  return word === '' || schemaAt([...table, word]) === null ? null : [word]
}

const splitAt = (line: string): number => {
  for (let at = 0; at < line.length; ) {
    const letter = line.charAt(at)
    if (letter === '=') return at
    at = letter === '"' || letter === "'" ? endOfText(line, at) : at + 1
  }
  return line.length
}

// Of a longer line nothing is made but its place.
const LONGEST = 1000

/** What was being written where the parser stopped. */
export function brokenPlace(text: string, at: number): BrokenPlace {
  const { start, header, open } = scan(text, at)
  const line = text.slice(start, Math.min(lineEnd(text, start), start + LONGEST)).trimEnd()
  const before = readToml(text.slice(0, start))
  const isHeader = line.startsWith('[')
  const split = isHeader ? line.length : splitAt(line)
  const tableNames = namesOf(headerName(isHeader ? line : header)) ?? []
  const table = isHeader ? tableNames : intoLast(tableNames, before)
  const left = line.slice(0, split).trim()
  const names = isHeader ? null : keyNames(left, line, table)
  const path = names === null ? null : [...table, ...names]
  return {
    ...{ text, at, start, line, open, before, table, path, left },
    part: isHeader ? 'header' : start + split < at ? 'value' : 'key',
    right: line.slice(split + 1).trim(),
    schema: path === null ? null : schemaAt(path),
  }
}
