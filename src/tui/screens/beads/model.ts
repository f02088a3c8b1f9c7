import type { beads } from '../../../queries/beads.ts'
import type { convoys } from '../../../queries/convoys.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Beads = DataOf<typeof beads>
type Convoys = DataOf<typeof convoys>
export type Project = Beads['projects'][number]
export type Convoy = Convoys['convoys'][number]

export const LANES = ['backlog', 'hooked', 'progress', 'review', 'done'] as const
export type Lane = (typeof LANES)[number]
export const LANE_TITLES: Readonly<Record<Lane, string>> = {
  backlog: 'Backlog',
  hooked: 'Hooked',
  progress: 'In progress',
  review: 'Review',
  done: 'Done',
}

/** One bead as a card on the board. */
export interface Card {
  readonly key: string
  readonly lane: Lane
  readonly id: string
  readonly title: string | null
  readonly priority: number | null
  readonly status: string | null
  readonly who: string | null
  readonly machine: string
  readonly project: string | null
  readonly updated: string | null
  readonly standing: 'ready' | 'blocked' | 'started' | 'deferred' | 'held' | 'done'
  readonly waitsOn: readonly string[]
  readonly reasons: readonly string[]
  readonly unblocks: number | null
}

export interface BeadsModel {
  readonly cards: readonly Card[]
  readonly all: number
  readonly totals: Beads['totals'] | null
  readonly projects: readonly Project[]
  readonly convoys: readonly Convoy[]
}

export const beadsAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const machine = view.filter.machine === null ? {} : { machine: view.filter.machine }
  const repo = view.filter.repo === null ? {} : { repo: view.filter.repo }
  return [
    { as: 'beads', topic: 'beads', params: { ...machine, ...repo, limit: 300 }, everyMs: 5_000 },
    { as: 'convoys', topic: 'convoys', params: machine, everyMs: 5_000 },
  ]
}

/** What all lists of issues have in common. */
type Line = Omit<Beads['blocked'][number], 'waits_on'>

const cardOf = (line: Line, standing: Card['standing'], lane: Lane, more: Partial<Card> = {}): Card => ({
  key: `${line.machine} ${line.project} ${line.id}`,
  lane,
  id: line.id,
  title: line.title,
  priority: line.priority,
  status: line.status,
  who: line.assignee,
  machine: line.machine,
  project: line.name,
  updated: line.updated,
  standing,
  waitsOn: [],
  reasons: [],
  unblocks: null,
  ...more,
})

const isReview = (status: string | null): boolean => /review|merg/.test(status ?? '')

/** Hung on an agent's hook: by its status, or because gastown says so. */
const laneOf = (line: Line, hooked: ReadonlySet<string>, otherwise: Lane): Lane =>
  isReview(line.status) ? 'review' : line.status === 'hooked' || hooked.has(line.id) ? 'hooked' : otherwise

const cardsOf = (data: Beads, hooked: ReadonlySet<string>): readonly Card[] => [
  ...data.ready.map((one) =>
    cardOf(one, 'ready', laneOf(one, hooked, 'backlog'), { reasons: one.reasons, unblocks: one.unblocks }),
  ),
  ...data.blocked.map((one) => cardOf(one, 'blocked', laneOf(one, hooked, 'backlog'), { waitsOn: one.waits_on })),
  ...data.in_progress.map((one) => cardOf(one, 'started', laneOf(one, hooked, 'progress'), { waitsOn: one.waits_on })),
  ...data.parked.map((one) => cardOf(one, one.standing, laneOf(one, hooked, 'backlog'))),
  ...data.done.map((one) => cardOf(one, 'done', 'done')),
]

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Work of a convoy whose tracker vc does not read: all that is known of it stands in the convoy. */
const trackedCards = (all: readonly Convoy[], known: ReadonlySet<string>): readonly Card[] =>
  all.flatMap((convoy) =>
    convoy.tracked.flatMap((item): Card[] => {
      const status = text(item.status)
      if (item.id === null || known.has(item.id)) return []
      const done = status === 'closed'
      const lane: Lane = done
        ? 'done'
        : isReview(status)
          ? 'review'
          : status === 'hooked'
            ? 'hooked'
            : status === 'in_progress'
              ? 'progress'
              : 'backlog'
      return [
        {
          key: `${convoy.machine} ${convoy.convoy} ${item.id}`,
          lane,
          id: item.id,
          title: text(item.title),
          priority: null,
          status,
          who: text(item.assignee) ?? text(item.worker),
          machine: convoy.machine,
          project: convoy.title,
          updated: null,
          standing: done ? 'done' : item.blocked === true ? 'blocked' : lane === 'backlog' ? 'ready' : 'started',
          waitsOn: [],
          reasons: [],
          unblocks: null,
        },
      ]
    }),
  )

export const beadsModel = (view: ScreenView): BeadsModel => {
  const data = dataOf<Beads>(view, 'beads')
  const town = dataOf<Convoys>(view, 'convoys')
  const hooked = new Set((town?.roles ?? []).flatMap(({ hook }) => (hook === null ? [] : [hook])))
  const own = data === null ? [] : cardsOf(data, hooked)
  const known = new Set(own.map(({ id }) => id))
  const tracked = view.filter.repo === null ? trackedCards(town?.convoys ?? [], known) : []
  const cards = [...new Map([...own, ...tracked].map((card) => [card.key, card])).values()]
  return {
    all: cards.length,
    cards: cards.filter(
      (card) => onMachine(view.filter, card.machine) && found(view.filter, card.id, card.title, card.who, card.project),
    ),
    totals: data?.totals ?? null,
    projects: data?.projects ?? [],
    convoys: (town?.convoys ?? []).filter((one) => onMachine(view.filter, one.machine)),
  }
}
