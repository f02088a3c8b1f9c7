import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince } from '../../view/age.ts'
import { cell, clip } from '../../view/cell.ts'
import { type Line, span, type Tone } from '../../view/line.ts'
import { percent } from '../../view/numbers.ts'
import { textPanel } from '../../view/text-panel.ts'
import { emptyHere, type MachineModel } from './model.ts'

type Builds = NonNullable<MachineModel['builds']>

const seconds = (ms: number | null): string =>
  ms === null ? '?' : ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} m`

const daemonLine = (one: Builds['daemons'][number]): Line => [
  span('rch ', 'muted'),
  span(one.state, one.state === 'up' ? 'good' : 'bad'),
  span(
    `  slots ${one.slots_available ?? '?'} of ${one.slots_total ?? '?'} free  active ${one.active ?? '?'}  queued ${one.queued ?? '?'}`,
  ),
  ...(one.top_issue === null ? [] : [span(`  ${clip(one.top_issue, 60)}`, 'warn')]),
]

const summaryLine = ({ summary }: Builds): Line => [
  span('24 h ', 'muted'),
  span(`${summary.builds} builds, ${percent(summary.ok_pct)} ok, median ${seconds(summary.median_ms)}`),
]

const OUTCOME: Readonly<Record<string, Tone>> = { ok: 'good', cancelled: 'muted', unknown: 'unknown' }

const linesOf = (builds: Builds, now: Date): readonly Line[] => [
  ...builds.daemons.map(daemonLine),
  ...(builds.summary.builds > 0 ? [summaryLine(builds)] : []),
  ...builds.running.map(
    (one): Line => [
      span('@ ', 'good'),
      span(`${cell(one.project ?? '?', 16)} ${cell(one.program ?? '?', 10)} `),
      span(`on ${clip(one.worker ?? 'here', 16)} for ${ageWords(secondsSince(one.since, now))}`, 'muted'),
      span(one.done_pct === null ? '' : ` ${percent(one.done_pct)}`),
    ],
  ),
  ...builds.recent.map(
    (one): Line => [
      span(one.outcome === 'ok' ? '✓ ' : '✗ ', OUTCOME[one.outcome] ?? 'bad'),
      span(`${cell(one.project ?? '?', 16)} ${cell(one.program ?? '?', 10)} `),
      span(cell(one.outcome.replaceAll('_', ' '), 12), OUTCOME[one.outcome] ?? 'bad'),
      span(` ${seconds(one.duration_ms)}, ${ageWords(secondsSince(one.completed, now))} ago`, 'muted'),
    ],
  ),
]

/** Builds that run and ran, where rch is there. */
export const buildsPanel = (model: MachineModel, at: Rect, view: ScreenView): TextPanel => {
  const answer = view.answers.builds
  return textPanel({
    id: 'builds',
    title: 'Builds',
    at,
    answer,
    staleAfterMs: 30_000,
    empty: emptyHere(model, {
      why: 'No remote build was seen there.',
      fill: 'They come from rch, where it is installed.',
    }),
    lines: model.builds === null ? [] : linesOf(model.builds, view.at ?? view.now),
  })
}
