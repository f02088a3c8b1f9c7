import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView, Wish } from '../../screen.ts'
import { ageWords, agoSpan, clock, secondsSince } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { severitySign } from '../../view/state-sign.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { labelled, wrappedLines } from '../../view/wrapped.ts'
import type { Detail, Incident, IncidentsModel, Moment } from './model.ts'

const STATUS: Readonly<Record<Incident['status'], Tone>> = { open: 'bad', calm: 'warn', closed: 'muted' }

const lasted = (one: Incident, now: Date): Span => {
  const end = one.closed_at ?? one.calm_at
  const until = end === null ? now : new Date(end)
  return span(ageWords(secondsSince(one.opened_at, until)), end === null ? 'bad' : 'muted')
}

const columnsAt = (now: Date): readonly Column<Incident>[] => [
  { head: ' ', of: (one) => severitySign(one.severity), keep: 1000 },
  { head: 'STATUS', of: (one) => span(one.status, STATUS[one.status]), least: 4, keep: 90 },
  { head: 'BEGAN', align: 'right', of: (one) => agoSpan(secondsSince(one.opened_at, now)), keep: 85 },
  { head: 'LASTED', align: 'right', of: (one) => lasted(one, now), keep: 60 },
  { head: 'WHAT', of: (one) => span(one.title, one.status === 'closed' ? 'muted' : 'strong'), least: 16, keep: 1000 },
  { head: 'LIKELY CAUSE', of: (one) => (one.likely_cause === null ? span('?', 'unknown') : span(one.likely_cause, 'info')), least: 12, keep: 50 },
  { head: 'ALERTS', align: 'right', of: (one) => String(one.alerts), keep: 40 },
  { head: 'MACHINE', of: (one) => one.machine ?? span('fleet', 'muted'), least: 5, most: 12, keep: 30 },
] // biome-ignore format: a table

export const incidentsPanel = (model: IncidentsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'incidents',
    title: model.closedToo ? 'Incidents, closed ones too' : 'Incidents',
    at,
    answer: view.answers.incidents,
    rows: model.incidents,
    idOf: ({ incident }) => incident,
    columns: columnsAt(model.now),
    all: model.all,
    what: 'incidents',
    empty: {
      why: 'Nothing is going on.',
      fill: 'Critical alerts that belong together open one; o opens one by hand, s shows closed ones.',
    },
  })

const offset = (seconds: number): string => {
  const sign = seconds < 0 ? '-' : '+'
  return `${sign}${ageWords(Math.abs(seconds))}`
}

const SEVERITY: Readonly<Record<string, Tone>> = { critical: 'bad', warning: 'warn', info: 'plain' }

const timelineColumns = (model: IncidentsModel): readonly Column<Moment>[] => [
  { head: ' ', of: (event) => (model.atMs !== null && Date.parse(event.ts) > model.atMs ? span('○', 'muted') : span('●', 'accent')), keep: 1000 },
  { head: 'UTC', of: (event) => span(clock(event.ts), 'muted'), keep: 70 },
  { head: 'AFTER', align: 'right', of: (event) => span(offset(event.offset_s), 'muted'), keep: 80 },
  { head: 'KIND', of: (event) => span(event.kind.replaceAll('_', ' '), 'info'), least: 5, most: 14, keep: 60 },
  { head: 'WHAT', of: (event) => span(event.text, SEVERITY[event.severity] ?? 'plain'), least: 16, keep: 1000 },
  { head: 'MACHINE', of: (event) => span(event.machine ?? 'fleet', 'muted'), least: 5, most: 12, keep: 20 },
] // biome-ignore format: a table

const NONE_CHOSEN = { why: 'No incident is chosen.', fill: 'Choose one in the list.' }

/** What happened, oldest first; Enter puts the whole cockpit at that moment. */
export const timelinePanel = (model: IncidentsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'timeline',
    title: 'Timeline',
    at,
    answer: model.chosen === null ? view.answers.incidents : view.answers.detail,
    rows: model.timeline,
    idOf: ({ key }) => key,
    columns: timelineColumns(model),
    empty:
      model.chosen === null
        ? NONE_CHOSEN
        : {
            why: 'Nothing is known of it beyond its alerts.',
            fill: 'Changes half an hour before it and until it is calm stand here.',
          },
  })

const causeLines = (detail: Detail, width: number): readonly Line[] =>
  detail.hypotheses.flatMap((one) => [
    [span(`${one.score.toFixed(2)} `, 'accent'), span(one.title, 'strong')],
    ...one.reasons.flatMap((reason) => wrappedLines(`  · ${reason}`, width, 'muted')),
    ...labelled('  look at', one.look, width, 'info', 10),
  ])

const linesOf = (model: IncidentsModel, detail: Detail, width: number): readonly Line[] => [
  ...detail.alerts.map(
    (alert): Line => [
      severitySign(alert.severity),
      span(` ${alert.title} `),
      span(`${alert.status}, fired ${clock(alert.fired_at)}`, 'muted'),
    ],
  ),
  ...(detail.hypotheses.length === 0
    ? [[span('nothing vc knows speaks for any cause', 'unknown')]]
    : causeLines(detail, width)),
  ...detail.notes.flatMap((note) => labelled(`${clock(note.ts)} ${note.author}`, note.body, width, 'plain', 16)),
  ...(model.chosen?.close_reason
    ? labelled('closed', `${model.chosen.close_reason} (${model.chosen.closed_by ?? '?'})`, width)
    : []),
]

/** Its alerts, its likely causes and what people noted. */
export const storyPanel = (model: IncidentsModel, at: Rect, view: ScreenView): TextPanel => ({
  kind: 'text',
  id: 'story',
  title: model.chosen === null ? 'Causes and notes' : model.chosen.incident,
  at,
  ...standing(view.answers.detail),
  empty:
    model.chosen === null
      ? emptyWords(view.answers.incidents, NONE_CHOSEN)
      : emptyWords(view.answers.detail, { why: 'Nothing is known of it.', fill: 'vc incident show tells the same.' }),
  lines: model.detail === null ? [] : linesOf(model, model.detail, innerWidth(at)),
})

export const evidenceDetail = (detail: Detail): Wish => ({
  wish: 'detail',
  title: detail.incident.title,
  text: detail.alerts
    .map(
      (alert) =>
        `${alert.title}\n${alert.alert}, ${alert.status}, fired ${alert.fired_at}\n${JSON.stringify(alert.evidence, null, 2)}`,
    )
    .join('\n\n'),
})
