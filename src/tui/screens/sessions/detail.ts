import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, dayClock, secondsSince } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { clip } from '../../view/cell.ts'
import type { Line } from '../../view/line.ts'
import { money, tokens, UNKNOWN } from '../../view/numbers.ts'
import { labelled } from '../../view/wrapped.ts'
import { sitter } from './list.ts'
import type { SessionSeen, SessionsModel } from './model.ts'

const usedWords = ({ used }: SessionSeen, hours: number): string => {
  if (used === null) return `nothing counted in ${hours} h`
  const unpriced = used.unpriced_tokens > 0 ? ` + ${tokens(used.unpriced_tokens)} tokens unpriced` : ''
  return `${tokens(used.total_tokens)} tokens in ${used.messages} replies, ${tokens(used.output_tokens)} of them out, ${money(used.cost_microusd)}${unpriced}`
}

const linesOf = (one: SessionSeen, view: ScreenView, width: number): readonly Line[] => {
  const { session } = one
  const now = view.at ?? view.now
  const window = session.context_window_tokens
  return [
    ...labelled(
      'session',
      `${session.session}${session.subagent ? ', a sub-agent' : ''}${session.parent === null ? '' : ` of ${session.parent}`}`,
      width,
    ),
    ...labelled('in it', sitter(one), width, one.agent === null ? 'muted' : 'plain'),
    ...labelled(
      'where',
      `${session.cwd ?? UNKNOWN}${session.git_branch === null ? '' : ` on ${session.git_branch}`}, ${session.machine}`,
      width,
    ),
    ...labelled(
      'model',
      `${session.model ?? UNKNOWN} of ${session.provider ?? UNKNOWN}, ${session.cli} ${session.cli_version ?? ''}`,
      width,
    ),
    ...labelled(
      'context',
      `${tokens(session.context_tokens)}${window === null ? ' tokens, size of the window not said' : ` of ${tokens(window)} tokens`}`,
      width,
    ),
    ...labelled('used', usedWords(one, view.filter.hours), width),
    ...labelled(
      'time',
      `began ${dayClock(session.started)}, active ${ageWords(secondsSince(session.last_activity, now))} ago`,
      width,
    ),
    ...(session.last_error === null ? [] : labelled('error', session.last_error, width, 'bad')),
    ...labelled(
      'transcript',
      `${session.transcript ?? UNKNOWN}${session.transcript_gone ? ' (gone; its totals stay)' : ''}`,
      width,
      session.transcript_gone ? 'stale' : 'muted',
    ),
  ]
}

/** All of the chosen session. */
export const sessionDetail = (model: SessionsModel, at: Rect, view: ScreenView): TextPanel => ({
  kind: 'text',
  id: 'session',
  title: model.selected === null ? 'Session' : clip(model.selected.session.session, 40),
  at,
  ...standing(view.answers.used, 90_000),
  empty: emptyWords(view.answers.sessions, {
    why: 'No session is chosen.',
    fill: 'Choose one in the list with j and k.',
  }),
  lines: model.selected === null ? [] : linesOf(model.selected, view, innerWidth(at)),
})
