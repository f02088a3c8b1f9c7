import { limitName } from '../../../core/limit-name.ts'
import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView, Wish } from '../../screen.ts'
import { untilWords } from '../../view/age.ts'
import { levelTone } from '../../view/bar.ts'
import type { Column } from '../../view/columns.ts'
import { type Span, span, type Tone } from '../../view/line.ts'
import { minutesWords } from '../../view/minutes.ts'
import { percent } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import type { Limit, OracleModel, Stuck } from './model.ts'

const riskTone = (risk: number | null): Tone =>
  risk === null ? 'unknown' : risk >= 0.7 ? 'bad' : risk >= 0.3 ? 'warn' : 'good'

const OUTLOOK: Readonly<Record<Limit['outlook'], string>> = {
  forecast: '',
  hit: 'used up',
  still: 'does not move',
  insufficient_data: 'too little known',
  reset_passed: 'reset has passed',
  unknown: 'unknown',
}

const when = (one: Limit): Span =>
  one.outlook === 'forecast'
    ? span(minutesWords(one.minutes_to_limit), riskTone(one.probability_before_reset))
    : span(OUTLOOK[one.outlook], one.outlook === 'hit' ? 'bad' : 'unknown')

const band = (one: Limit): Span =>
  one.outlook !== 'forecast' || one.interval === null
    ? span('—', 'muted')
    : span(`${minutesWords(one.interval.low)}–${minutesWords(one.interval.high)}`, 'muted')

const reset = (one: Limit, now: Date): Span =>
  one.resets_at === null ? span('?', 'unknown') : span(untilWords(Date.parse(one.resets_at), now.getTime()))

export const limitKey = (one: Limit): string => `${one.provider} ${one.account} ${one.limit_id} ${one.window}`

const limitColumns = (now: Date): readonly Column<Limit>[] => [
  { head: 'ACCOUNT', of: (one) => span(one.label ?? one.account, 'strong'), least: 10, most: 28, keep: 1000 },
  { head: 'WINDOW', of: (one) => limitName(one.provider, one.limit_id, one.window), least: 4, most: 12, keep: 95 },
  { head: 'USED', align: 'right', of: (one) => span(percent(one.used_pct), levelTone(one.used_pct)), least: 4, keep: 90 },
  { head: 'FULL IN', of: when, least: 8, keep: 92 },
  { head: '80 %', of: band, least: 10, keep: 60 },
  { head: 'RISK', align: 'right', of: (one) => span(percent(one.probability_before_reset === null ? null : one.probability_before_reset * 100), riskTone(one.probability_before_reset)), least: 4, keep: 70 },
  { head: 'RESET', of: (one) => reset(one, now), least: 6, keep: 65 },
  { head: 'ADVICE', of: (one) => span(one.action.replaceAll('_', ' '), one.action === 'continue' ? 'muted' : 'accent'), least: 8, keep: 80 },
  { head: 'SURE', align: 'right', of: (one) => span(percent(one.confidence * 100), 'muted'), keep: 40 },
  { head: 'PROVIDER', of: (one) => span(one.provider, 'muted'), least: 9, keep: 20 },
] // biome-ignore format: a table

/** When each rate-limit window is used up, most urgent first. */
export const limitsPanel = (model: OracleModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'limits',
    title: 'Limits',
    at,
    answer: view.answers.forecast,
    rows: model.limits,
    idOf: limitKey,
    columns: limitColumns(model.now),
    all: model.allLimits,
    what: 'windows',
    empty: {
      why: 'No rate-limit window was observed.',
      fill: 'Subscription logins of Claude Code and Codex carry them; API keys carry none.',
    },
  })

export const limitDetail = (one: Limit): Wish => ({
  wish: 'detail',
  title: `${one.label ?? one.account} ${limitName(one.provider, one.limit_id, one.window)}`,
  text: [
    `${one.provider} ${one.account}, limit ${one.limit_id}, seen ${one.observed_at ?? 'never'}, reset ${one.resets_at ?? 'not said'}`,
    `advice: ${one.action.replaceAll('_', ' ')}${one.to === null ? '' : ` to ${one.to}`}${one.in_minutes === null ? '' : `, in ${minutesWords(one.in_minutes)}`}`,
    ...(one.target_pct_per_hour === null
      ? []
      : [`a pace of ${one.target_pct_per_hour.toFixed(1)} % an hour lasts until the reset`]),
    ...one.alternatives.map((other) => `or: ${other.account} with ${percent(other.headroom_pct)} left`),
    ...one.doubts.map((doubt) => `doubt: ${doubt}`),
    'more: vc account recommend, screen Accounts (4)',
  ].join('\n'),
})

const STUCK: readonly Column<Stuck>[] = [
  { head: 'RISK', align: 'right', of: (one) => span(percent(one.probability * 100), riskTone(one.probability)), keep: 1000 },
  { head: 'AGENT', of: (one) => span(one.agent, 'strong'), least: 10, most: 30, keep: 1000 },
  { head: 'HOW', of: (one) => one.kind.replace('stuck_', '').replaceAll('_', ' '), least: 7, most: 16, keep: 90 },
  { head: 'WITHIN', align: 'right', of: (one) => minutesWords(one.horizon_minutes), keep: 70 },
  { head: 'BECAUSE', of: (one) => span(one.indicators.join('; '), 'muted'), least: 10, keep: 60 },
  { head: 'RIGHT SO FAR', align: 'right', of: (one) => (one.right_share === null ? span('not scored', 'unknown') : span(`${percent(one.right_share * 100)} of ${one.scored}`, 'info')), least: 10, keep: 50 },
] // biome-ignore format: a table

/** Agents that are, or soon get, stuck. */
export const stuckPanel = (model: OracleModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'stuck',
    title: 'Stuck risk',
    at,
    answer: view.answers.forecast,
    rows: model.stuck,
    idOf: (one) => `${one.agent} ${one.kind}`,
    columns: STUCK,
    empty: {
      why: 'No agent looks like getting stuck.',
      fill: 'Stalled turns, loops, full contexts and refused commands come here.',
    },
  })
