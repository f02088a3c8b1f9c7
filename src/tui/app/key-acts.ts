import { messageOf, VcError } from '../../core/errors.ts'
import { pageRows } from '../paint/panel.ts'
import type { TextPanel } from '../panel.ts'
import type { Line } from '../view/line.ts'
import {
  askLine,
  type Cockpit,
  closeLayer,
  type Deeds,
  goTo,
  grant,
  openLayer,
  say,
  setMoment,
  standHere,
} from './cockpit.ts'
import type { Layer } from './layer.ts'
import { promptLayer } from './layers/prompt.ts'
import { type Move, moved } from './moves.ts'
import { focused } from './scene.ts'

// What the keys of the cockpit itself do; keys.ts says which key does which.

/** Moves in the panel that has the focus. */
export const move =
  (how: Move) =>
  (cockpit: Cockpit): void => {
    moved(cockpit.scene(), standHere(cockpit), how)
    cockpit.changed()
  }

/** The way down from the chosen row. */
export const openChosen = (cockpit: Cockpit, deeds: Deeds): void => {
  const scene = cockpit.scene()
  const here = focused(scene)
  if (here === null || here.panel.kind !== 'list' || here.stand.chosen === null) return
  const wish = scene.screen.open?.(here.panel.id, here.stand.chosen, scene.model, scene.view) ?? null
  if (wish === null) say(cockpit, 'nothing lies below this row', 'muted')
  else grant(cockpit, wish, deeds)
}

/** Narrows this screen while it is typed. */
export const search = (cockpit: Cockpit): void => {
  const stand = standHere(cockpit)
  const before = stand.text
  const layer: Layer = promptLayer({
    id: 'search',
    title: 'Search on this screen',
    text: before,
    changed: (text) => {
      stand.text = text
      cockpit.changed()
    },
    done: (text) => {
      stand.text = text
      closeLayer(cockpit, layer)
    },
    cancel: () => {
      stand.text = before
      closeLayer(cockpit, layer)
    },
  })
  openLayer(cockpit, layer)
}

/** What failed here, in full; null: nothing. */
export const errorsOf = (cockpit: Cockpit): string | null => {
  const scene = cockpit.scene()
  const here = focused(scene)?.panel
  const failing = [...(here === undefined ? [] : [here]), ...scene.panels.map(({ panel }) => panel)].find(
    ({ error }) => error !== undefined,
  )
  const answers = Object.entries(scene.view.answers).flatMap(([name, { error }]) =>
    error === null ? [] : [`${name}: ${error.detail}`],
  )
  const text = [
    ...(failing?.error === undefined ? [] : [`${failing.title}\n${failing.error.detail}`]),
    ...answers,
  ].join('\n\n')
  return text === '' ? null : text
}

/** Notes of the answers, each once; null: none. */
export const warningsOf = (cockpit: Cockpit): string | null => {
  const all = Object.entries(cockpit.scene().view.answers).flatMap(([name, { warnings }]) =>
    warnings.map((text) => `${name}: ${text}`),
  )
  return all.length === 0 ? null : [...new Set(all)].join('\n')
}

/** So many minutes through the past. */
export const shift =
  (minutes: number) =>
  (cockpit: Cockpit): void => {
    const { state, ports } = cockpit
    const from = state.at ?? ports.now()
    setMoment(cockpit, new Date(from.getTime() + minutes * 60_000))
  }

const linesOf = (cockpit: Cockpit): { readonly lines: readonly Line[]; readonly title: string } | null => {
  const here = focused(cockpit.scene())
  if (here === null) return null
  const { panel, stand } = here
  const rows = Math.max(200, pageRows(panel))
  if (panel.kind === 'list')
    return {
      title: panel.title,
      lines: [...(panel.head === undefined ? [] : [panel.head]), ...panel.rows.map(({ line }) => line)].slice(0, rows),
    }
  if (panel.kind === 'text') return { title: panel.title, lines: (panel satisfies TextPanel).lines.slice(0, rows) }
  return panel.kind === 'live' ? { title: panel.title, lines: stand.live?.lines ?? [] } : null
}

/** Freezes the panel as plain lines, and leaves the mouse to the terminal. */
export const beginCopy = (cockpit: Cockpit): void => {
  const lines = linesOf(cockpit)
  if (lines === null) return void say(cockpit, 'a chart cannot be copied as text')
  cockpit.state.copying = lines
  if (cockpit.state.mouse) cockpit.mouse(false)
  cockpit.changed()
}

/** Takes the mouse, or leaves it to the terminal. */
export const toggleMouse = (cockpit: Cockpit): void => {
  const on = !cockpit.state.mouse
  cockpit.state.mouse = on
  cockpit.mouse(on)
  say(
    cockpit,
    on ? 'mouse on: clicks choose, the wheel scrolls' : 'mouse off: the terminal marks text as usual',
    'info',
  )
}

/** The screen with this key. */
export const jump = (cockpit: Cockpit, key: string): void => {
  const screen = cockpit.screens.find((one) => one.key === key)
  if (screen === undefined) say(cockpit, `no screen has the key ${key}`, 'muted')
  else goTo(cockpit, screen.id)
}

/** A letter after `g`. */
export const jumpTo = (cockpit: Cockpit, letter: string): void => {
  cockpit.state.going = false
  if (letter === 'g') move({ to: 'first' })(cockpit)
  else if (letter !== 'esc') jump(cockpit, letter)
  cockpit.changed()
}

/** Asks for a moment to replay. What is none is said, and stays to be mended: what one types next is no key. */
export const askReplay = (cockpit: Cockpit, text = ''): void => {
  const taken = (line: string): void => {
    if (line.trim() === '') return
    try {
      setMoment(cockpit, cockpit.ports.moment(line))
    } catch (error) {
      askReplay(cockpit, line)
      say(cockpit, error instanceof VcError ? `${error.message}: ${error.fix}` : messageOf(error), 'bad')
    }
  }
  askLine(cockpit, 'Show the cockpit as it was at (03:12, yesterday 14:00, 2h ago)', taken, text)
}
