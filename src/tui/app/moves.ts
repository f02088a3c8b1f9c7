import { pageRows, rowCount } from '../paint/panel.ts'
import type { Rect } from '../panel.ts'
import { focused, type Scene } from './scene.ts'
import type { Stand } from './state.ts'

export type Move = { readonly by: number } | { readonly page: number } | { readonly to: 'first' | 'last' }

const target = (move: Move, at: number, page: number, count: number): number => {
  if ('to' in move) return move.to === 'first' ? 0 : count - 1
  return at + ('by' in move ? move.by : Math.trunc(move.page * Math.max(2, page)))
}

/** Moves in the panel that has the focus: the chosen row of a list, else what is in sight. */
export const moved = (scene: Scene, stand: Stand, move: Move): void => {
  const here = focused(scene)
  if (here === null) return
  const { panel } = here
  const page = pageRows(panel)
  if (panel.kind === 'list') {
    const count = panel.rows.length
    if (count === 0) return
    const at = panel.rows.findIndex((row) => row.id === here.stand.chosen)
    const next = Math.max(0, Math.min(count - 1, target(move, Math.max(0, at), page, count)))
    const row = panel.rows[next]
    if (row !== undefined) stand.chosen[panel.id] = row.id
    stand.index[panel.id] = next
    return
  }
  const last = Math.max(0, rowCount(panel, here.stand) - page)
  const next = 'to' in move ? (move.to === 'first' ? 0 : last) : target(move, here.stand.top, page, last + 1)
  stand.top[panel.id] = Math.max(0, Math.min(last, next))
  // At the end again: what follows is followed.
  if (next >= last && ((panel.kind === 'text' && panel.follow === true) || panel.kind === 'live'))
    delete stand.top[panel.id]
}

/** The next panel in order, or the one before. */
export const focusNext = (scene: Scene, stand: Stand, by: 1 | -1): void => {
  const able = scene.panels.filter(({ panel }) => panel.at.height >= 3)
  const at = able.findIndex(({ stand: one }) => one.focused)
  stand.focus = able[(at + by + able.length) % Math.max(1, able.length)]?.panel.id ?? null
}

const overlap = (a: Rect, b: Rect): number => Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)

/** The panel beside this one, as far as there is one. */
export const focusBeside = (scene: Scene, stand: Stand, by: 1 | -1): void => {
  const here = focused(scene)?.panel.at
  if (here === undefined) return
  const beside = scene.panels
    .map(({ panel }) => panel)
    .filter(({ at }) => (by > 0 ? at.x >= here.x + here.width : at.x + at.width <= here.x) && at.height >= 3)
    .sort((a, b) => Math.abs(a.at.x - here.x) - Math.abs(b.at.x - here.x) || overlap(b.at, here) - overlap(a.at, here))
  const found = beside.find(({ at }) => overlap(at, here) > 0) ?? beside[0]
  if (found !== undefined) stand.focus = found.id
}

/** A click: the panel under it gets the focus, the row under it is chosen. True when it was chosen already. */
export const clicked = (scene: Scene, stand: Stand, x: number, y: number): boolean => {
  const hit = scene.panels.find(
    ({ panel: { at } }) => x >= at.x && x < at.x + at.width && y >= at.y && y < at.y + at.height,
  )
  if (hit === undefined) return false
  const { panel } = hit
  stand.focus = panel.id
  if (panel.kind !== 'list') return false
  const first = panel.at.y + 1 + (panel.error === undefined ? 0 : 1) + (panel.head === undefined ? 0 : 1)
  const row = y < first || y >= panel.at.y + panel.at.height - 1 ? undefined : panel.rows[hit.stand.top + y - first]
  if (row === undefined) return false
  const again = hit.stand.focused && hit.stand.chosen === row.id
  stand.chosen[panel.id] = row.id
  return again
}
