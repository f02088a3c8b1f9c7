import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageSpan, agoSpan, secondsSince } from '../../view/age.ts'
import type { Column } from '../../view/columns.ts'
import { type Span, span } from '../../view/line.ts'
import { count, percent } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import type { Destination, EventsModel, GuardRule, Suspect } from './model.ts'

const DECISIONS = { deny: 'bad', warn: 'warn', bypass: 'info' } as const

const decision = (one: GuardRule): Span =>
  span(one.decision, DECISIONS[one.decision as keyof typeof DECISIONS] ?? 'unknown')

const ruleColumns = (now: Date): readonly Column<GuardRule>[] => [
  { head: 'N', align: 'right', of: (one) => span(count(one.count), 'strong'), keep: 1000 },
  { head: 'DID', of: decision, least: 4, keep: 90 },
  { head: 'RULE OF DCG', of: (one) => one.rule ?? span('no rule', 'unknown'), least: 10, keep: 1000 },
  { head: 'MACHINE', of: (one) => span(one.machine, 'muted'), least: 5, most: 12, keep: 60 },
  { head: 'LAST', align: 'right', of: (one) => agoSpan(secondsSince(one.last, now)), keep: 70 },
] // biome-ignore format: a table

/** Commands that the guard refused, by rule. */
export const rulesPanel = (model: EventsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'rules',
    title: 'Refused commands',
    at,
    answer: view.answers.guards,
    rows: model.rules,
    idOf: (one) => `${one.machine} ${one.rule} ${one.decision}`,
    columns: ruleColumns(model.now),
    empty: { why: 'No command was refused.', fill: 'dcg keeps a log where agents run with its hook.' },
  })

const DESTINATIONS: readonly Column<Destination>[] = [
  { head: 'N', align: 'right', of: (one) => span(count(one.connections), 'strong'), keep: 1000 },
  { head: ' ', of: (one) => (one.alerts > 0 ? span('▲', 'warn') : span('·', 'muted')), keep: 90 },
  { head: 'WHERE', of: (one) => `${one.domain ?? one.ip ?? '?'}${one.port === null ? '' : `:${one.port}`}`, least: 10, keep: 1000 },
  { head: 'WHO', of: (one) => one.provider ?? span('?', 'unknown'), least: 4, most: 12, keep: 70 },
  { head: 'MACHINE', of: (one) => span(one.machine, 'muted'), least: 5, most: 12, keep: 50 },
] // biome-ignore format: a table

/** Where agents connect to. */
export const destinationsPanel = (model: EventsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'destinations',
    title: 'Connections',
    at,
    answer: view.answers.network,
    rows: model.destinations,
    idOf: (one) => `${one.machine} ${one.provider} ${one.ip} ${one.port}`,
    columns: DESTINATIONS,
    empty: { why: 'No connection was observed.', fill: 'There is data only for the time somebody ran rano.' },
  })

const ADVICE = { kill: 'bad', review: 'warn', spare: 'good' } as const

const suspectColumns = (now: Date): readonly Column<Suspect>[] => [
  { head: 'ADVICE', of: (one) => span(one.advice ?? '?', ADVICE[one.advice as keyof typeof ADVICE] ?? 'unknown'), keep: 1000 },
  { head: 'PROCESS', of: (one) => `${one.comm ?? '?'} ${one.pid}`, least: 8, keep: 1000 },
  { head: 'SURE', align: 'right', of: (one) => percent(one.confidence === null ? null : one.confidence * 100), keep: 70 },
  { head: 'MACHINE', of: (one) => span(one.machine, 'muted'), least: 5, most: 12, keep: 80 },
  { head: 'SEEN', align: 'right', of: (one) => ageSpan(secondsSince(one.seen, now), 3_600), keep: 40 },
] // biome-ignore format: a table

/** Processes that look left behind. vc does nothing of what is advised. */
export const suspectsPanel = (model: EventsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'suspects',
    title: 'Suspect processes',
    at,
    answer: view.answers.guards,
    rows: model.suspects,
    idOf: (one) => `${one.machine} ${one.pid}`,
    columns: suspectColumns(model.now),
    empty: { why: 'No process looks abandoned.', fill: 'Process triage (pt) looks where it is installed.' },
  })
