import { clip, widthOf } from '../view/cell.ts'
import { type Line, span } from '../view/line.ts'
import type { Surface } from './surface.ts'

interface Frame {
  readonly title: string
  readonly note?: Line | undefined
  readonly focused: boolean
  /** At the bottom right: where one stands in a long list. */
  readonly foot?: string | undefined
  /** First and last row (from 0) of the thumb of a scroll bar on the right edge. */
  readonly thumb?: readonly [number, number] | undefined
}

const lineWidth = (line: Line): number => line.reduce((sum, part) => sum + widthOf(part.text), 0)

const top = (surface: Surface, { title, note = [], focused }: Frame): void => {
  const { width } = surface.at
  const edge = focused ? 'focusBorder' : 'border'
  surface.put(0, 0, [span(`┌${'─'.repeat(width - 2)}┐`)], width, edge)
  const shown = clip(title, width - 5)
  if (shown === '') return
  surface.put(2, 0, [span(` ${shown} `)], widthOf(shown) + 2, focused ? 'focusTitle' : 'title')
  const wide = lineWidth(note)
  const room = width - widthOf(shown) - 7
  if (wide === 0 || room < 3) return
  const kept = Math.min(wide, room)
  surface.put(width - kept - 3, 0, [span(' '), ...note, span(' ')], kept + 2, edge)
}

/** A frame of lines with its title; rows of what is inside are written by whoever fills it. */
export const paintBorder = (surface: Surface, frame: Frame): void => {
  const { width, height } = surface.at
  if (width < 2 || height < 2) return
  const edge = frame.focused ? 'focusBorder' : 'border'
  top(surface, frame)
  for (let y = 1; y < height - 1; y += 1) {
    surface.put(0, y, [span('│')], 1, edge)
    const [from = -1, to = -1] = frame.thumb ?? []
    surface.put(width - 1, y, [span(y - 1 >= from && y - 1 <= to && from >= 0 ? '┃' : '│')], 1, edge)
  }
  surface.put(0, height - 1, [span(`└${'─'.repeat(width - 2)}┘`)], width, edge)
  const foot = clip(frame.foot ?? '', width - 4)
  if (foot !== '') surface.put(width - widthOf(foot) - 3, height - 1, [span(` ${foot} `)], widthOf(foot) + 2, edge)
}
