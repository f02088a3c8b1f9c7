import type { events } from '../../../queries/events.ts'
import type { guards } from '../../../queries/guards.ts'
import type { network } from '../../../queries/network.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found } from '../../view/narrowed.ts'

type Events = DataOf<typeof events>
type Guards = DataOf<typeof guards>
type Network = DataOf<typeof network>
export type EventLine = Events['events'][number] & { readonly key: string }
export type GuardRule = Guards['rules'][number]
export type Suspect = Guards['processes'][number]
export type Destination = Network['destinations'][number]

/** What the stream can be narrowed to, in the order the key walks through. */
export const KINDS = [
  'all',
  'alert',
  'action',
  'guard',
  'network',
  'process',
  'security',
  'agent_state',
  'machine',
  'health_change',
  'prediction',
  'opportunity',
  'collector_status',
] as const
export type Kind = (typeof KINDS)[number]
export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface EventsModel {
  readonly kind: Kind
  readonly least: Severity
  readonly events: readonly EventLine[]
  readonly all: number
  readonly more: boolean
  readonly rules: readonly GuardRule[]
  readonly suspects: readonly Suspect[]
  readonly destinations: readonly Destination[]
  readonly now: Date
}

const one = <Word extends string>(words: readonly Word[], wanted: string | undefined, otherwise: Word): Word =>
  words.find((word) => word === wanted) ?? otherwise

export const kindOf = (view: ScreenView): Kind => one(KINDS, view.options['events.kind'], 'all')
export const leastOf = (view: ScreenView): Severity => one(SEVERITIES, view.options['events.least'], 'info')

/** The next word of a list, round and round. */
export const after = <Word extends string>(words: readonly Word[], word: Word, step = 1): Word =>
  words[(words.indexOf(word) + step + words.length) % words.length] ?? word

const MOST = 1_000

export const eventsAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const machine = view.filter.machine === null ? {} : { machine: view.filter.machine }
  const since = `${view.filter.hours}h`
  const kind = kindOf(view)
  return [
    {
      as: 'events',
      topic: 'events',
      params: {
        ...machine,
        since,
        ...(kind === 'all' ? {} : { type: kind }),
        severity: leastOf(view),
        limit: MOST,
        tail: true,
      },
      everyMs: 2_000,
    },
    { as: 'guards', topic: 'guards', params: { ...machine, since, limit: 200 }, everyMs: 10_000 },
    { as: 'network', topic: 'network', params: { ...machine, since, limit: 100 }, everyMs: 10_000 },
  ]
}

// Two things may happen to one subject in one moment: the place in the answer tells them apart.
const keyed = (events: Events['events']): readonly EventLine[] => {
  const seen = new Map<string, number>()
  return events.map((event) => {
    const name = `${event.ts} ${event.type} ${event.subject} ${event.change}`
    const nth = seen.get(name) ?? 0
    seen.set(name, nth + 1)
    return { ...event, key: `${name} ${nth}` }
  })
}

export const eventsModel = (view: ScreenView): EventsModel => {
  const data = dataOf<Events>(view, 'events')
  const guarded = dataOf<Guards>(view, 'guards')
  return {
    kind: kindOf(view),
    least: leastOf(view),
    all: data?.events.length ?? 0,
    more: data?.more ?? false,
    events: keyed(data?.events ?? [])
      .filter((event) => found(view.filter, event.text, event.subject, event.type, event.machine, event.change))
      .toReversed(),
    rules: (guarded?.rules ?? []).filter((rule) => found(view.filter, rule.rule, rule.machine, rule.decision)),
    suspects: guarded?.processes ?? [],
    destinations: (dataOf<Network>(view, 'network')?.destinations ?? []).filter(
      (place) =>
        (view.filter.provider === null || place.provider === view.filter.provider) &&
        found(view.filter, place.ip, place.domain, place.provider, place.machine),
    ),
    now: view.at ?? view.now,
  }
}
