import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView, Wish } from '../../screen.ts'
import { agoSpan, clock, dayClock, secondsSince, untilWords } from '../../view/age.ts'
import { innerWidth } from '../../view/arrange.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { bytes, count } from '../../view/numbers.ts'
import { stateSign } from '../../view/state-sign.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import type { Action, GuardianModel, Kept, Waiting } from './model.ts'

const waitingColumns = (now: Date): readonly Column<Waiting>[] => [
  { head: ' ', of: (one) => stateSign(one.state), keep: 1000 },
  { head: 'AGENT', of: (one) => span(one.agent, 'strong'), least: 10, most: 28, keep: 1000 },
  { head: 'WAITS', align: 'right', of: (one) => agoSpan(secondsSince(one.since, now)), keep: 90 },
  { head: 'FOR', of: (one) => span(one.reason ?? one.state.replaceAll('_', ' '), 'warn'), least: 10, keep: 95 },
  { head: 'KIND', of: (one) => span(one.kind, one.kind === 'observed' ? 'muted' : 'info'), least: 7, keep: 50 },
  { head: 'WHERE', of: (one) => span(one.cwd ?? '?', 'muted'), least: 8, keep: 30 },
] // biome-ignore format: a table

/** Agents that wait for a person. */
export const pendingPanel = (model: GuardianModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'pending',
    title: 'Pending approvals and questions',
    at,
    answer: view.answers.agents,
    rows: model.waiting,
    idOf: ({ agent }) => agent,
    columns: waitingColumns(model.now),
    empty: { why: 'Nobody waits for you.', fill: 'Agents that ask for a permission or a word stand here.' },
  })

const OUTCOME_TONES: Readonly<Record<string, Tone>> = {
  verified: 'good',
  done: 'good',
  recorded: 'info',
  queued: 'info',
  refused: 'warn',
  outcome_unknown: 'bad',
}

const outcome = (one: Action): Span =>
  one.outcome === null
    ? span('under way', 'accent')
    : span(one.outcome.replaceAll('_', ' '), OUTCOME_TONES[one.outcome] ?? 'plain')

const by = (one: Action): Span =>
  span(
    one.caller_agent === null ? one.actor : `${one.actor} (in ${one.caller_agent})`,
    one.origin === 'person' ? 'plain' : 'info',
  )

const DAY_S = 86_400

const actionColumns = (now: Date): readonly Column<Action>[] => [
  { head: 'UTC', of: (one) => span((secondsSince(one.ts, now) ?? 0) > DAY_S ? dayClock(one.ts) : clock(one.ts), 'muted'), keep: 90 },
  { head: 'OUTCOME', of: outcome, least: 7, keep: 1000 },
  { head: 'DID', of: (one) => span(one.verb, 'strong'), least: 8, most: 22, keep: 1000 },
  { head: 'TO', of: (one) => one.agent ?? one.subject ?? one.machine, least: 8, most: 28, keep: 95 },
  { head: 'BY', of: by, least: 5, most: 20, keep: 60 },
  { head: 'CLASS', of: (one) => span(one.class, one.class === 'irreversible' ? 'bad' : 'muted'), least: 8, keep: 30 },
  { head: 'WHY', of: (one) => span(one.code ?? one.why, one.code === null ? 'muted' : 'warn'), least: 10, keep: 70 },
] // biome-ignore format: a table

const historyNote = (model: GuardianModel): Line => [
  span(model.outcome === 'all' ? '' : `${model.outcome.replaceAll('_', ' ')} only `, 'accent'),
  span(`${model.refused} refused`, model.refused > 0 ? 'warn' : 'muted'),
  span(`, ${model.unknown} not known`, model.unknown > 0 ? 'bad' : 'muted'),
]

/** What was done to machines and agents, and what was refused. */
export const historyPanel = (model: GuardianModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'history',
    title: `Actions of ${view.filter.hours} h`,
    at,
    answer: view.answers.audit,
    rows: model.actions,
    idOf: ({ audit }) => audit,
    columns: actionColumns(model.now),
    all: model.allActions,
    what: 'actions',
    empty: {
      why: 'Nothing was done and nothing refused.',
      fill: 'Every action on a machine or an agent stands here: vc audit list.',
    },
    note: historyNote(model),
  })

export const actionDetail = (one: Action): Wish => ({
  wish: 'detail',
  title: `${one.verb} ${one.agent ?? one.subject ?? one.machine}`,
  text: [
    one.why,
    `${one.audit}, ${one.ts}, ${one.class}, ${one.outcome?.replaceAll('_', ' ') ?? 'under way'}`,
    `by ${one.actor} (${one.origin})${one.caller_agent === null ? '' : `, from within ${one.caller_agent}`}`,
    ...(one.code === null ? [] : [`${one.code}: ${one.detail ?? ''}`]),
    ...one.effects.map(
      (effect) =>
        `${effect.observed ? 'seen' : 'not seen'}: ${effect.what}${effect.evidence === null ? '' : ` (${effect.evidence})`}`,
    ),
    ...Object.entries(one.params).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    `more: vc audit show ${one.audit}`,
  ].join('\n'),
})

const STATUS_TONES: Readonly<Record<string, Tone>> = {
  running: 'good',
  starting: 'info',
  failed: 'bad',
  stopped: 'muted',
}

const keptLine = (one: Kept, now: Date): Line => [
  span(`${one.agent} `, 'strong'),
  span(one.status.replaceAll('_', ' '), STATUS_TONES[one.status] ?? 'plain'),
  span(`  ${one.role}, restarts ${one.restart_policy.replaceAll('_', ' ')} (${one.restarts})`, 'muted'),
  span(
    one.next_restart_at === null ? '' : `, next ${untilWords(Date.parse(one.next_restart_at), now.getTime())}`,
    'warn',
  ),
  span(one.recovery === null ? '' : `, could ${one.recovery.proposed}: ${one.recovery.why}`, 'info'),
]

const GRANTED = 'only what a person granted: restart policies of agents, adopt rules of vc.toml; all else asks a person'
const NOT_YET = 'modes (off, suggest, execute), protocols that heal by themselves, and their dry run'

/** What vc does by itself, and what it keeps alive. */
export const modesPanel = (model: GuardianModel, at: Rect, view: ScreenView): TextPanel =>
  textPanel({
    id: 'modes',
    title: 'What vc does by itself',
    at,
    answer: view.answers.engine,
    empty: {
      why: 'Nothing is known of what vc keeps.',
      fill: 'The daemon tells it.',
    },
    lines: !model.asked
      ? []
      : [
          ...labelled('acts', GRANTED, innerWidth(at)),
          ...labelled('not yet', NOT_YET, innerWidth(at), 'muted'),
          ...model.kept.map((one) => keptLine(one, model.now)),
          ...model.pools
            .filter(({ taken, waiting }) => taken + waiting > 0)
            .map(
              (pool): Line => [
                span(`${pool.machine} `, 'strong'),
                span(`${pool.taken} of ${count(pool.limit)} places taken, ${pool.waiting} wait`, 'muted'),
              ],
            ),
          ...model.orphans.map(
            (one): Line => [
              span(`left behind: ${one.command} ${one.pid} on ${one.machine} `, 'warn'),
              span(`${bytes(one.mem_bytes)}, ${one.why.replaceAll('_', ' ')}`, 'muted'),
            ],
          ),
        ],
  })
