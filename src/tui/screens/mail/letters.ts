import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView, Wish } from '../../screen.ts'
import { agoSpan, secondsSince, untilWords } from '../../view/age.ts'
import type { Column } from '../../view/columns.ts'
import { type Span, span } from '../../view/line.ts'
import { bytes, count } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { isUrgent, type Letter, type MailModel, type MailProject, type Reservation } from './model.ts'

/** Asked for and not given for longer: somebody does not read. */
const LATE_S = 3_600

const sign = (one: Letter, now: Date): Span => {
  const late = (secondsSince(one.created, now) ?? 0) > LATE_S
  if (one.unackedBy.length > 0) return span('!', late ? 'bad' : 'warn')
  if (one.unreadBy.length > 0) return span('●', isUrgent(one) ? 'warn' : 'info')
  return span('·', 'muted')
}

const waiting = (one: Letter): Span => {
  if (one.unackedBy.length > 0) return span(`ack: ${one.unackedBy.join(', ')}`, 'warn')
  if (one.unreadBy.length > 0) return span(`unread: ${one.unreadBy.join(', ')}`, 'info')
  return one.by === 'gastown' ? span('not told', 'unknown') : span('read', 'muted')
}

const letterColumns = (now: Date): readonly Column<Letter>[] => [
  { head: ' ', of: (one) => sign(one, now), keep: 1000 },
  { head: 'AGE', align: 'right', of: (one) => agoSpan(secondsSince(one.created, now)), keep: 90 },
  { head: 'FROM', of: (one) => one.from ?? span('?', 'unknown'), least: 6, most: 18, keep: 85 },
  { head: 'SUBJECT', of: (one) => span(one.subject ?? 'no subject', isUrgent(one) ? 'strong' : 'plain'), least: 14, keep: 1000 },
  { head: 'WAITS FOR', of: waiting, least: 9, most: 32, keep: 80 },
  { head: 'TO', of: (one) => one.to ?? span('?', 'unknown'), least: 6, most: 20, keep: 20 },
  { head: 'PROJECT', of: (one) => one.project ?? span(one.by, 'muted'), least: 7, most: 22, keep: 40 },
  { head: 'MACHINE', of: (one) => one.machine, least: 6, most: 12, keep: 30 },
] // biome-ignore format: a table

export const lettersPanel = (model: MailModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'letters',
    title: `Mail of ${view.filter.hours} h`,
    at,
    answer: view.answers.mail,
    rows: model.letters,
    idOf: ({ key }) => key,
    columns: letterColumns(model.now),
    all: model.all,
    what: 'messages',
    empty: {
      why: `Nobody wrote in the last ${view.filter.hours} h.`,
      fill: 'vc reads MCP Agent Mail and the mail of gastown where agents use them.',
    },
  })

const PROJECTS: readonly Column<MailProject>[] = [
  { head: 'PROJECT', of: (one) => span(one.project ?? '?', 'strong'), least: 7, keep: 1000 },
  { head: 'LATE ACKS', align: 'right', of: (one) => span(count(one.ack_overdue), one.ack_overdue > 0 ? 'bad' : 'muted'), keep: 90 },
  { head: 'ACKS', align: 'right', of: (one) => span(count(one.ack_pending), one.ack_pending > 0 ? 'warn' : 'muted'), keep: 70 },
  { head: 'URGENT', align: 'right', of: (one) => span(count(one.urgent_unread), one.urgent_unread > 0 ? 'warn' : 'muted'), keep: 80 },
  { head: 'UNREAD', align: 'right', of: (one) => count(one.unread), keep: 75 },
  { head: 'SENT', align: 'right', of: (one) => count(one.messages), keep: 50 },
  { head: 'MACHINE', of: (one) => span(one.machine, 'muted'), least: 6, most: 12, keep: 40 },
] // biome-ignore format: a table

export const projectsPanel = (model: MailModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'projects',
    title: 'Who waits where',
    at,
    answer: view.answers.mail,
    rows: model.projects,
    idOf: (one) => `${one.machine} ${one.database} ${one.project}`,
    columns: PROJECTS,
    empty: { why: 'No project has mail.', fill: 'Agents register with MCP Agent Mail to get a mailbox.' },
  })

const reservationColumns = (now: Date): readonly Column<Reservation>[] => [
  { head: 'FILES', of: (one) => span(one.path ?? '?', 'strong'), least: 8, keep: 1000 },
  { head: 'HELD BY', of: (one) => one.holder ?? span('?', 'unknown'), least: 7, most: 18, keep: 90 },
  { head: 'HOW', of: (one) => (one.exclusive === null ? span('?', 'unknown') : one.exclusive ? span('alone', 'warn') : span('shared', 'muted')), keep: 60 },
  { head: 'ENDS', of: (one) => (one.expires === null ? span('?', 'unknown') : untilWords(Date.parse(one.expires), now.getTime())), least: 6, keep: 80 },
  { head: 'MACHINE', of: (one) => span(one.machine, 'muted'), least: 6, most: 12, keep: 40 },
] // biome-ignore format: a table

export const reservationsPanel = (model: MailModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'reservations',
    title: 'Reserved files',
    at,
    answer: view.answers.mail,
    rows: model.reservations,
    idOf: (one) => `${one.machine} ${one.project} ${one.path} ${one.holder} ${one.since}`,
    columns: reservationColumns(model.now),
    empty: { why: 'No file is reserved.', fill: 'Agents reserve files through MCP Agent Mail before they edit them.' },
  })

export const letterDetail = (one: Letter): Wish => ({
  wish: 'detail',
  title: one.subject ?? 'no subject',
  text: [
    `from ${one.from ?? '?'} to ${one.to ?? '?'} at ${one.created}`,
    `project ${one.project ?? '?'} on ${one.machine}, by ${one.by === 'gastown' ? 'gastown' : 'MCP Agent Mail'}`,
    `importance ${one.importance ?? '?'}, thread ${one.thread ?? '?'}, body of ${bytes(one.bodyBytes)}`,
    one.unreadBy.length > 0 ? `not read by ${one.unreadBy.join(', ')}` : 'nobody is known not to have read it',
    ...(one.ackRequired
      ? [one.unackedBy.length > 0 ? `not acknowledged by ${one.unackedBy.join(', ')}` : 'acknowledged']
      : []),
    'Bodies of messages are not stored.',
  ].join('\n'),
})
