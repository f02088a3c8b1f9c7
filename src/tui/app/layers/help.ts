import { paintBorder } from '../../paint/border.ts'
import { fillOf } from '../../paint/surface.ts'
import { cell } from '../../view/cell.ts'
import { type Line, span } from '../../view/line.ts'
import { type Layer, middle } from '../layer.ts'

/** One part of the help: a heading and its keys. */
export interface HelpPart {
  readonly title: string
  readonly keys: readonly { readonly keys: string; readonly says: string; readonly blocked: string | null }[]
}

const KEYS_WIDTH = 16

const partLines = ({ title, keys }: HelpPart, width: number): Line[] => [
  [span(title, 'accent')],
  ...keys.map(
    ({ keys: names, says, blocked }): Line => [
      span('  '),
      span(cell(names, KEYS_WIDTH), 'strong'),
      span(
        cell(blocked === null ? says : `${says} (not now: ${blocked})`, Math.max(1, width - KEYS_WIDTH - 2)),
        blocked === null ? 'plain' : 'muted',
      ),
    ],
  ),
  [],
]

/** All keys that work here, printed from the same data as the footer and docs/keys.md. */
export const helpLayer = (parts: () => readonly HelpPart[], close: () => void): Layer => {
  let top = 0
  let last = 0
  return {
    id: 'help',
    place: (size) => middle(size, 90, size.rows),
    hints: [
      { keys: 'j k', says: 'scroll' },
      { keys: 'Esc ?', says: 'close' },
    ],
    paint(surface) {
      const { width, height } = surface.at
      const lines = parts().flatMap((part) => partLines(part, width - 4))
      last = Math.max(0, lines.length - (height - 2))
      top = Math.min(top, last)
      paintBorder(surface, {
        title: 'Keys',
        focused: true,
        foot: last > 0 ? `${top + 1}–${top + height - 2} of ${lines.length}` : undefined,
      })
      for (let y = 1; y < height - 1; y += 1)
        surface.put(1, y, [span(' '), ...(lines[top + y - 1] ?? fillOf(1))], width - 2)
    },
    press(input) {
      if (input.kind !== 'key') return
      if (['esc', 'q', '?', 'enter'].includes(input.key)) return close()
      const by = { j: 1, down: 1, k: -1, up: -1, 'ctrl-d': 8, 'ctrl-u': -8, pagedown: 15, space: 15, pageup: -15 }[
        input.key
      ]
      top = Math.max(0, Math.min(last, top + (by ?? 0)))
    },
  }
}
