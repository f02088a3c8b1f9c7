import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { innerWidth } from '../../view/arrange.ts'
import { gauge } from '../../view/bar.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, span } from '../../view/line.ts'
import { count } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import type { BeadsModel, Convoy, Project } from './model.ts'

const nameOf = (one: Project): string => one.rig ?? one.name ?? one.project

const projectLines = (one: Project, width: number): readonly Line[] => {
  const { counts } = one
  const numbers =
    counts === null
      ? [span(`${one.state.replaceAll('_', ' ')}${one.detail === null ? '' : `: ${one.detail}`}`, 'warn')]
      : [
          span(`${counts.ready} ready`, counts.ready > 0 ? 'good' : 'muted'),
          span(`  ${counts.blocked} blocked`, counts.blocked > 0 ? 'bad' : 'muted'),
          span(`  ${counts.in_progress} started  ${counts.done} of ${counts.issues} done`, 'muted'),
        ]
  return [
    [span(`${nameOf(one)} `, 'strong'), span(`on ${one.machine}  `, 'muted'), ...numbers],
    ...(one.critical_path.length === 0 ? [] : labelled('  path', one.critical_path.join(' → '), width, 'accent', 10)),
    ...(one.central.length === 0 ? [] : labelled('  central', one.central.join(' '), width, 'plain', 10)),
    ...one.cycles.flatMap((ring) => labelled('  cycle', `${ring.join(' ↔ ')} wait on one another`, width, 'bad', 10)),
  ]
}

/** Per project: what is ready, the longest chain that must be done in order, and what waits on itself. */
export const pathsPanel = (model: BeadsModel, at: Rect, view: ScreenView): TextPanel =>
  textPanel({
    id: 'paths',
    title: 'Projects and critical paths',
    at,
    answer: view.answers.beads,
    empty: {
      why: 'No project with beads is known.',
      fill: 'vc reads .beads folders of checkouts, and Dolt databases named in vc.toml.',
    },
    lines: model.projects.flatMap((one) => projectLines(one, innerWidth(at))),
  })

const GAUGE = 18

const progress = (one: Convoy): Line => {
  if (one.total === null || one.completed === null) return [span('?', 'unknown')]
  const pct = one.total === 0 ? 0 : (100 * one.completed) / one.total
  return [
    ...gauge(pct, GAUGE, { warnAt: 101, badAt: 102 }),
    span(` ${count(one.completed)}/${count(one.total)}`, 'muted'),
  ]
}

const COLUMNS: readonly Column<Convoy>[] = [
  { head: 'CONVOY', of: (one) => span(one.convoy, 'strong'), least: 6, most: 14, keep: 60 },
  { head: 'TITLE', of: (one) => one.title ?? span('no title', 'unknown'), least: 10, keep: 1000 },
  { head: 'PROGRESS', of: progress, least: GAUGE + 6, keep: 90 },
  { head: 'STATUS', of: (one) => one.status ?? span('?', 'unknown'), least: 6, most: 12, keep: 50 },
  { head: 'MACHINE', of: (one) => one.machine, least: 6, most: 12, keep: 20 },
] // biome-ignore format: a table

/** How far each convoy of gastown is. */
export const convoysPanel = (model: BeadsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'convoys',
    title: 'Convoys',
    at,
    answer: view.answers.convoys,
    rows: model.convoys,
    idOf: (one) => `${one.machine} ${one.town} ${one.convoy}`,
    columns: COLUMNS,
    empty: { why: 'No convoy is under way.', fill: 'gastown groups beads into convoys: gt convoy create.' },
  })
