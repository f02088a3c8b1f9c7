import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageSpan, agoSpan, secondsSince } from '../../view/age.ts'
import { spark } from '../../view/bar.ts'
import type { Column } from '../../view/columns.ts'
import { type Span, span, type Tone } from '../../view/line.ts'
import { count } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { type Checkout, isOpen, keyOf, type ReposModel } from './model.ts'

const SPARK = 15
/** Looks at checkouts are minutes apart; older than this somebody should know. */
const OLD_S = 1_800

const sign = (one: Checkout): Span => {
  if ((one.conflicted ?? 0) > 0) return span('✗', 'bad')
  if (one.state !== 'ok') return span('?', 'unknown')
  return isOpen(one) ? span('▲', 'warn') : span('✓', 'good')
}

/** A number that matters when it is not 0: unknown is `?`, 0 is a dot. */
const some = (value: number | null, tone: Tone): Span =>
  value === null ? span('?', 'unknown') : value === 0 ? span('·', 'muted') : span(count(value), tone)

const dirt = (one: Checkout): Span => {
  if (one.state !== 'ok') return span(one.state.replaceAll('_', ' '), 'warn')
  if (one.dirty === null) return span('?', 'unknown')
  const untracked = one.untracked ? ` +${one.untracked} new` : ''
  return one.dirty ? span(`dirty${untracked}`, 'warn') : span('clean', 'good')
}

const columnsAt = (now: Date): readonly Column<Checkout>[] => [
  { head: ' ', of: sign, keep: 1000 },
  { head: 'MACHINE', of: (one) => one.machine, least: 5, most: 16, keep: 90 },
  { head: 'NAME', of: (one) => span(one.name ?? one.path, 'strong'), least: 8, most: 32, keep: 1000 },
  { head: 'BRANCH', of: (one) => one.branch ?? (one.state === 'ok' ? span('detached', 'warn') : span('?', 'unknown')), least: 6, most: 28, keep: 60 },
  { head: 'TREE', of: dirt, least: 5, keep: 95 },
  { head: 'AHEAD', align: 'right', of: (one) => some(one.ahead, 'accent'), keep: 85 },
  { head: 'BEHIND', align: 'right', of: (one) => some(one.behind, 'warn'), keep: 84 },
  { head: 'STASH', align: 'right', of: (one) => some(one.stashes, 'info'), keep: 40 },
  { head: 'COMMIT', align: 'right', of: (one) => agoSpan(secondsSince(one.last_commit, now)), keep: 70 },
  { head: '7D', align: 'right', of: (one) => some(one.commits_7d, 'plain'), keep: 50 },
  { head: '30 DAYS', of: (one) => spark(one.commits_by_day ?? [], SPARK), least: SPARK, most: SPARK, keep: 30 },
  { head: 'PRS', align: 'right', of: (one) => some(one.open_prs, 'info'), keep: 20 },
  { head: 'SEEN', align: 'right', of: (one) => ageSpan(secondsSince(one.collected_at, now), OLD_S), keep: 65 },
] // biome-ignore format: a table

/** Every checkout, what wants a look first. */
export const checkoutsPanel = (model: ReposModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'repos',
    title: model.onlyOpen ? 'Checkouts that are not clean' : 'Checkouts',
    at,
    answer: view.answers.repos,
    rows: model.repos,
    idOf: keyOf,
    columns: columnsAt(view.at ?? view.now),
    all: model.all,
    what: 'checkouts',
    empty: {
      why: 'No checkout is known.',
      fill: 'vc finds them where agents work, and those that ru lists.',
    },
    note: [span(`${model.repos.filter(isOpen).length} of ${model.repos.length} not clean`, 'muted')],
  })
