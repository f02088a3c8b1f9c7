import { bodyArea } from '../paint/body.ts'
import { paintPanel } from '../paint/panel.ts'
import type { LivePanel, Rect, Size } from '../panel.ts'
import { type Line, span } from '../view/line.ts'
import { askLine, type Cockpit, closeLayer, openLayer, say } from './cockpit.ts'
import { askFocus, FOCUS_HINTS, type Focus } from './focus.ts'
import type { Layer } from './layer.ts'
import { runCommand } from './run-command.ts'

const MOST_TILES = 6

/** The place of each of `count` tiles: side by side while they stay readable, then in rows. */
export const tilePlaces = (area: Rect, count: number): readonly Rect[] => {
  const across = Math.max(1, Math.min(count, Math.floor(area.width / 56) || 1, Math.ceil(Math.sqrt(count))))
  const down = Math.ceil(count / across)
  return Array.from({ length: count }, (_, at) => {
    const [row, column] = [Math.floor(at / across), at % across]
    const inRow = row === down - 1 ? count - row * across : across
    const x = Math.floor((area.width * column) / inRow)
    const y = Math.floor((area.height * row) / down)
    return {
      x, y,
      width: Math.floor((area.width * (column + 1)) / inRow) - x,
      height: Math.floor((area.height * (row + 1)) / down) - y,
    } // biome-ignore format: a rect
  })
}

/** Why keys cannot be sent from here; null when they can. */
const sendBlockedBy = ({ commands }: Cockpit): string | null => {
  const agent = commands?.children.find(({ name }) => name === 'agent')
  return agent?.children.some(({ name }) => name === 'send')
    ? null
    : 'this vc has no `vc agent send`: attach to the session instead'
}

const sendTo = (cockpit: Cockpit, agent: string): void => {
  const blocked = sendBlockedBy(cockpit)
  if (blocked !== null) return void say(cockpit, blocked)
  askLine(cockpit, `Send to ${agent} (it is told so that you see what arrived)`, (line) => {
    if (line !== '') runCommand(cockpit, ['agent', 'send', agent, line], `send to ${agent}`)
  })
}

interface Tiles {
  readonly agents: string[]
  at: number
  zoomed: boolean
  /** Who gets the keys; null: the cockpit. */
  focus: Focus | null
}

const open = new WeakMap<Cockpit, { readonly tiles: Tiles; readonly layer: Layer }>()

const panelOf = (agentId: string, at: Rect): LivePanel => ({ kind: 'live', id: agentId, title: agentId, at, agentId })

const HINTS: Layer['hints'] = [
  { keys: 'Tab', says: 'next tile' },
  { keys: 'z', says: 'zoom' },
  { keys: 'f', says: 'keys go to it' },
  { keys: 'w', says: 'send a line' },
  { keys: 'x', says: 'close tile' },
  { keys: 'Esc', says: 'back (s adds another agent)' },
]
const typingNote = ({ onTheWay }: Focus): Line => {
  const count = onTheWay()
  return [span(`${count === 0 ? '' : `${count} on the way · `}your keys go here, Ctrl-] stops`, 'warn')]
}

const endFocus = (tiles: Tiles): void => {
  tiles.focus?.close()
  tiles.focus = null
}

const focusOn = (cockpit: Cockpit, tiles: Tiles, agent: string): void =>
  askFocus(cockpit, agent, (focus) => {
    endFocus(tiles)
    tiles.focus = focus
  })

const tilesLayer = (cockpit: Cockpit, tiles: Tiles): Layer => {
  const close = (): void => {
    endFocus(tiles)
    open.delete(cockpit)
    closeLayer(cockpit, layer)
  }
  const here = (): string => tiles.agents[tiles.at] ?? ''
  const KEYS: Readonly<Record<string, () => void>> = {
    esc: close,
    q: close,
    z: () => {
      tiles.zoomed = !tiles.zoomed
    },
    tab: () => {
      tiles.at = (tiles.at + 1) % tiles.agents.length
    },
    'shift-tab': () => {
      tiles.at = (tiles.at + tiles.agents.length - 1) % tiles.agents.length
    },
    f: () => focusOn(cockpit, tiles, here()),
    w: () => sendTo(cockpit, here()),
    x: () => {
      tiles.agents.splice(tiles.at, 1)
      tiles.at = 0
      if (tiles.agents.length === 0) close()
    },
  }
  const layer: Layer = {
    id: 'tiles',
    place: (size: Size) => bodyArea(size),
    get hints() {
      return tiles.focus === null ? HINTS : FOCUS_HINTS
    },
    closed: () => endFocus(tiles),
    paint(surface) {
      const shown = tiles.zoomed ? [here()] : tiles.agents
      cockpit.live.want(shown, tiles.focus?.agent ?? null)
      const places = tilePlaces({ ...surface.at, x: 0, y: 0 }, shown.length)
      shown.forEach((agent, index) => {
        const at = places[index]
        if (at === undefined) return
        const part = {
          at,
          put: (
            x: number,
            y: number,
            ...rest: [Parameters<typeof surface.put>[2], number, Parameters<typeof surface.put>[4]?]
          ) => surface.put(at.x + x, at.y + y, ...rest),
        }
        const live = cockpit.live.stand(agent, at.width - 3)
        const stand = {
          focused: agent === here(),
          chosen: null,
          top: Number.MAX_SAFE_INTEGER,
          live: tiles.focus?.agent === agent ? { ...live, note: typingNote(tiles.focus) } : live,
        }
        paintPanel(part, panelOf(agent, at), stand)
      })
    },
    press(input) {
      if (tiles.focus !== null) tiles.focus.press(input)
      else if (input.kind === 'key') KEYS[input.key]?.()
    },
  }
  return layer
}

/** Opens the live screens over the body: one zoomed, one that gets the keys, or one more tile beside those that are open. */
export const openTiles = (cockpit: Cockpit, agent: string, how: 'focus' | 'zoom' | 'split'): void => {
  const kept = tilesOf(cockpit)
  if (!kept.agents.includes(agent)) {
    if (kept.agents.length >= MOST_TILES) return void say(cockpit, `${MOST_TILES} tiles are open; x closes one`)
    kept.agents.push(agent)
  }
  kept.at = kept.agents.indexOf(agent)
  kept.zoomed = how !== 'split'
  if (!open.has(cockpit)) {
    const layer = tilesLayer(cockpit, kept)
    open.set(cockpit, { tiles: kept, layer })
    openLayer(cockpit, layer)
  }
  if (how === 'focus') focusOn(cockpit, kept, agent)
}

const remembered = new WeakMap<Cockpit, Tiles>()

// Tiles stay known when the box is closed, so that `s` on another agent adds to them.
const tilesOf = (cockpit: Cockpit): Tiles => {
  const tiles = remembered.get(cockpit) ?? { agents: [], at: 0, zoomed: false, focus: null }
  remembered.set(cockpit, tiles)
  return tiles
}
