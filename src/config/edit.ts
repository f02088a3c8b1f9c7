import { usageError } from '../core/errors.ts'
import { type KeyPath, lineAt, placeAt, positionsOf } from './positions.ts'
import { quoted } from './toml-text.ts'

/** What `vc machines add` knows of a new machine. */
export interface NewMachine {
  readonly id: string
  readonly ssh: string
  readonly tags?: readonly string[]
  readonly roles?: readonly string[]
}

const eolOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`

function blockOf(machine: NewMachine): string[] {
  const lines = ['[[machines]]', `id = ${quoted(machine.id)}`, `ssh = ${quoted(machine.ssh)}`]
  if (machine.tags?.length) lines.push(`tags = ${list(machine.tags)}`)
  if (machine.roles?.length) lines.push(`roles = ${list(machine.roles)}`)
  return lines
}

/** Appends a block; every byte that was there stays as it was. */
export function addMachine(text: string, machine: NewMachine): string {
  const eol = eolOf(text)
  const inline = placeAt(positionsOf(text), ['machines'])
  if (inline?.value != null) {
    throw usageError(
      'edit_by_hand',
      `line ${inline.line}: machines are written as one list, which vc does not rewrite`,
      `add { id = ${quoted(machine.id)}, ssh = ${quoted(machine.ssh)} } to it by hand`,
    )
  }
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol
  return text + gap + blockOf(machine).join(eol) + eol
}

/** Line of a key as it stands in the text, else of the nearest thing around it; null when none of them does. */
export const lineOf = (text: string, path: KeyPath): number | null => lineAt(positionsOf(text), path)

/** Sets one key of the machine at `index`: replaces its value, or adds it right below the id. Comments and order stay. */
export function setMachineKey(text: string, index: number, key: string, value: boolean): string {
  const positions = positionsOf(text)
  const there = placeAt(positions, ['machines', index, key])?.value
  if (there != null) return text.slice(0, there.start) + String(value) + text.slice(there.end)
  const id = placeAt(positions, ['machines', index, 'id'])
  if (id === undefined) throw usageError('edit_by_hand', `machine ${index + 1} has no id`, 'run: vc config lint')
  const isInline = placeAt(positions, ['machines', index])?.value != null
  if (isInline) return `${text.slice(0, id.end)}, ${key} = ${value}${text.slice(id.end)}`
  const eol = eolOf(text)
  const lineEnd = text.indexOf('\n', id.end)
  const lineStart = text.lastIndexOf('\n', id.start - 1) + 1
  const line = `${text.slice(lineStart, id.start)}${key} = ${value}`
  return lineEnd === -1
    ? `${text}${eol}${line}${eol}`
    : `${text.slice(0, lineEnd + 1)}${line}${eol}${text.slice(lineEnd + 1)}`
}
