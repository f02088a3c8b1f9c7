import { paintBorder } from '../../paint/border.ts'
import { fillOf } from '../../paint/surface.ts'
import { clean } from '../../view/clusters.ts'
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

/** Text cut into lines of `width` cells; what does not fit goes on in the next line. */
export const foldText = (text: string, width: number): string[] =>
  text.split(/\r?\n/).flatMap((raw) => {
    const letters = [...clean(raw)]
    if (letters.length <= width) return [letters.join('')]
    const parts: string[] = []
    for (let at = 0; at < letters.length; at += width) parts.push(letters.slice(at, at + width).join(''))
    return parts
  })

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
    place: (size) =>
      middle(size, Math.max(60, Math.round(size.columns * 0.8)), Math.max(12, Math.round(size.rows * 0.8))),
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
