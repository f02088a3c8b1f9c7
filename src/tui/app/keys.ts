import { pageRows } from '../paint/panel.ts'
import type { TextPanel } from '../panel.ts'
import type { Line } from '../view/line.ts'
import {
  askLine,
  type Cockpit,
  closeLayer,
  type Deeds,
  goBack,
  goTo,
  grant,
  openLayer,
  say,
  setFilter,
  setMoment,
  setTheme,
  showDetail,
  standHere,
} from './cockpit.ts'
import type { Layer } from './layer.ts'
import { promptLayer } from './layers/prompt.ts'
import { focusBeside, focusNext, type Move, moved } from './moves.ts'
import { openFilter } from './open-filter.ts'
import { openHelp } from './open-help.ts'
import { openPalette } from './open-palette.ts'
import { focused } from './scene.ts'

/** A key of the cockpit itself. Footer, `?` and docs/keys.md are printed from these. */
export interface AppKey {
  readonly keys: readonly string[]
  readonly says: string
  readonly group: 'Moving' | 'Looking' | 'The cockpit' | 'Time'
  /** Short words for the footer; not there without. */
  readonly foot?: string
  /** Why it does nothing now; null when it does. */
  blockedBy?(cockpit: Cockpit): string | null
  act(cockpit: Cockpit, deeds: Deeds): void
}

const move =
  (how: Move) =>
  (cockpit: Cockpit): void => {
    moved(cockpit.scene(), standHere(cockpit), how)
    cockpit.changed()
  }

const openChosen = (cockpit: Cockpit, deeds: Deeds): void => {
  const scene = cockpit.scene()
  const here = focused(scene)
  if (here === null || here.panel.kind !== 'list' || here.stand.chosen === null) return
  const wish = scene.screen.open?.(here.panel.id, here.stand.chosen, scene.model, scene.view) ?? null
  if (wish === null) say(cockpit, 'nothing lies below this row', 'muted')
  else grant(cockpit, wish, deeds)
}

