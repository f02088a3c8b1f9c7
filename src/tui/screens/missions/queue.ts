import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, agoSpan, clock, secondsSince, untilWords } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { gauge } from '../../view/bar.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { count, money, tokens } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { labelled, wrappedLines } from '../../view/wrapped.ts'
import type { Mission, MissionConvoy, MissionDetail, MissionsModel, Worktree } from './model.ts'

const STANDINGS: Readonly<Record<Mission['standing'], { readonly sign: string; readonly tone: Tone }>> = {
  ready: { sign: '○', tone: 'good' },
  running: { sign: '●', tone: 'accent' },
  blocked: { sign: '✗', tone: 'warn' },
  paused: { sign: '◐', tone: 'info' },
  lapsed: { sign: '!', tone: 'bad' },
  failed: { sign: '✗', tone: 'bad' },
  done: { sign: '✓', tone: 'muted' },
  cancelled: { sign: '·', tone: 'muted' },
}

const stands = (one: Mission): Span =>
  span(`${STANDINGS[one.standing].sign} ${one.standing}`, STANDINGS[one.standing].tone)

const LANE_TONES: Readonly<Record<Mission['lane'], Tone>> = {
  critical: 'bad',
  standard: 'plain',
  experimental: 'muted',
}

const who = (one: Mission): Span => {
  if (one.claimed_by !== null) return span(one.claimed_by, 'info')
  const to = one.to_agent ?? one.to_role
  return to === null ? span('anybody', 'muted') : span(`for ${to}`, 'muted')
}

const why = (one: Mission): Span => {
  const dead = one.waits_on.filter((other) => other.dead)
  if (one.failure !== null) return span(one.failure.message ?? one.failure.code, 'bad')
  if (dead.length > 0)
    return span(`waits for a person: ${dead.map(({ mission }) => mission).join(' ')} ended badly`, 'bad')
  return span(one.waits_on.map(({ mission }) => mission).join(' '), 'muted')
}

const lease = (one: Mission, now: Date): Span =>
  one.lease_until === null || one.status !== 'claimed'
    ? span('·', 'muted')
    : span(untilWords(Date.parse(one.lease_until), now.getTime()), one.standing === 'lapsed' ? 'bad' : 'muted')

const columnsAt = (now: Date): readonly Column<Mission>[] => [
  { head: 'STANDS', of: stands, least: 9, keep: 1000 },
  { head: 'LANE', of: (one) => span(one.lane, LANE_TONES[one.lane]), least: 8, keep: 50 },
  { head: 'PRI', of: (one) => span(one.priority, one.priority === 'critical' ? 'bad' : 'muted'), least: 4, keep: 40 },
  { head: 'WHAT', of: (one) => span(one.title, 'strong'), least: 14, keep: 1000 },
  { head: 'TYPE', of: (one) => span(one.event_type ?? one.type, 'muted'), least: 6, most: 14, keep: 35 },
  { head: 'WHO', of: who, least: 8, most: 24, keep: 90 },
  { head: 'TRIES', align: 'right', of: (one) => span(`${one.attempts}/${one.attempts_allowed}`, one.attempts > 1 ? 'warn' : 'muted'), keep: 60 },
  { head: 'LEASE', of: (one) => lease(one, now), least: 6, keep: 55 },
  { head: 'WAITS ON', of: why, least: 8, most: 34, keep: 70 },
  { head: 'AGE', align: 'right', of: (one) => agoSpan(secondsSince(one.created_at, now)), keep: 80 },
] // biome-ignore format: a table

const note = ({ counts, oldestReadyS }: MissionsModel): Line =>
  counts === null
    ? []
    : [
        span(`${counts.ready} ready`, counts.ready > 0 ? 'good' : 'muted'),
        span(oldestReadyS === null ? '' : ` (oldest ${ageWords(oldestReadyS)})`, 'muted'),
        span(` ${counts.running} running`, counts.running > 0 ? 'accent' : 'muted'),
        span(` ${counts.lapsed + counts.failed} in trouble`, counts.lapsed + counts.failed > 0 ? 'bad' : 'muted'),
      ]

/** Missions in the order of the queue. */
export const queuePanel = (model: MissionsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'missions',
    title: model.endedToo ? 'Missions, ended ones too' : 'Missions',
    at,
    answer: view.answers.missions,
    rows: model.missions,
    idOf: ({ mission }) => mission,
    columns: columnsAt(model.now),
    all: model.all,
    what: 'missions',
    empty: {
      why: 'No mission waits or runs.',
      fill: 'vc mission add "what is to be done" adds one; agents claim them with vc mission claim.',
    },
    note: note(model),
  })

