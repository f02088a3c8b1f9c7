import { limitName } from '../../../core/limit-name.ts'
import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, dayClock, untilWords } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { cell, clip } from '../../view/cell.ts'
import { type Line, span } from '../../view/line.ts'
import { percent } from '../../view/numbers.ts'
import { labelled } from '../../view/wrapped.ts'
import { type Account, type AccountsModel, nameOf, type WindowSeen } from './model.ts'
import { bandWords } from './windows.ts'

/** What an account of a provider is called; an id that no account has any more stays what it is. */
type CalledBy = (account: string) => string

const calledBy =
  (accounts: readonly Account[], provider: string): CalledBy =>
  (account) => {
    const one = accounts.find((known) => known.account === account && known.provider === provider)
    return one === undefined ? account : nameOf(one)
  }

const forecastLines = ({ limit }: WindowSeen, called: CalledBy, width: number): readonly Line[] => {
  if (limit === null) return labelled('forecast', 'none was made of this window', width, 'unknown')
  const risk = limit.probability_before_reset
  const pace = limit.target_pct_per_hour === null ? '' : `, at most ${limit.target_pct_per_hour.toFixed(1)} % per hour`
  const to = limit.to === null ? '' : ` to ${called(limit.to)}`
  return [
    ...labelled(
      'forecast',
      `${bandWords(limit)}${risk === null ? '' : `, ${percent(risk * 100)} before the reset`}; confidence ${percent(limit.confidence * 100)}`,
      width,
    ),
    ...labelled(
      'advice',
      `${limit.action.replaceAll('_', ' ')}${to}${pace}`,
      width,
      limit.action === 'continue' ? 'muted' : 'warn',
    ),
    ...(limit.doubts.length === 0 ? [] : labelled('doubts', limit.doubts.join('; '), width, 'unknown')),
    ...limit.alternatives.flatMap((one) =>
      labelled('instead', `${called(one.account)}: ${percent(one.headroom_pct)} free`, width, 'info'),
    ),
  ]
}

const observationLines = ({ window }: WindowSeen): readonly Line[] =>
  window.observations.map(
    (one): Line => [
      span(cell(one.source, 22)),
      span(` ${cell(one.machine, 10)} `, 'muted'),
      span(cell(percent(one.used_pct), 5, 'right')),
      span(` ${cell(`${ageWords(one.age_s)} ago`, 10, 'right')}`, 'muted'),
      span(`  ${one.status ?? ''}`, one.status === 'suspect' ? 'warn' : 'muted'),
    ],
  )

const accountLines = (one: Account, now: Date, width: number): readonly Line[] => [
  ...labelled(
    'account',
    `${nameOf(one)} of ${one.provider}, plan ${one.plan ?? 'not said'}, on ${one.machines.join(', ') || 'no machine'}`,
    width,
  ),
  ...(one.held_until === null
    ? []
    : labelled(
        'held',
        `until ${dayClock(one.held_until)} UTC (${untilWords(Date.parse(one.held_until), now.getTime())})`,
        width,
        'bad',
      )),
  ...one.profiles.flatMap((profile) =>
    labelled(
      'login',
      `${profile.tool} ${profile.profile} on ${profile.machine}${profile.active ? ', in use' : ''}${profile.error === null ? '' : `: ${profile.error}`}`,
      width,
      profile.error === null ? 'muted' : 'warn',
    ),
  ),
]

/** All of the chosen window: who saw what and when, what is foretold and how sure that is, and whose account it is. */
export const windowDetail = (model: AccountsModel, at: Rect, view: ScreenView): TextPanel => {
  const { selected } = model
  const width = innerWidth(at)
  const account = model.accounts.find(
    (one) => one.account === selected?.window.account && one.provider === selected.window.provider,
  )
  return {
    kind: 'text',
    id: 'window',
    title:
      selected === null
        ? 'Window'
        : clip(
            `${nameOf(selected.window)} ${limitName(selected.window.provider, selected.window.limit, selected.window.window)}`,
            50,
          ),
    at,
    ...standing(view.answers.forecast, 30_000),
    empty: emptyWords(view.answers.accounts, {
      why: 'No window is chosen.',
      fill: 'Choose one in the list with j and k.',
    }),
    lines:
      selected === null
        ? []
        : [
            ...forecastLines(selected, calledBy(model.accounts, selected.window.provider), width),
            ...selected.window.conflicts.flatMap((words) => labelled('conflict', words, width, 'warn')),
            ...(account === undefined ? [] : accountLines(account, view.at ?? view.now, width)),
            [span('seen by', 'muted')],
            ...observationLines(selected),
          ],
  }
}
