import { nearestName, suggestName } from '../core/nearest.ts'
import { type BrokenPlace, headerName, intoLast, namesOf } from './broken-place.ts'
import { keySchema, schemaAt, typeWords, whenSet } from './describe.ts'
import { bareWord, toWrite, writeFix } from './meant.ts'
import { type KeyPath, type Place, placeAt, positionsOf } from './positions.ts'
import type { Slip } from './slips.ts'
import { keyStep, readToml } from './toml-text.ts'

const knownKeys = ({ table }: BrokenPlace): readonly string[] => {
  const schema = table.length === 0 ? keySchema() : schemaAt(table)
  return Object.keys(schema === null ? {} : (whenSet(schema).properties ?? {}))
}

/** `[polling]`, `[[machines]]`: a header as its section wants it. */
const headerFor = (name: string): string => {
  const names = namesOf(name)
  // A model holds a slash, which a header takes in quotes only.
  if (names === null)
    return `[${name.replace(/^(prices)\.(.+)$/, (_, prices, model) => `${prices}.${keyStep(bareWord(model))}`)}]`
  const schema = schemaAt(names)
  return schema !== null && typeWords(schema).endsWith('[[blocks]]') ? `[[${name}]]` : `[${name}]`
}

const twinOf = ({ text, start }: BrokenPlace, path: KeyPath): Place | null =>
  placeAt(positionsOf(text.slice(0, start)), path) ?? null

function slipOfTwinHeader(place: BrokenPlace): Slip | null {
  const { table, line, before } = place
  const names = table.map(String)
  const there = twinOf(place, [...intoLast(names.slice(0, -1), before), ...names.slice(-1)])
  if (there === null) return null
  if (there.value !== null) return { says: `it stands in line ${there.line} already`, fix: 'keep one of the two' }
  const right = headerFor(headerName(line))
  if (right.startsWith('[[') && !line.startsWith('[['))
    return { says: `its header has two brackets, as in line ${there.line}`, fix: `write: ${right}` }
  return {
    says: `its section stands in line ${there.line} already`,
    fix: `put its keys below the header in line ${there.line}, and take this one out`,
  }
}

function slipOfTwin(place: BrokenPlace): Slip | null {
  const { part, path, text, at, open } = place
  if (part === 'header') return slipOfTwinHeader(place)
  if (open.length > 0) {
    const key = /^[^\s=]*/.exec(text.slice(at, at + 60))?.[0]
    return { says: `${key} stands twice in its { }`, fix: 'keep one of the two' }
  }
  const there = path === null ? null : twinOf(place, path)
  return there === null ? null : { says: `it stands in line ${there.line} already`, fix: 'keep one of the two lines' }
}

const sections = (): readonly string[] => Object.keys(keySchema().properties ?? {})

