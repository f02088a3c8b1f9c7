import type { ListPanel, Panel, TextPanel } from '../panel.ts'
import { fitted } from '../view/fitted.ts'
import { type Line, span } from '../view/line.ts'
import { paintBorder } from './border.ts'
import { type ChartMaker, chartLines } from './chart.ts'
import { fillOf, type Surface } from './surface.ts'

/** What the app knows of a panel besides what it shows. */
export interface PanelStand {
  readonly focused: boolean
  /** Row id that is chosen in a list. */
  readonly chosen: string | null
  /** First row that is in sight. */
  readonly top: number
  /** Ready lines of a live panel. */
  readonly live?: { readonly lines: readonly Line[]; readonly note: Line }
  /** Who draws a chart; without it our own lines. */
  readonly charts?: ChartMaker
}

export const restingStand: PanelStand = { focused: false, chosen: null, top: 0 }

/** Rows a panel has to show, without head and errors. */
export const rowCount = (panel: Panel, stand: PanelStand): number => {
  if (panel.kind === 'list') return panel.rows.length
  if (panel.kind === 'text') return panel.lines.length
  return panel.kind === 'live' ? (stand.live?.lines.length ?? 0) : 0
}

const topRows = (panel: Panel): number =>
  (panel.error === undefined ? 0 : 1) + (panel.kind === 'list' && panel.head !== undefined ? 1 : 0)

/** Rows of a panel that are in sight at once. */
export const pageRows = (panel: Panel): number => Math.max(0, panel.at.height - 2 - topRows(panel))

/** The first row in sight, so that the chosen one is: moved as little as possible. */
export const topFor = (panel: Panel, stand: PanelStand): number => {
  const page = pageRows(panel)
  const last = Math.max(0, rowCount(panel, stand) - page)
  const kept = Math.max(0, Math.min(stand.top, last))
  if (panel.kind !== 'list') return kept
  const at = panel.rows.findIndex((row) => row.id === stand.chosen)
  if (at < 0) return kept
  return Math.max(0, Math.min(last, Math.max(at - page + 1, Math.min(kept, at))))
}

const thumbOf = (count: number, page: number, top: number, height: number): readonly [number, number] | undefined => {
  if (count <= page || page < 2) return undefined
  const length = Math.max(1, Math.round((page / count) * height))
  const from = Math.round((top / (count - page)) * (height - length))
  return [from, from + length - 1]
}

const wrap = (text: string, width: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

const emptyLines = (panel: Panel, width: number): Line[] => {
  if (panel.empty === undefined) return []
  const { why, fill } = panel.empty
  return [
    ...wrap(why, width).map((text) => [span(text, 'muted')]),
    ...wrap(fill, width).map((text) => [span(text, 'info')]),
  ]
}

const rowsOf = (panel: ListPanel | TextPanel, index: number): Line | null =>
  panel.kind === 'list' ? (panel.rows[index]?.line ?? null) : (panel.lines[index] ?? null)

const paintRows = (surface: Surface, panel: Panel, stand: PanelStand, from: number, top: number): void => {
  const { width, height } = surface.at
  const inside = width - 2
  const count = rowCount(panel, stand)
  const chart = panel.kind === 'chart' ? (stand.charts ?? chartLines)(panel, inside, height - 1 - from) : null
  const spare = count === 0 && chart === null ? emptyLines(panel, inside - 1) : null
  for (let y = from; y < height - 1; y += 1) {
    const index = top + y - from
    if (chart !== null) surface.put(1, y, chart[y - from] ?? fillOf(inside), inside)
    else if (spare !== null) surface.put(1, y, [span(' '), ...(spare[y - from] ?? [])], inside)
    else if (panel.kind === 'live') surface.put(1, y, stand.live?.lines[index] ?? fillOf(inside), inside)
    else if (panel.kind === 'list') {
      const chosen = panel.rows[index] !== undefined && panel.rows[index]?.id === stand.chosen
      surface.put(
        1,
        y,
        rowsOf(panel, index) ?? fillOf(inside),
        inside,
        chosen && stand.focused ? 'chosen' : chosen ? 'bar' : undefined,
      )
    } else if (panel.kind === 'text') surface.put(1, y, fitted(rowsOf(panel, index) ?? fillOf(inside), inside), inside)
  }
}

/** Paints all of a panel's place: frame, error, head, rows; or why there are none. */
export const paintPanel = (surface: Surface, panel: Panel, stand: PanelStand): void => {
  const { width, height } = surface.at
  if (width < 2 || height < 2) return
  const top = topFor(panel, stand)
  const count = rowCount(panel, stand)
  const page = pageRows(panel)
  paintBorder(surface, {
    title: panel.title,
    note: stand.live?.note ?? panel.note,
    focused: stand.focused,
    foot: count > page && page > 0 ? `${top + 1}–${Math.min(count, top + page)} of ${count}` : undefined,
    thumb: thumbOf(count, page, top, height - 2),
  })
  let y = 1
  if (panel.error !== undefined && height > 2) {
    surface.put(
      1,
      y,
      fitted([span(`✗ ${panel.error.line}`, 'bad'), span('  E: detail', 'muted')], width - 2),
      width - 2,
    )
    y += 1
  }
  if (panel.kind === 'list' && panel.head !== undefined && y < height - 1) {
    surface.put(1, y, panel.head, width - 2)
    y += 1
  }
  paintRows(surface, panel, stand, y, top)
}
