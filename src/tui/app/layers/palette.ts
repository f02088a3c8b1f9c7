import { shellWord } from '../../../core/shell-word.ts'
import { paintBorder } from '../../paint/border.ts'
import type { CommandNode } from '../../ports.ts'
import { cell, clip } from '../../view/cell.ts'
import { type Line, span } from '../../view/line.ts'
import { type KnownIds, type Offer, offers } from '../completion.ts'
import { fieldLine, fieldOf, typed } from '../field.ts'
import { type Layer, middle } from '../layer.ts'
import { wordsOf } from '../words.ts'

interface PaletteTold {
  /** Null while the commands are being loaded. */
  commands(): CommandNode | null
  /** Words of the cockpit itself: screens, themes, `q`. */
  readonly own: readonly Offer[]
  known(): KnownIds
  readonly history: readonly string[]
  run(line: string, words: readonly string[]): void
  cancel(): void
}

/** Words typed before the one under the cursor, and that one. */
const split = (line: string): { readonly before: readonly string[]; readonly last: string } => {
  const words = wordsOf(line) ?? line.split(/\s+/)
  const open = line === '' || /\s$/.test(line)
  return open ? { before: words, last: '' } : { before: words.slice(0, -1), last: words.at(-1) ?? '' }
}

/** Every command of vc, typed with completion; and the screens and themes by name. */
export const paletteLayer = (told: PaletteTold): Layer => {
  let field = fieldOf()
  let chosen: number | null = null
  let past = told.history.length
  let wrong: string | null = null

  const list = (): readonly Offer[] => {
    const { before, last } = split(field.text)
    const root = told.commands()
    const own =
      before.length === 0 ? told.own.filter(({ word }) => word.toLowerCase().startsWith(last.toLowerCase())) : []
    return [
      ...(root === null ? [] : offers(root, before, last, told.known())),
      ...(last === '' && before.length === 0 ? told.own : own),
    ]
  }
  const complete = (): void => {
    const offer = list()[chosen ?? 0]
    if (offer === undefined) return
    const { before } = split(field.text)
    field = fieldOf(`${[...before, ...offer.word.split(' ')].map(shellWord).join(' ')} `)
    chosen = null
  }
  const run = (): void => {
    if (chosen !== null) complete()
    const line = field.text.trim().replace(/^vc\s+/, '')
    const words = wordsOf(line)
    if (words === null) {
      wrong = 'a quote stays open'
      return
    }
    if (words.length === 0) told.cancel()
    else told.run(line, words)
  }
  const remember = (by: number): void => {
    past = Math.max(0, Math.min(told.history.length, past + by))
    field = fieldOf(told.history[past] ?? '')
  }
  const step = (by: number): void => {
    const count = list().length
    if (count === 0) return
    chosen = chosen === null ? (by > 0 ? 0 : count - 1) : (chosen + by + count) % count
  }
  const KEYS: Readonly<Record<string, () => void>> = {
    enter: run,
    esc: () => told.cancel(),
    'ctrl-c': () => told.cancel(),
    tab: complete,
    down: () => step(1),
    up: () => step(-1),
    'ctrl-n': () => step(1),
    'ctrl-p': () => remember(-1),
    'ctrl-r': () => remember(-1),
  }
  const offerLine = (offer: Offer, width: number): Line => {
    const name = Math.min(28, Math.max(12, Math.floor(width * 0.35)))
    return [
      span(' '),
      span(cell(offer.word, name), 'strong'),
      span(clip(` ${offer.about}`, Math.max(0, width - name - 2)), 'muted'),
    ]
  }
  return {
    id: 'palette',
    place: (size) => middle(size, 96, Math.min(size.rows - 2, 18)),
    hints: [
      { keys: 'Tab', says: 'complete' },
      { keys: '↑ ↓', says: 'choose' },
      { keys: 'Ctrl-P', says: 'typed before' },
      { keys: 'Enter', says: 'run' },
      { keys: 'Esc', says: 'close' },
    ],
    paint(surface) {
      const { width, height } = surface.at
      const found = list()
      const rows = Math.max(0, height - 4)
      const from = Math.max(0, Math.min((chosen ?? 0) - rows + 1, found.length - rows))
      paintBorder(surface, {
        title: 'Command',
        focused: true,
        note: wrong === null ? [span(`${found.length}`, 'muted')] : [span(wrong, 'bad')],
      })
      surface.put(1, 1, [span(' : ', 'accent'), ...fieldLine(field, width - 7)], width - 2)
      surface.put(1, 2, [span('─'.repeat(width - 2), 'muted')], width - 2)
      for (let y = 0; y < rows; y += 1) {
        const offer = found[from + y]
        surface.put(
          1,
          y + 3,
          offer === undefined ? [span('')] : offerLine(offer, width - 3),
          width - 2,
          from + y === chosen ? 'chosen' : undefined,
        )
      }
    },
    press(input) {
      wrong = null
      const act = input.kind === 'key' ? KEYS[input.key] : undefined
      if (act !== undefined) return act()
      const next = typed(field, input)
      if (next !== null && next.text !== field.text) chosen = null
      field = next ?? field
    },
  }
}
