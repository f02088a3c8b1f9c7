import type { Input } from '../input.ts'
import type { Line } from '../view/line.ts'
import { span } from '../view/line.ts'

/** One line that is being typed. `at` counts letters before the cursor. */
export interface Field {
  readonly text: string
  readonly at: number
}

export const fieldOf = (text = ''): Field => ({ text, at: [...text].length })

// There nothing needs to be taken apart: what is pasted comes letter by letter where a terminal does not mark it.
const isAtPlainEnd = ({ text, at }: Field): boolean => at === text.length

const put = ({ text, at }: Field, more: string): Field => {
  const line = more.replace(/[\r\n\t]+/g, ' ')
  const added = [...line]
  if (isAtPlainEnd({ text, at })) return { text: text + line, at: at + added.length }
  const letters = [...text]
  return { text: [...letters.slice(0, at), ...added, ...letters.slice(at)].join(''), at: at + added.length }
}

const cut = ({ text }: Field, from: number, to: number): Field => {
  const letters = [...text]
  return { text: [...letters.slice(0, from), ...letters.slice(to)].join(''), at: from }
}

const wordStart = ({ text, at }: Field): number => {
  const before = [...text].slice(0, at).join('')
  return [...before.replace(/\S+\s*$/, '')].length
}

const MOVES: Readonly<Record<string, (field: Field) => Field>> = {
  left: (field) => ({ ...field, at: Math.max(0, field.at - 1) }),
  right: (field) => ({ ...field, at: Math.min([...field.text].length, field.at + 1) }),
  home: (field) => ({ ...field, at: 0 }),
  'ctrl-a': (field) => ({ ...field, at: 0 }),
  end: (field) => fieldOf(field.text),
  'ctrl-e': (field) => fieldOf(field.text),
  backspace: (field) => (field.at === 0 ? field : cut(field, field.at - 1, field.at)),
  delete: (field) => cut(field, field.at, field.at + 1),
  'ctrl-u': (field) => cut(field, 0, field.at),
  'ctrl-k': (field) => cut(field, field.at, [...field.text].length),
  'ctrl-w': (field) => cut(field, wordStart(field), field.at),
}

/** The field after a key; null when the key is not one of typing. */
export const typed = (field: Field, input: Input): Field | null => {
  if (input.kind === 'paste') return put(field, input.text)
  if (input.kind !== 'key') return null
  const move = MOVES[input.key]
  if (move !== undefined) return move(field)
  return input.text === '' ? null : put(field, input.text)
}

/** The field with its cursor, in at most `width` cells around the cursor. `mask` hides what is typed. */
export const fieldLine = ({ text, at }: Field, width: number, mask = false): Line => {
  const from = Math.max(0, at - width + 1)
  const near = isAtPlainEnd({ text, at }) ? [...text.slice(from)] : [...text].slice(from, from + width)
  const letters = mask ? near.map(() => '•') : near
  const here = at - from
  return [
    span(letters.slice(0, here).join(''), 'strong'),
    { text: letters[here] ?? ' ', inverse: true },
    span(letters.slice(here + 1).join(''), 'strong'),
  ]
}
