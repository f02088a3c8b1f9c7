import { usageError } from '../core/errors.ts'
import { schemaAt, whenSet } from './describe.ts'
import { configSections } from './keys.ts'
import { type KeyPath, type Place, type Positions, placeAt, positionsOf } from './positions.ts'
import { isLiteral, keyStep, quoted } from './toml-text.ts'

/** The key with its section, where only that is missing. */
const wholeKey = (name: string): string => {
  const keys = configSections().flatMap((section) => section.keys)
  const meant = keys.find((key) => key.name === name && !/^(?:machines|prices|rules|alerts\.channels)\./.test(key.path))
  return meant === undefined
    ? 'write section.key, such as polling.max_connections; see all: vc config explain'
    : `did you mean '${meant.path}'?`
}

/** `polling.max_connections`, `prices."openai/gpt-5".input_usd_per_mtok`, `machines.atlas.enabled` as steps; machines by their place. */
export function keyPath(name: string, machineIds: readonly string[]): KeyPath {
  const steps = (name.match(/"[^"]*"|[^.]+/g) ?? []).map((step) => step.replaceAll('"', ''))
  if (steps.length < 2 || steps.some((step) => step === ''))
    throw usageError('unknown_key', `'${name.slice(0, 80)}' names no key of a section`, wholeKey(name))
  const [section = '', id = '', ...rest] = steps
  if (section !== 'machines') return steps
  const index = machineIds.indexOf(id)
  if (index >= 0 && rest.length > 0) return ['machines', index, ...rest]
  throw usageError(
    'unknown_machine',
    `the file names no machine '${id.slice(0, 64)}'`,
    'write machines.<id>.<key>; add one: vc machines add',
  )
}

/** A value as it was typed becomes a TOML literal: what the key wants as a text need not be quoted. */
export function literalOf(path: KeyPath, typed: string): string {
  const schema = schemaAt(path)
  const wantsText = schema !== null && whenSet(schema).type === 'string'
  if (wantsText) return /^".*"$/.test(typed) && isLiteral(typed) ? typed : quoted(typed)
  return isLiteral(typed) ? typed : quoted(typed)
}

const byHand = (path: KeyPath, text: string, place: Place, literal: string) =>
  usageError(
    'edit_by_hand',
    `line ${place.line}: ${path.slice(0, -1).join('.')} is written in a way vc does not add to (${text.slice(place.start, place.start + 30).split('\n')[0]})`,
    `write ${keyStep(String(path.at(-1)))} = ${literal} there by hand`,
  )

const below = (text: string, header: Place, line: string): string => {
  const end = text.indexOf('\n', header.start)
  return end === -1 ? `${text}\n${line}\n` : `${text.slice(0, end + 1)}${line}\n${text.slice(end + 1)}`
}

/** Sets one key: replaces its value, else adds it below the header of its section, else adds the section. All else stays. */
export function setKey(text: string, path: KeyPath, literal: string): string {
  const positions: Positions = positionsOf(text)
  const there = placeAt(positions, path)?.value
  if (there != null) return text.slice(0, there.start) + literal + text.slice(there.end)
  const section = path.slice(0, -1)
  const line = `${keyStep(String(path.at(-1)))} = ${literal}`
  const home = placeAt(positions, section)
  if (home === undefined) {
    if (section.some((step) => typeof step === 'number'))
      throw usageError('edit_by_hand', `there is no ${section.join('.')} to add to`, 'add the block by hand')
    const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
    return `${text}${gap}[${section.map((step) => keyStep(String(step))).join('.')}]\n${line}\n`
  }
  if (home.value !== null || text[home.start] !== '[') throw byHand(path, text, home, literal)
  return below(text, home, line)
}

/** Takes the line of one key out, so that its default holds again; null when it does not stand there. */
export function unsetKey(text: string, path: KeyPath): string | null {
  const place = placeAt(positionsOf(text), path)
  if (place?.value == null) return null
  const start = text.lastIndexOf('\n', place.start - 1) + 1
  const end = text.indexOf('\n', place.value.end)
  const around = text.slice(start, place.start) + text.slice(place.value.end, end === -1 ? undefined : end)
  if (!/^\s*(#.*)?\s*$/.test(around))
    throw usageError('edit_by_hand', `line ${place.line} holds more than ${path.join('.')}`, 'take it out by hand')
  return text.slice(0, start) + (end === -1 ? '' : text.slice(end + 1))
}
