import type * as z from 'zod'
import { nearestName, suggestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import { exampleOf, type KeySchema, schemaAt, typeWords, whenSet } from './describe.ts'
import { configSections } from './keys.ts'
import { meantLiteral, writeFix } from './meant.ts'
import { type KeyPath, lineAt, type Positions } from './positions.ts'
import type { ConfigProblem } from './problems.ts'
import { keyStep } from './toml-text.ts'

export const valueAt = (root: unknown, path: KeyPath): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    root,
  )

/** `machines.atlas.ssh`; a machine without a usable id is `machines[2]`, counted from 1. */
export function keyText(root: unknown, path: KeyPath): string {
  let text = ''
  for (const [index, step] of path.entries()) {
    const machineId = index === 1 && path[0] === 'machines' ? valueAt(root, ['machines', step, 'id']) : undefined
    const name = typeof machineId === 'string' && machineId !== '' ? machineId : step
    if (typeof name === 'number') text += `[${name + 1}]`
    else text += `${text === '' ? '' : '.'}${/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)}`
  }
  return displayText(text, 160)
}

/** A value as an operator would recognise it in the file. */
const valueText = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(displayText(value, 60))
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'a date'
  return typeof value === 'object' && value !== null ? 'a section' : String(value)
}

/** A table as its header names it. */
export const headerText = (root: unknown, path: KeyPath): string =>
  path.length === 0
    ? 'the file'
    : path[0] === 'machines' && path.length <= 2
      ? '[[machines]]'
      : `[${keyText(root, path)}]`

const dotted = (path: KeyPath): string => path.filter((step) => typeof step === 'string').join('.')

/** `[name]` or `[[name]]`: a header, and no key that lost its section. */
const isSection = (value: unknown): boolean => {
  const one: unknown = Array.isArray(value) ? value[0] : value
  return typeof one === 'object' && one !== null && !Array.isArray(one) && !(one instanceof Date)
}

function unknownKey(root: unknown, path: KeyPath, name: string): Pick<ConfigProblem, 'code' | 'message' | 'fix'> {
  const schema = schemaAt(path)
  const known = Object.keys(schema === null ? {} : (whenSet(schema).properties ?? {}))
  const shown = displayText(name, 60)
  const fix = known.length === 0 ? `see: vc config explain ${dotted(path)}` : suggestName(shown, known)
  if (path.at(-1) === 'collectors') return { code: 'unknown_collector', message: `unknown collector '${shown}'`, fix }
  const home =
    path.length === 0 && !isSection(valueAt(root, [name]))
      ? configSections().find((section) => section.keys.some((key) => key.name === name))
      : undefined
  if (home !== undefined) {
    return {
      code: 'unknown_key',
      message: `key '${shown}' stands outside its section`,
      fix: `write it below ${home.header}`,
    }
  }
  if (path.length === 0) return { code: 'unknown_section', message: `unknown section [${shown}]`, fix }
  return { code: 'unknown_key', message: `unknown key '${shown}' in ${headerText(root, path)}`, fix }
}

/** How what stands in a list of blocks is written. */
function blockFix(path: KeyPath, found: unknown, items: KeySchema): string {
  const header = `[[${dotted(path)}]]`
  const keys = (items.required ?? []).map((name) => `${name} = ${exampleOf(items.properties?.[name] ?? {})}`)
  return isSection(found)
    ? `write its header as ${header}`
    : `write a block for each: ${header}, below it ${keys.join(', ')}`
}

/** How a section is written, where something else stands. */
function sectionFix(root: unknown, path: KeyPath, found: unknown): string {
  const header = `[${keyText(root, path)}]`
  return isSection(found) ? `write its header as ${header}` : `write a header, ${header}, and its keys below it`
}

/** What was meant by a value of another type; a text where one belongs has another fault. */
function meantFix(name: string, found: unknown, schema: KeySchema): string | null {
  const { type } = whenSet(schema)
  if (!['string', 'number', 'boolean'].includes(typeof found)) return null
  if (typeof found === type || (typeof found === 'number' && type === 'integer')) return null
  const typed = String(found)
  return meantLiteral(typed, schema) === null ? null : writeFix(keyStep(name), typed, schema)
}

function wrongFix(root: unknown, path: KeyPath, found: unknown): string {
  const schema = schemaAt(path) ?? {}
  const { items, enum: choices, properties } = whenSet(schema)
  const around = whenSet(schemaAt(path.slice(0, -1)) ?? {})
  if (items?.properties !== undefined) return blockFix(path, found, items)
  if (around.items?.properties !== undefined) return blockFix(path.slice(0, -1), null, around.items)
  if (properties !== undefined) return sectionFix(root, path, found)
  const near = typeof found === 'string' ? nearestName(found, choices?.map(String) ?? []) : null
  if (near !== null) return `did you mean '${near}'?`
  const name = path.at(-1)
  const meant = typeof name === 'string' ? meantFix(name, found, schema) : null
  if (meant !== null) return meant
  return typeof name === 'string' && schema.default != null
    ? `for example: ${keyStep(name)} = ${exampleOf(schema)}`
    : `see: vc config explain ${dotted(path)}`
}

function wrongValue(root: unknown, path: KeyPath): Pick<ConfigProblem, 'code' | 'message' | 'fix'> {
  const schema = schemaAt(path) ?? {}
  const found = valueAt(root, path)
  if (found === undefined) {
    const name = String(path.at(-1))
    const message = `${keyText(root, path.slice(0, -1))} has no ${name}`
    return { code: 'missing_key', message, fix: `add: ${name} = ${exampleOf(schema)}   (${schema.description ?? ''})` }
  }
  if (found === '')
    return { code: 'wrong_value', message: `${keyText(root, path)} is empty`, fix: `write ${typeWords(schema)}` }
  const message = `${keyText(root, path)} must be ${typeWords(schema)}, not ${valueText(found)}`
  return { code: 'wrong_value', message, fix: wrongFix(root, path, found) }
}

/** Turns what the schema found into sentences with file, line, key and fix. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  root: unknown,
  file: string,
  positions: Positions,
): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol')
    const at = (full: KeyPath, what: Pick<ConfigProblem, 'code' | 'message' | 'fix'>): ConfigProblem => ({
      severity: 'error',
      file,
      line: lineAt(positions, full),
      key: keyText(root, full),
      ...what,
    })
    if (issue.code === 'invalid_key') return [at(path, unknownKey(root, path.slice(0, -1), String(path.at(-1))))]
    if (issue.code !== 'unrecognized_keys') return [at(path, wrongValue(root, path))]
    return issue.keys.map((name) => at([...path, name], unknownKey(root, path, name)))
  })
}
