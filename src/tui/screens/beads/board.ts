import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { agoSpan, secondsSince } from '../../view/age.ts'
import { beside } from '../../view/arrange.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { type BeadsModel, type Card, LANE_TITLES, LANES, type Lane } from './model.ts'

const STANDING: Readonly<
  Record<Card['standing'], { readonly sign: string; readonly tone: Tone; readonly words: string }>
> = {
  ready: { sign: '○', tone: 'good', words: 'ready' },
  blocked: { sign: '✗', tone: 'bad', words: 'blocked' },
  started: { sign: '●', tone: 'accent', words: 'started' },
  deferred: { sign: '·', tone: 'muted', words: 'put off' },
  held: { sign: '◐', tone: 'info', words: 'held' },
  done: { sign: '✓', tone: 'muted', words: 'done' },
}

const sign = (card: Card): Span => span(STANDING[card.standing].sign, STANDING[card.standing].tone)

const priority = ({ priority: p }: Card): Span =>
  p === null ? span('P?', 'unknown') : span(`P${p}`, p === 0 ? 'bad' : p === 1 ? 'warn' : 'muted')

const who = (card: Card): Span => (card.who === null ? span('—', 'muted') : span(card.who, 'info'))

const title = (card: Card): Span =>
  card.title === null ? span('no title', 'unknown') : span(card.title, card.standing === 'done' ? 'muted' : 'plain')

const LANE_COLUMNS: readonly Column<Card>[] = [
  { head: ' ', of: sign, keep: 1000 },
  { head: 'P', of: priority, least: 2, keep: 60 },
  { head: 'BEAD', of: (card) => span(card.id, 'strong'), least: 6, most: 14, keep: 90 },
  { head: 'TITLE', of: title, least: 8, keep: 80 },
  { head: 'WHO', of: who, least: 6, most: 16, keep: 10 },
] // biome-ignore format: a table

const listColumns = (now: Date): readonly Column<Card>[] => [
  { head: ' ', of: sign, keep: 1000 },
  { head: 'LANE', of: (card) => LANE_TITLES[card.lane], least: 7, keep: 95 },
  { head: 'P', of: priority, least: 2, keep: 85 },
  { head: 'BEAD', of: (card) => span(card.id, 'strong'), least: 6, most: 16, keep: 1000 },
  { head: 'TITLE', of: title, least: 12, keep: 90 },
  { head: 'WAITS ON', of: (card) => span(card.waitsOn.join(' '), 'bad'), least: 8, most: 20, keep: 50 },
  { head: 'WHO', of: who, least: 6, most: 18, keep: 60 },
  { head: 'CHANGED', align: 'right', of: (card) => agoSpan(secondsSince(card.updated, now)), keep: 30 },
] // biome-ignore format: a table

const EMPTY: Readonly<Record<Lane, { readonly why: string; readonly fill: string }>> = {
  backlog: { why: 'Nothing waits.', fill: 'Open beads stand here: bd create, br create.' },
  hooked: { why: 'Nothing hangs on a hook.', fill: 'gastown hangs a bead on an agent’s hook: gt sling.' },
  progress: { why: 'Nobody works on a bead.', fill: 'bd update <id> --status in_progress' },
  review: { why: 'Nothing is in review.', fill: 'A status that speaks of review or merge stands here.' },
  done: { why: 'Nothing was closed.', fill: 'bd close <id>' },
}

const laneNote = (cards: readonly Card[], lane: Lane): Line => {
  const blocked = cards.filter(({ standing }) => standing === 'blocked').length
  if (lane !== 'backlog') return [span(String(cards.length), 'muted')]
  return [span(`${cards.length - blocked} free`, 'good'), span(` ${blocked} blocked`, blocked > 0 ? 'bad' : 'muted')]
}

const lanePanel = (model: BeadsModel, lane: Lane, at: Rect, view: ScreenView): ListPanel => {
  const cards = model.cards.filter((card) => card.lane === lane)
  return tablePanel({
    id: lane,
    title: LANE_TITLES[lane],
    at,
    answer: view.answers.beads,
    rows: cards,
    idOf: ({ key }) => key,
    columns: LANE_COLUMNS,
    empty: EMPTY[lane],
    note: laneNote(cards, lane),
  })
}

/** Lanes side by side; what is done is narrower. */
export const board = (model: BeadsModel, at: Rect, view: ScreenView): readonly ListPanel[] => {
  const rects = beside(at, { part: 5 }, { part: 4 }, { part: 4 }, { part: 4 }, { part: 4 })
  return LANES.map((lane, index) => lanePanel(model, lane, rects[index] ?? at, view))
}

/** The same cards as one list, where lanes would be too narrow to be read. */
export const lanesList = (model: BeadsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'cards',
    title: 'Beads',
    at,
    answer: view.answers.beads,
    rows: model.cards.toSorted((a, b) => LANES.indexOf(a.lane) - LANES.indexOf(b.lane)),
    idOf: ({ key }) => key,
    columns: listColumns(view.at ?? view.now),
    all: model.all,
    what: 'beads',
    empty: {
      why: 'No project with beads is known.',
      fill: 'vc reads .beads folders of checkouts, and Dolt: docs/collectors.md.',
    },
    note: LANES.flatMap((lane): Line => {
      const cards = model.cards.filter((card) => card.lane === lane).length
      return [span(` ${LANE_TITLES[lane].toLowerCase()} `, 'muted'), span(String(cards), cards > 0 ? 'plain' : 'muted')]
    }),
  })

export const standingWords = (card: Card): string => STANDING[card.standing].words
