import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Column, columns } from '../../view/columns.ts'
import { type Span, span } from '../../view/line.ts'
import { listRows } from '../../view/list-rows.ts'
import { bytes, count } from '../../view/numbers.ts'
import type { Collector, MachineModel } from './model.ts'

/** Absent tools are no trouble: they sort last and look so. */
const rank = (one: Collector): number => (one.absent.length > 0 ? 2 : one.fault === null ? 1 : 0)

export const isLate = (one: Collector, now: Date): boolean => {
  const ageS = secondsSince(one.last_ok, now)
  return ageS !== null && ageS > 3 * one.interval_s + 60
}

const standingOf = (one: Collector, now: Date): Span => {
  if (one.absent.length > 0) return span(`not there: ${one.absent.join(', ')}`, 'muted')
  if (one.fault !== null) return span(one.detail ?? one.fault, one.fault === 'not_configured' ? 'muted' : 'bad')
  if (one.last_run === null) return span('never ran', 'unknown')
  return isLate(one, now) ? span('late', 'stale') : span('ok', 'good')
}

const signOf = (one: Collector, now: Date): Span => {
  if (one.absent.length > 0 || one.fault === 'not_configured') return span('·', 'muted')
  if (one.fault !== null) return span('✗', 'bad')
  return one.last_run === null ? span('?', 'unknown') : isLate(one, now) ? span('◐', 'stale') : span('✓', 'good')
}

const ageOf = (one: Collector, now: Date): Span => {
  const ageS = secondsSince(one.last_ok, now)
  if (ageS === null) return span('never', 'unknown')
  return isLate(one, now) ? span(`${ageWords(ageS)} old`, 'stale') : span(ageWords(ageS), 'muted')
}

const columnsAt = (now: Date): readonly Column<Collector>[] => [
  { head: ' ', of: (one) => signOf(one, now), keep: 1000 },
  { head: 'COLLECTOR', of: (one) => one.collector, least: 12, keep: 1000 },
  { head: 'AGE', align: 'right', of: (one) => ageOf(one, now), least: 5, keep: 95 },
  { head: 'EVERY', align: 'right', of: (one) => span(ageWords(one.interval_s), 'muted'), keep: 60 },
  { head: 'ROWS', align: 'right', of: (one) => (one.rows === null ? span('—', 'muted') : count(one.rows)), keep: 40 },
  { head: 'BYTES', align: 'right', of: (one) => (one.bytes === null ? span('—', 'muted') : bytes(one.bytes)), keep: 30 },
  { head: 'TOOK', align: 'right', of: (one) => (one.duration_ms === null ? span('—', 'muted') : `${one.duration_ms} ms`), least: 6, keep: 50 },
  { head: 'STANDS', of: (one) => standingOf(one, now), least: 8, keep: 90 },
] // biome-ignore format: a table

/** What looks at the machine, when it last got an answer, and what that cost; failing ones first. */
export const collectorsPanel = (model: MachineModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.collectors
  const rows = [...model.collectors].sort((a, b) => rank(a) - rank(b) || a.collector.localeCompare(b.collector))
  const table = columns(rows, columnsAt(view.at ?? view.now), innerWidth(at))
  const failing = rows.filter((one) => rank(one) === 0 && one.fault !== 'not_configured').length
  const stand = standing(answer)
  return {
    kind: 'list',
    id: 'collectors',
    title: 'Collectors',
    at,
    ...stand,
    note: stand.note.length > 0 || failing === 0 ? stand.note : [span(`${failing} failing`, 'bad')],
    empty: emptyWords(answer, {
      why: 'No collector is planned there.',
      fill: 'vc machines enable <id>; see [collectors] in vc.toml.',
    }),
    head: table.head,
    rows: listRows(rows, (one) => one.collector, table),
  }
}
