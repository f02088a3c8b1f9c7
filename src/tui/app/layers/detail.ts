import { paintBorder } from '../../paint/border.ts'
import { fillOf } from '../../paint/surface.ts'
import { widthOf } from '../../view/cell.ts'
import { clean, clusters } from '../../view/clusters.ts'
import { type Line, span } from '../../view/line.ts'
import { type Layer, middle } from '../layer.ts'

interface Detail {
  readonly id: string
  readonly title: string
  readonly note?: Line
}

const SCROLL: Readonly<Record<string, (top: number, page: number) => number>> = {
  j: (top) => top + 1,
  down: (top) => top + 1,
  k: (top) => top - 1,
  up: (top) => top - 1,
  'ctrl-d': (top, page) => top + Math.ceil(page / 2),
  'ctrl-u': (top, page) => top - Math.ceil(page / 2),
  pagedown: (top, page) => top + page,
  space: (top, page) => top + page,
  pageup: (top, page) => top - page,
  G: () => Number.MAX_SAFE_INTEGER,
  end: () => Number.MAX_SAFE_INTEGER,
  g: () => 0,
  home: () => 0,
}

const PLAIN = /^[ -~]*$/

// Cutting text into clusters costs a hundred times as much, at each painting.
const plainParts = (line: string, width: number): string[] =>
  Array.from({ length: Math.ceil(line.length / width) }, (_, part) => line.slice(part * width, (part + 1) * width))

/** Text cut into lines of `width` cells; what does not fit goes on in the next line. */
export const foldText = (text: string, width: number): string[] =>
  text.split(/\r?\n/).flatMap((raw) => {
    const line = clean(raw)
    if (widthOf(line) <= width) return [line]
    if (PLAIN.test(line)) return plainParts(line, width)
    const parts = ['']
    let used = 0
    for (const letter of clusters(line)) {
      if (used > 0 && used + letter.width > width) {
        parts.push('')
        used = 0
      }
      parts.push(`${parts.pop() ?? ''}${letter.text}`)
      used += letter.width
    }
    return parts
  })

const boxWidth = (columns: number): number => Math.max(60, Math.round(columns * 0.8))

/** How wide a line of text may be in such a box on a terminal of so many columns. */
export const detailRoom = (columns: number): number => Math.max(1, Math.min(boxWidth(columns), columns - 2) - 4)

/** A box of text to read. `text` and `note` are asked for at each painting, so it may grow. Esc, q and Enter close it. */
export const detailLayer = (
  detail: () => Detail & { readonly text: string; readonly follow?: boolean },
  close: () => void,
): Layer => {
  let top: number | null = null
  let page = 1
  let count = 0
  const last = (): number => Math.max(0, count - page)
  return {
    id: 'detail',
    place: (size) => middle(size, boxWidth(size.columns), Math.max(12, Math.round(size.rows * 0.8))),
    hints: [
      { keys: 'j k', says: 'scroll' },
      { keys: 'Esc', says: 'close' },
    ],
    paint(surface) {
      const { width, height } = surface.at
      const { title, text, note, follow } = detail()
      const lines = foldText(text, Math.max(1, width - 4))
      page = Math.max(1, height - 2)
      count = lines.length
      const from = Math.min(top ?? (follow ? last() : 0), last())
      if (top !== null) top = from
      paintBorder(surface, {
        title,
        note,
        focused: true,
        foot: count > page ? `${from + 1}–${Math.min(count, from + page)} of ${count}` : undefined,
      })
      for (let y = 1; y < height - 1; y += 1) {
        const line = lines[from + y - 1]
        surface.put(1, y, line === undefined ? fillOf(1) : [span(' '), span(line)], width - 2)
      }
    },
    press(input) {
      if (input.kind === 'mouse') {
        if (input.what === 'wheel-down') top = Math.min(last(), (top ?? 0) + 3)
        if (input.what === 'wheel-up') top = Math.max(0, (top ?? last()) - 3)
        return
      }
      if (input.kind !== 'key') return
      if (['esc', 'q', 'enter'].includes(input.key)) return close()
      const move = SCROLL[input.key]
      if (move !== undefined) top = Math.max(0, Math.min(last(), move(top ?? 0, page)))
    },
  }
}