const CONVOYS: readonly Column<MissionConvoy>[] = [
  { head: 'CONVOY', of: (one) => span(one.title, 'strong'), least: 10, keep: 1000 },
  { head: 'PROGRESS', of: (one) => gauge(one.done_pct, 16, { warnAt: 101, badAt: 102 }), least: 12, keep: 95 },
  { head: 'STATUS', of: (one) => span(one.status, one.status === 'stopped' ? 'bad' : 'muted'), least: 6, keep: 70 },
  { head: 'N', align: 'right', of: (one) => count(one.total), keep: 50 },
] // biome-ignore format: a table

export const convoysPanel = (model: MissionsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'convoys',
    title: 'Convoys',
    at,
    answer: view.answers.missions,
    rows: model.convoys,
    idOf: ({ convoy }) => convoy,
    columns: CONVOYS,
    empty: { why: 'No convoy was made.', fill: 'vc convoy groups missions that belong together.' },
  })

const TREES: Readonly<Record<Worktree['status'], Tone>> = {
  active: 'accent',
  finished: 'info',
  merged: 'good',
  needs_cleanup: 'bad',
  removed: 'muted',
}

const WORKTREES: readonly Column<Worktree>[] = [
  { head: 'BRANCH', of: (one) => span(one.branch, 'strong'), least: 10, keep: 1000 },
  { head: 'STATUS', of: (one) => span(one.status.replaceAll('_', ' '), TREES[one.status]), least: 6, keep: 90 },
  { head: 'AGENT', of: (one) => one.agent ?? span('—', 'muted'), least: 6, most: 20, keep: 60 },
  { head: 'WHY', of: (one) => span(one.detail ?? '', 'warn'), least: 6, most: 30, keep: 30 },
  { head: 'MACHINE', of: (one) => span(one.machine, 'muted'), least: 6, most: 12, keep: 40 },
] // biome-ignore format: a table

export const worktreesPanel = (model: MissionsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'worktrees',
    title: 'Worktrees',
    at,
    answer: view.answers.missions,
    rows: model.worktrees,
    idOf: (one) => `${one.machine} ${one.path}`,
    columns: WORKTREES,
    empty: { why: 'vc keeps no worktree.', fill: 'vc worktree gives an agent a checkout of its own.' },
  })

const detailLines = (one: MissionDetail, width: number): readonly Line[] => [
  ...(one.mission.failure === null
    ? []
    : labelled('failed', `${one.mission.failure.code}: ${one.mission.failure.message ?? ''}`, width, 'bad')),
  ...(one.dependents.length === 0 ? [] : labelled('wait on it', one.dependents.join(' '), width, 'warn')),
  ...labelled(
    'used',
    `${tokens(one.mission.input_tokens)} in, ${tokens(one.mission.output_tokens)} out, ${money(one.mission.cost_microusd)}`,
    width,
    'muted',
  ),
  ...one.texts.flatMap((text) => [
    [
      span(`${text.kind.replaceAll('_', ' ')}${text.attempt > 0 ? `, try ${text.attempt}` : ''} `, 'accent'),
      span(`${clock(text.ts)} by ${text.author}`, 'muted'),
    ],
    ...wrappedLines(text.body, width),
  ]),
  ...one.history.map(
    (turn): Line => [
      span(`${clock(turn.at)} `, 'muted'),
      span(turn.status),
      span(turn.claimed_by === null ? '' : ` by ${turn.claimed_by}`, 'muted'),
      span(turn.failure === null ? '' : ` ${turn.failure}`, 'bad'),
    ],
  ),
]

/** The chosen mission: its texts and what became of it. */
export const missionPanel = (model: MissionsModel, at: Rect, view: ScreenView): TextPanel => ({
  kind: 'text',
  id: 'mission',
  title: model.chosen === null ? 'Mission' : model.chosen.mission,
  at,
  ...standing(view.answers.detail),
  empty: emptyWords(model.chosen === null ? view.answers.missions : view.answers.detail, {
    why: 'No mission is chosen.',
    fill: 'Choose one in the list.',
  }),
  lines: model.detail === null ? [] : detailLines(model.detail, innerWidth(at)),
})
