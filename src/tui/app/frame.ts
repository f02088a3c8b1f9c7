import { isTooSmall } from '../paint/body.ts'
import { paintPanel } from '../paint/panel.ts'
import type { Piece } from '../paint/piece.ts'
import type { Rect, Size } from '../panel.ts'
import { clip, widthOf } from '../view/cell.ts'
import { type Line, type Span, span } from '../view/line.ts'
import { filterLine, replayLine } from './head.ts'
import type { Hint } from './layer.ts'
import type { Scene } from './scene.ts'
import type { AppState, Toast } from './state.ts'

const linePiece = (id: string, y: number, width: number, line: Line, under?: 'bar'): Piece => {
  const at: Rect = { x: 0, y, width, height: 1 }
  return { id, at, paint: (surface) => surface.put(0, 0, line, width, under) }
}

const blank = (id: string, at: Rect): Piece => ({
  id,
  at,
  paint(surface) {
    for (let y = 0; y < at.height; y += 1) surface.put(0, y, [], at.width)
  },
})

/** Keys at the bottom, as many as fit; what was just said takes their place. */
const footLine = (state: AppState, hints: readonly Hint[], width: number): Line => {
  if (state.said !== null) return [span(` ${clip(state.said.text, width - 2)}`, state.said.tone)]
  const line: Span[] = [span(' ')]
  let left = width - 1
  for (const { keys, says } of hints) {
    const wide = widthOf(keys) + widthOf(says) + 3
    if (wide > left) continue
    line.push({ text: keys, bold: true, tone: 'accent' }, span(` ${says}  `))
    left -= wide
  }
  return line
}

const toastPieces = (toasts: readonly Toast[], { columns, rows }: Size): Piece[] =>
  toasts.slice(-Math.max(1, Math.min(4, rows - 6))).map(({ text, tone }, index): Piece => {
    const shown = ` ${clip(text, Math.max(10, Math.min(columns - 6, 90)))} `
    const width = Math.min(columns, widthOf(shown) + 1)
    const at: Rect = { x: columns - width, y: 2 + index, width, height: 1 }
    return {
      id: `toast-${index}`,
      at,
      paint: (surface) => surface.put(0, 0, [span('▌', tone), span(shown, tone)], width, 'bar'),
    }
  })

interface Frame {
  readonly state: AppState
  readonly scene: Scene
  readonly size: Size
  readonly head: Line
  readonly tabs: Line
  readonly hints: readonly Hint[]
  readonly now: Date
}

/** A terminal that is too small for anything gets one line. */
const tooSmall = ({ columns, rows }: Size): readonly Piece[] => [
  blank('ground', { x: 0, y: 0, width: columns, height: rows }),
  linePiece('small', 0, columns, [
    span(clip(`${columns}×${rows} is too small for vc: make it 60×18 (q quits)`, columns), 'warn'),
  ]),
]

const copyPieces = (copying: NonNullable<AppState['copying']>, { columns, rows }: Size): readonly Piece[] => [
  blank('ground', { x: 0, y: 0, width: columns, height: rows }),
  ...copying.lines.slice(0, rows - 1).map((line, y) => linePiece(`copy-${y}`, y, columns, line)),
  linePiece(
    'foot',
    rows - 1,
    columns,
    [span(` ${copying.title}: frozen, mark it with the mouse of your terminal · y copies all of it · Esc goes on`)],
    'bar',
  ),
]

/** The whole picture, from the ground up: head, panels, footer, boxes, toasts. */
export const frameOf = ({ state, scene, size, head, tabs, hints, now }: Frame): readonly Piece[] => {
  if (isTooSmall(size)) return tooSmall(size)
  if (state.copying !== null) return copyPieces(state.copying, size)
  const { columns, rows } = size
  const top =
    rows >= 20
      ? [linePiece('head', 0, columns, head, 'bar'), linePiece('tabs', 1, columns, tabs)]
      : [linePiece('head', 0, columns, head, 'bar')]
  const filter = filterLine(scene.view.filter)
  const extra: Piece[] = []
  if (state.at !== null)
    extra.push(linePiece('replay', top.length + extra.length, columns, replayLine(state.at, now, columns)))
  if (filter !== null) extra.push(linePiece('filter', top.length + extra.length, columns, filter))
  return [
    ...top,
    ...extra,
    blank('body', scene.body),
    ...scene.panels.map(
      ({ panel, stand }): Piece => ({
        id: `panel-${panel.id}`,
        at: panel.at,
        paint: (surface) => paintPanel(surface, panel, stand),
      }),
    ),
    linePiece('foot', rows - 1, columns, footLine(state, hints, columns), 'bar'),
    ...state.layers.map(
      (layer): Piece => ({ id: `layer-${layer.id}`, at: layer.place(size), paint: (surface) => layer.paint(surface) }),
    ),
    ...toastPieces(state.toasts, size),
  ]
}
