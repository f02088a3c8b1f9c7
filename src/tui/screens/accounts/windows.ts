import { limitName } from '../../../core/limit-name.ts'
import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, untilWords } from '../../view/age.ts'
import { agedAll } from '../../view/aged.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { gauge } from '../../view/bar.ts'
import { type Column, columns } from '../../view/columns.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { minutesWords } from '../../view/minutes.ts'
import { hiddenWords } from '../../view/narrowed.ts'
import { percent, UNKNOWN } from '../../view/numbers.ts'
import { type AccountsModel, type Limit, nameOf, type WindowSeen } from './model.ts'

const WHY_UNKNOWN: Readonly<Record<string, string>> = {
  window_ended: 'window ended since',
  suspect: 'not believed',
  not_said: 'not said',
}

const used = ({ window }: WindowSeen, width: number): Line =>
  window.used_pct === null
    ? [span(`${UNKNOWN} ${WHY_UNKNOWN[window.unknown_because ?? ''] ?? 'unknown'}`, 'unknown')]
    : agedAll(gauge(window.used_pct, width), window.stale)

const reset = ({ window }: WindowSeen, now: Date): Span =>
  window.resets_at === null
    ? span('not said', 'unknown')
    : span(untilWords(Date.parse(window.resets_at), now.getTime()), window.stale ? 'stale' : 'plain')

const riskTone = (probability: number | null): Tone =>
  probability === null ? 'plain' : probability >= 0.7 ? 'bad' : probability >= 0.3 ? 'warn' : 'good'

const OUTLOOK: Readonly<Record<Limit['outlook'], { readonly words: string; readonly tone: Tone }>> = {
  forecast: { words: '', tone: 'plain' },
  hit: { words: 'used up', tone: 'bad' },
  still: { words: 'steady', tone: 'good' },
  insufficient_data: { words: 'too few values', tone: 'unknown' },
  reset_passed: { words: 'reset since', tone: 'unknown' },
  unknown: { words: 'unknown', tone: 'unknown' },
}

/** `full in 42 m (30 m–2 h)`, or why there is no forecast. */
export const bandWords = (limit: Limit): string => {
  if (limit.outlook !== 'forecast') return OUTLOOK[limit.outlook].words
  const band =
    limit.interval === null ? '' : ` (${minutesWords(limit.interval.low)}–${minutesWords(limit.interval.high)})`
  return `full in ${minutesWords(limit.minutes_to_limit)}${band}`
}

const forecastSpan = ({ limit }: WindowSeen): Span => {
  if (limit === null) return span('—', 'muted')
  const tone = limit.outlook === 'forecast' ? riskTone(limit.probability_before_reset) : OUTLOOK[limit.outlook].tone
  return span(bandWords(limit), tone)
}

const chance = ({ limit }: WindowSeen): Span =>
  limit?.probability_before_reset == null
    ? span('—', 'muted')
    : span(percent(limit.probability_before_reset * 100), riskTone(limit.probability_before_reset))

const ACTION_TONE: Readonly<Record<Limit['action'], Tone>> = {
  continue: 'muted',
  slow_down: 'warn',
  prepare_swap: 'warn',
  swap_now: 'bad',
  pause: 'bad',
  wait_for_reset: 'warn',
}

const actionSpan = ({ limit }: WindowSeen): Span =>
  limit === null ? span('') : span(limit.action.replaceAll('_', ' '), ACTION_TONE[limit.action])

const seen = ({ window }: WindowSeen): Span =>
  window.stale ? span(`${ageWords(window.age_s)} old`, 'stale') : span(ageWords(window.age_s), 'muted')

const columnsAt = (now: Date, bar: number): readonly Column<WindowSeen>[] => [
  { head: 'PROVIDER', of: ({ window }) => span(window.provider, 'muted'), least: 9, most: 12, keep: 45 },
  { head: 'ACCOUNT', of: ({ window }) => span(nameOf(window), 'strong'), least: 12, most: 28, keep: 1000 },
  { head: 'WINDOW', of: ({ window }) => limitName(window.provider, window.limit, window.window), least: 6, most: 16, keep: 1000 },
  { head: 'USED', of: (one) => used(one, bar), least: bar, keep: 1000 },
  { head: 'RESETS', align: 'right', of: (one) => reset(one, now), least: 7, keep: 95 },
  { head: 'FORECAST', of: forecastSpan, least: 12, keep: 90 },
  { head: 'RISK', align: 'right', of: chance, keep: 70 },
  { head: 'DO', of: actionSpan, least: 8, keep: 80 },
  { head: 'SEEN', align: 'right', of: seen, least: 8, keep: 85 },
  { head: 'BY', of: ({ window }) => span(window.source, 'muted'), least: 6, most: 22, keep: 30 },
  { head: ' ', of: ({ window }) => span(window.conflict === null ? '' : 'sources differ', 'warn'), keep: 50 },
] // biome-ignore format: a table

/** Every window of every account, fullest first, with what is foretold of it. */
export const windowsPanel = (model: AccountsModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.accounts
  const width = innerWidth(at)
  const { head, lines } = columns(model.windows, columnsAt(view.at ?? view.now, width >= 120 ? 18 : 11), width)
  return {
    kind: 'list',
    id: 'windows',
    title: 'Rate-limit windows',
    at,
    ...standing(answer),
    empty: emptyWords(
      answer,
      hiddenWords(model.allWindows, 'windows') ?? {
        why: 'No rate-limit window has been seen.',
        fill: 'Subscription logins of Claude Code and Codex carry them; API keys have none.',
      },
    ),
    head,
    rows: model.windows.map(({ id }, index) => ({ id, line: lines[index] ?? [] })),
  }
}