const search = (cockpit: Cockpit): void => {
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

const errorsOf = (cockpit: Cockpit): string | null => {
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

const warningsOf = (cockpit: Cockpit): string | null => {
  const all = Object.entries(cockpit.scene().view.answers).flatMap(([name, { warnings }]) =>
    warnings.map((text) => `${name}: ${text}`),
  )
  return all.length === 0 ? null : [...new Set(all)].join('\n')
}

const shift =
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

const beginCopy = (cockpit: Cockpit): void => {
  const lines = linesOf(cockpit)
  if (lines === null) return void say(cockpit, 'a chart cannot be copied as text')
  cockpit.state.copying = lines
  if (cockpit.state.mouse) cockpit.mouse(false)
  cockpit.changed()
}

const toggleMouse = (cockpit: Cockpit): void => {
  const on = !cockpit.state.mouse
  cockpit.state.mouse = on
  cockpit.mouse(on)
  say(
    cockpit,
    on ? 'mouse on: clicks choose, the wheel scrolls' : 'mouse off: the terminal marks text as usual',
    'info',
  )
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0']

const jump = (cockpit: Cockpit, key: string): void => {
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

/** Every key of the cockpit itself, in the order of the help. */
export const appKeys: readonly AppKey[] = [
  { keys: ['j', 'down'], says: 'one row down', group: 'Moving', act: move({ by: 1 }) },
  { keys: ['k', 'up'], says: 'one row up', group: 'Moving', act: move({ by: -1 }) },
  { keys: ['ctrl-d', 'pagedown'], says: 'half a page down', group: 'Moving', act: move({ page: 0.5 }) },
  { keys: ['ctrl-u', 'pageup'], says: 'half a page up', group: 'Moving', act: move({ page: -0.5 }) },
  { keys: ['home'], says: 'to the first row (also gg)', group: 'Moving', act: move({ to: 'first' }) },
  { keys: ['G', 'end'], says: 'to the last row', group: 'Moving', act: move({ to: 'last' }) },
  {
    keys: ['tab'],
    says: 'next panel',
    group: 'Moving',
    foot: 'panel',
    act: (c) => focusNext(c.scene(), standHere(c), 1),
  },
  { keys: ['shift-tab'], says: 'panel before', group: 'Moving', act: (c) => focusNext(c.scene(), standHere(c), -1) },
  {
    keys: ['l', 'right'],
    says: 'panel to the right',
    group: 'Moving',
    act: (c) => focusBeside(c.scene(), standHere(c), 1),
  },
  {
    keys: ['h', 'left'],
    says: 'panel to the left',
    group: 'Moving',
    act: (c) => focusBeside(c.scene(), standHere(c), -1),
  },
  { keys: ['enter'], says: 'down into the chosen row', group: 'Moving', foot: 'open', act: openChosen },
  {
    keys: ['esc', 'backspace'],
    says: 'back: out of a search, then the way you came',
    group: 'Moving',
    foot: 'back',
    act: (c) => {
      if (!goBack(c)) say(c, 'this is where you began; q quits', 'muted')
    },
  },
  ...DIGITS.map(
    (digit): AppKey => ({
      keys: [digit],
      says: `the screen with this number`,
      group: 'Looking',
      act: (c) => jump(c, digit),
    }),
  ),
  {
    keys: ['g'],
    says: 'then a letter: the screen with that letter (gg: first row)',
    group: 'Looking',
    act: (c) => {
      c.state.going = true
      say(
        c,
        `g … ${c.screens
          .filter(({ key, shown }) => !/^\d$/.test(key) && (shown?.(c.scene().view) ?? true))
          .map(({ key, title }) => `${key} ${title}`)
          .join(' · ')} · g first row`,
        'info',
      )
    },
  },
  { keys: ['/'], says: 'search on this screen', group: 'Looking', foot: 'search', act: search },
  {
    keys: ['F', 'f'],
    says: 'filter every screen: machine, repo, provider, time',
    group: 'Looking',
    foot: 'filter',
    act: openFilter,
  },
  {
    keys: ['X'],
    says: 'drop the filter',
    group: 'Looking',
    act: (c) => setFilter(c, { machine: null, repo: null, provider: null, hours: 24, text: '' }),
  },
  {
    keys: ['r'],
    says: 'ask for everything again, now',
    group: 'Looking',
    act: (c) => {
      c.answers.refresh()
      say(c, 'asking again', 'muted')
    },
  },
  {
    keys: ['E'],
    says: 'detail of the error',
    group: 'Looking',
    blockedBy: (c) => (errorsOf(c) === null ? 'nothing failed' : null),
    act: (c) => showDetail(c, 'What failed', errorsOf(c) ?? ''),
  },
  {
    keys: ['W'],
    says: 'notes of the answers on this screen',
    group: 'Looking',
    blockedBy: (c) => (warningsOf(c) === null ? 'there are none' : null),
    act: (c) => showDetail(c, 'Notes of the answers', warningsOf(c) ?? ''),
  },
  { keys: ['['], says: 'replay: five minutes back', group: 'Time', act: shift(-5) },
  {
    keys: [']'],
    says: 'replay: five minutes on',
    group: 'Time',
    blockedBy: (c) => (c.state.at === null ? 'this is now' : null),
    act: shift(5),
  },
  { keys: ['{'], says: 'replay: an hour back', group: 'Time', act: shift(-60) },
  {
    keys: ['}'],
    says: 'replay: an hour on',
    group: 'Time',
    blockedBy: (c) => (c.state.at === null ? 'this is now' : null),
    act: shift(60),
  },
  {
    keys: ['T'],
    says: 'replay a moment: 03:12, yesterday 14:00, 2h ago',
    group: 'Time',
    act: (c) =>
      askLine(c, 'Show the cockpit as it was at (03:12, yesterday 14:00, 2h ago)', (line) => replayAt(c, line)),
  },
  {
    keys: ['\\'],
    says: 'back to now',
    group: 'Time',
    blockedBy: (c) => (c.state.at === null ? 'this is now' : null),
    act: (c) => setMoment(c, null),
  },
  { keys: [':'], says: 'command palette: every vc command', group: 'The cockpit', foot: 'command', act: openPalette },
  { keys: ['?'], says: 'this help', group: 'The cockpit', foot: 'help', act: (c) => openHelp(c, appKeys) },
  { keys: ['t'], says: 'next theme', group: 'The cockpit', act: (c) => setTheme(c, null) },
  {
    keys: ['v'],
    says: 'copy mode: freeze the panel and hand the mouse to the terminal',
    group: 'The cockpit',
    act: beginCopy,
  },
  { keys: ['M'], says: 'mouse on or off', group: 'The cockpit', act: toggleMouse },
  { keys: ['q', 'ctrl-c'], says: 'quit', group: 'The cockpit', foot: 'quit', act: (c) => c.quit() },
]

/** Keys no screen may take: without them one would not find out again. */
export const RESERVED: readonly string[] = [
  '?',
  ':',
  '/',
  'esc',
  'tab',
  'shift-tab',
  'q',
  'ctrl-c',
  'g',
  'j',
  'k',
  'h',
  'l',
  't',
  'r',
  'F',
  'E',
  'enter',
  ...DIGITS,
]

const replayAt = (cockpit: Cockpit, line: string): void => {
  if (line.trim() === '') return
  try {
    setMoment(cockpit, cockpit.ports.moment(line))
  } catch (error) {
    say(cockpit, error instanceof Error ? error.message : String(error), 'bad')
  }
}
