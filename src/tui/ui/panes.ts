import blessed, { type Widgets } from 'blessed'
import type { Piece } from '../paint/piece.ts'
import { surfaceOf } from './buffer.ts'
import type { Looks } from './looks.ts'

// What blessed gets back from a render it does not look at.
const NOWHERE: Widgets.Coords = {
  xi: 0,
  xl: 0,
  yi: 0,
  yl: 0,
  base: 0,
  _contentEnd: { x: 0, y: 0 },
  noleft: 0,
  noright: 0,
  notop: 0,
  nobot: 0,
}

interface Pane {
  readonly element: Widgets.BoxElement
  piece: Piece
}

/** One blessed element per piece, kept as long as its id is painted. Its content never goes through blessed's tag parser. */
export const openPanes = (screen: Widgets.Screen) => {
  let panes = new Map<string, Pane>()
  let looks: Looks | null = null

  const open = (piece: Piece): Pane => {
    const element = blessed.box({ parent: screen })
    const pane: Pane = { element, piece }
    element.render = () => {
      if (looks !== null) pane.piece.paint(surfaceOf(screen, looks, pane.piece.at))
      return NOWHERE
    }
    return pane
  }
  return {
    /** Puts these pieces on the screen in this order, and no others. */
    show(pieces: readonly Piece[], using: Looks): void {
      looks = using
      const next = new Map<string, Pane>()
      for (const piece of pieces) {
        const pane = panes.get(piece.id) ?? open(piece)
        pane.piece = piece
        next.set(piece.id, pane)
      }
      for (const [id, { element }] of panes) if (!next.has(id)) element.detach()
      // blessed draws children in their order: the last lies on top.
      screen.children = [...next.values()].map(({ element }) => element)
      panes = next
    },
  }
}
