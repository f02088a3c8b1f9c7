import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince } from '../../view/age.ts'
import { emptyWords } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Line, span, type Tone } from '../../view/line.ts'
import { count } from '../../view/numbers.ts'
import { labelled } from '../../view/wrapped.ts'
import { type Checkout, isOpen, type OpenItem, type ReposModel } from './model.ts'

const CHECKS: Readonly<Record<string, Tone>> = { passing: 'good', failing: 'bad', pending: 'warn' }

const itemLine = (one: OpenItem): Line => [
  span(`${one.kind === 'pr' ? 'PR' : 'issue'} #${one.number} `.padEnd(11), 'info'),
  span(`${one.checks ?? ''}${one.checks === null ? '' : ' '}`, CHECKS[one.checks ?? ''] ?? 'muted'),
  span(one.title ?? 'no title'),
]

const treeWords = (one: Checkout): string =>
  [
    `${count(one.untracked)} untracked`,
    `${count(one.conflicted)} in conflict`,
    `${count(one.stashes)} stashed`,
    one.ahead === null ? 'no upstream to compare with' : `${one.ahead} ahead, ${count(one.behind)} behind`,
  ].join(', ')

const linesOf = (model: ReposModel, one: Checkout, width: number, now: Date): readonly Line[] => {
  const others = model.everywhere.filter((other) => other.repo === one.repo && other !== one)
  const items = model.github.filter((item) => one.url?.includes(item.repo) ?? false)
  return [
    ...labelled('path', one.path, width, 'strong'),
    ...labelled('remote', one.url ?? 'none', width, one.url === null ? 'warn' : 'plain'),
    ...labelled('tree', one.state === 'ok' ? treeWords(one) : one.state.replaceAll('_', ' '), width),
    ...labelled(
      'commits',
      `${count(one.commits_7d)} in 7 d, ${count(one.commits_30d)} in 30 d by ${count(one.authors_30d)} on ${count(one.active_days_30d)} days`,
      width,
    ),
    ...labelled(
      'looked',
      `${ageWords(secondsSince(one.collected_at, now))} ago by ${one.source ?? '?'}`,
      width,
      'muted',
    ),
    ...(one.ru_status === null
      ? []
      : labelled('ru', `${one.ru_status}${one.mismatch ? ', another remote than configured' : ''}`, width)),
    ...(others.length === 0
      ? []
      : labelled(
          'also on',
          others
            .map((other) => `${other.machine} (${other.branch ?? '?'}${isOpen(other) ? ', not clean' : ''})`)
            .join(', '),
          width,
        )),
    ...items.map(itemLine),
  ]
}

/** What is known of the chosen checkout. */
export const checkoutPanel = (model: ReposModel, one: Checkout | null, at: Rect, view: ScreenView): TextPanel => ({
  kind: 'text',
  id: 'checkout',
  title: one === null ? 'Checkout' : `${one.name ?? one.path} on ${one.machine}`,
  at,
  empty: emptyWords(view.answers.repos, {
    why: 'No checkout is chosen.',
    fill: 'Choose one in the list; Enter shows the agents that work in it.',
  }),
  lines: one === null ? [] : linesOf(model, one, innerWidth(at), view.at ?? view.now),
})