function slipOfHeader({ line }: BrokenPlace): Slip {
  const name = headerName(line).replace(/[\s)}>:]+$/, '')
  if (name === '')
    return { says: 'a header names no section', fix: `write one of: ${sections().map(headerFor).join(' ')}` }
  const more = /^\[{1,2}[^\]]*\]{1,2}\s*(?<more>[^\]\s#].*)$/.exec(line)?.groups?.more
  if (more !== undefined)
    return { says: 'nothing stands behind a header', fix: `put ${more.slice(0, 60)} on a line of its own` }
  const header = headerFor(name)
  const isClosed = /^\[[^[\]]*\]$|^\[\[[^[\]]*\]\]$/.test(line.replace(/\s*#.*$/, ''))
  if (!isClosed) return { says: 'the brackets of its header do not match', fix: `write: ${header}` }
  return readToml(header) === null
    ? { says: 'a section has no such name', fix: suggestName(name, sections()) }
    : { says: 'a name in its header needs quotes', fix: `write: ${header}` }
}

const JOINED = /^["']?(?<key>[\w.-]+)["']?\s*(?:==+|:=|=>|->|:)\s*(?<value>.*)$/
const SHELL = /^(?<word>export|set|let|const|var|local)\s+(?<key>[\w.-]+)\s*=\s*(?<value>.*)$/
const ALONE = /^["']?(?<key>[\w.-]+)["']?(?:\s+(?<value>[^=]*))?$/

const NO_STATEMENT = 'write key = value, or # before what is a comment'

const slipOfJoint = ({ line, table }: BrokenPlace): Slip | null => {
  const joined = JOINED.exec(line)?.groups
  const shell = SHELL.exec(line)?.groups
  const { key = '', value = '' } = joined ?? shell ?? ALONE.exec(line)?.groups ?? {}
  if (key === '') return null
  if (table.length === 0 && /^[{:]?$/.test(value) && sections().includes(key))
    return { says: 'the header of a section stands in brackets', fix: `write: ${headerFor(key)}`, key }
  const schema = schemaAt([...table, ...key.split('.')])
  const fix = writeFix(key, value.replace(/\s+#.*$/, ''), schema)
  if (shell !== undefined) return { says: `${shell.word} belongs to a shell`, fix, key }
  if (joined !== undefined) return { says: 'one = stands between key and value', fix, key }
  if (schema === null) return { says: 'the line is no key with a value', fix: NO_STATEMENT }
  return { says: value === '' ? 'it has no value' : 'the = between key and value is missing', fix, key }
}

const slipOfName = (place: BrokenPlace): Slip | null => {
  const { left, right } = place
  if (left === '') return { says: 'no key stands before the =', fix: `known: ${knownKeys(place).join(', ')}` }
  if (/(?:^|\.)\s*(?:\.|$)/.test(left)) return { says: 'its key has a dot too many', fix: 'one dot between two names' }
  const near = nearestName(bareWord(left).replace(/\s+/g, '_'), knownKeys(place))
  if (near !== null) return { says: `its key is not written as ${near}`, fix: toWrite(near, right), key: near }
  return { says: 'its key needs quotes', fix: toWrite(keyStep(bareWord(left)), right) }
}

const STRAY = /^[\])},;]+\s*(?:#.*)?$/

const slipOfLine = ({ line, before }: BrokenPlace): Slip | null => {
  if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(line))
    return { says: 'a mark of a merge that was not finished', fix: 'keep one of the two sides, and take the marks out' }
  if (/^(?:---|\.\.\.)$/.test(line)) return { says: `${line} belongs to YAML`, fix: 'take the line out' }
  if (/^-\s/.test(line))
    return {
      says: 'a list in lines belongs to YAML',
      fix: 'write key = ["a", "b"], and a block per machine: [[machines]]',
    }
  if (/^(?:\/\/|\/\*|<!--|;|--|%|\*)/.test(line))
    return { says: 'a comment begins with #', fix: `write: # ${line.replace(/^\W+/, '').slice(0, 60)}` }
  if (line.startsWith('{') && Object.keys(before ?? {}).length === 0)
    return { says: 'this is JSON', fix: 'write TOML; an example: vc config init --print' }
  if (STRAY.test(line))
    return {
      says: `${line.charAt(0)} closes nothing`,
      fix: 'take it out, or look for its beginning in the lines above',
    }
  return null
}

const HALF_HEADER = /^(?<name>[\w."/-]+)\s*\]{1,2}\s*(?:#.*)?$/

/** What is wrong before the = of a key, or with the header of a section; null where only the parser's own words are known. */
export function slipOfKey(place: BrokenPlace, said: string): Slip | null {
  if (said.startsWith('trying to redefine')) return slipOfTwin(place)
  if (place.part === 'header') return slipOfHeader(place)
  const half = HALF_HEADER.exec(place.line)?.groups?.name
  if (half !== undefined) return { says: 'the brackets of a header do not match', fix: `write: ${headerFor(half)}` }
  return slipOfLine(place) ?? slipOfJoint(place) ?? (place.line.includes('=') ? slipOfName(place) : null)
}
