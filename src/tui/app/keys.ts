import {
  type Cockpit,
  type Deeds,
  goBack,
  say,
  setFilter,
  setMoment,
  setTheme,
  showDetail,
  standHere,
} from './cockpit.ts'
import {
  askReplay,
  beginCopy,
  errorsOf,
  jump,
  move,
  openChosen,
  search,
  shift,
  toggleMouse,
  warningsOf,
} from './key-acts.ts'
import { focusBeside, focusNext } from './moves.ts'
import { openFilter } from './open-filter.ts'
import { openHelp } from './open-help.ts'
import { openPalette } from './open-palette.ts'

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

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0']

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
    act: (c) => askReplay(c),
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
