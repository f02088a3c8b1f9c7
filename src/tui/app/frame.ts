import { isTooSmall, LEAST_SIZE } from '../paint/body.ts'
import { paintPanel } from '../paint/panel.ts'
import type { Piece } from '../paint/piece.ts'
import type { Rect, Size } from '../panel.ts'
import { clip, widthOf } from '../view/cell.ts'
import { type Line, type Span, span } from '../view/line.ts'
import { wrappedLines } from '../view/wrapped.ts'
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

/** A terminal that is too small for anything gets one sentence, on as many lines as that takes there. */
const tooSmall = ({ columns, rows }: Size): readonly Piece[] => [
  blank('ground', { x: 0, y: 0, width: columns, height: rows }),
  ...wrappedLines(
    `${columns}×${rows} is too small for vc: make it ${LEAST_SIZE.columns}×${LEAST_SIZE.rows} or larger (q quits)`,
    columns,
    'warn',
  )
    .slice(0, rows)
    .map((line, y) => linePiece(`small-${y}`, y, columns, line)),
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

/** The lines above the body: head, bar of screens where there is room, the slider of a replay, the filter in force. */
const topPieces = ({ state, scene, size, head, tabs, now }: Frame): readonly Piece[] => {
  const { columns, rows } = size
  const filter = filterLine(scene.view.filter)
  const lines: readonly (readonly [id: string, line: Line, under?: 'bar'])[] = [
    ['head', head, 'bar'],
    ...(rows >= 20 ? [['tabs', tabs] as const] : []),
    ...(state.at === null ? [] : [['replay', replayLine(state.at, now, columns)] as const]),
    ...(filter === null ? [] : [['filter', filter] as const]),
  ]
  return lines.map(([id, line, under], y) => linePiece(id, y, columns, line, under))
}

const panelPieces = ({ body, panels }: Scene): readonly Piece[] => [
  blank('body', body),
  ...panels.map(
    ({ panel, stand }): Piece => ({
      id: `panel-${panel.id}`,
      at: panel.at,
      paint: (surface) => paintPanel(surface, panel, stand),
    }),
  ),
]

const layerPieces = (layers: AppState['layers'], size: Size): readonly Piece[] =>
  layers.map((layer) => ({ id: `layer-${layer.id}`, at: layer.place(size), paint: (surface) => layer.paint(surface) }))

/** The whole picture, from the ground up: head, panels, footer, boxes, toasts. */
export const frameOf = (frame: Frame): readonly Piece[] => {
  const { state, scene, size, hints } = frame
  if (isTooSmall(size)) return tooSmall(size)
  if (state.copying !== null) return copyPieces(state.copying, size)
  return [
    ...topPieces(frame),
    ...panelPieces(scene),
    linePiece('foot', size.rows - 1, size.columns, footLine(state, hints, size.columns), 'bar'),
    ...layerPieces(state.layers, size),
    ...toastPieces(state.toasts, size),
  ]
}
