import type { incidents } from '../../../queries/incidents.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { chosenRow } from '../../view/chosen-row.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Incidents = DataOf<typeof incidents>
export type Incident = Incidents['incidents'][number]
export type Detail = NonNullable<Incidents['detail']>
export type Moment = Detail['timeline'][number] & { readonly key: string }

export interface IncidentsModel {
  readonly incidents: readonly Incident[]
  readonly all: number
  readonly closedToo: boolean
  readonly chosen: Incident | null
  /** Of the chosen incident; null until it was answered. */
  readonly detail: Detail | null
  readonly timeline: readonly Moment[]
  /** What can be replayed, in milliseconds: from half an hour before it began to its end, or now. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | null
  readonly atMs: number | null
  readonly now: Date
}

export const wantsClosed = (view: ScreenView): boolean => view.options['incidents.all'] === 'yes'

const listOf = (view: ScreenView): readonly Incident[] =>
  (dataOf<Incidents>(view, 'incidents')?.incidents ?? []).filter(
    (one) =>
      onMachine(view.filter, one.machine) && found(view.filter, one.title, one.incident, one.machine, one.likely_cause),
  )

const chosenOf = (view: ScreenView, list: readonly Incident[]): Incident | null => {
  const id = chosenRow(
    view,
    'incidents',
    list.map(({ incident }) => incident),
  )
  return list.find(({ incident }) => incident === id) ?? null
}

// The past is chosen from here, so that here it is always now.
export const incidentsAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const id = chosenOf(view, listOf(view))?.incident
  const all: ScreenAsk = {
    as: 'incidents',
    topic: 'incidents',
    params: { all: wantsClosed(view), limit: 200 },
    everyMs: 3_000,
    present: true,
  }
  return id === undefined
    ? [all]
    : [all, { as: 'detail', topic: 'incidents', params: { id }, everyMs: 5_000, present: true }]
}

const BEFORE_MS = 30 * 60_000
const AFTER_MS = 10 * 60_000

const spanOf = ({ opened_at, calm_at, closed_at }: Incident, now: Date): NonNullable<IncidentsModel['span']> => {
  const end = calm_at ?? closed_at
  return {
    fromMs: Date.parse(opened_at) - BEFORE_MS,
    toMs: Math.min(now.getTime(), end === null ? now.getTime() : Date.parse(end) + AFTER_MS),
  }
}

export const incidentsModel = (view: ScreenView): IncidentsModel => {
  const list = listOf(view)
  const chosen = chosenOf(view, list)
  const told = dataOf<Incidents>(view, 'detail')?.detail ?? null
  const detail = told !== null && told.incident.incident === chosen?.incident ? told : null
  return {
    incidents: list,
    all: dataOf<Incidents>(view, 'incidents')?.incidents.length ?? 0,
    closedToo: wantsClosed(view),
    chosen,
    detail,
    timeline: (detail?.timeline ?? []).map((event, index) => ({
      ...event,
      key: `${event.ts} ${event.kind} ${event.subject} ${index}`,
    })),
    span: chosen === null ? null : spanOf(chosen, view.clock ?? view.now),
    atMs: view.at?.getTime() ?? null,
    now: view.clock ?? view.now,
  }
}
