import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords } from '../../view/age.ts'
import { agedAll } from '../../view/aged.ts'
import { innerHeight, innerWidth } from '../../view/arrange.ts'
import { spark } from '../../view/bar.ts'
import { clip } from '../../view/cell.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { isOldAnswer, lyingS } from '../../view/lying.ts'
import { money, percent, tokens, UNKNOWN } from '../../view/numbers.ts'
import { STATE_SIGNS, severitySign, stateCounts } from '../../view/state-sign.ts'
import { textPanel } from '../../view/text-panel.ts'
import { guardianLine } from './guardian.ts'
import { type Health, isUnseen, type MachineLine, type OverviewModel, type Usage } from './model.ts'

const SEVERITY: Readonly<Record<Health['overall']['severity'], Tone>> = {
  healthy: 'good',
  warning: 'warn',
  critical: 'bad',
}

const gap = span('   ')

/** Machines that do not answer, by how: `1 offline, 2 never reached`. */
const silentWords = (all: readonly MachineLine[]): string => {
  const unseen = all.filter(isUnseen).length
  const never = all.filter((one) => one.age_s === null).length - unseen
  const offline = all.filter((one) => one.age_s !== null && one.status === 'offline').length
  const old = all.filter((one) => one.age_s !== null && one.status !== 'offline' && one.stale).length
  return [
    offline > 0 ? `${offline} offline` : '',
    never > 0 ? `${never} never reached` : '',
    unseen > 0 ? `${unseen} not looked at yet` : '',
    old > 0 ? `${old} stale` : '',
  ]
    .filter((words) => words !== '')
    .join(', ')
}

const healthLine = ({ health, machines }: OverviewModel, width: number): Line => {
  if (health === null) return [span('health ', 'muted'), span(UNKNOWN, 'unknown')]
  const { overall, alerts_by_severity: alerts } = health
  const answering = machines.filter((one) => !one.stale).length
  const silent = silentWords(machines)
  const tone = SEVERITY[overall.severity]
  const isKnown = machines.length === 0 || machines.some((one) => !isUnseen(one))
  const isWide = width >= 100
  return [
    span('health ', 'muted'),
    ...(isKnown
      ? [span(percent(overall.score * 100), tone), span(isWide || width >= 76 ? ` ${overall.severity}` : '', tone)]
      : [span(UNKNOWN, 'unknown')]),
    gap,
    span(isWide ? 'machines ' : '', 'muted'),
    span(`${answering} of ${machines.length} fresh`, answering === machines.length ? 'good' : 'warn'),
    ...(silent === '' ? [] : [span(` (${silent})`, 'stale')]),
    gap,
    span(isWide ? 'alerts ' : '', 'muted'),
    ...(isWide ? alertSpans(alerts) : alertSigns(alerts)),
  ]
}

const alertSigns = (alerts: Health['alerts_by_severity']): readonly Span[] =>
  (['critical', 'warning', 'info'] as const)
    .filter((severity) => alerts[severity] > 0)
    .flatMap((severity) => [span(`${alerts[severity]}`), severitySign(severity), span(' ')])

const alertSpans = (alerts: Health['alerts_by_severity']): readonly Span[] =>
  alerts.critical + alerts.warning + alerts.info === 0
    ? [span('none', 'good')]
    : [
        span(`${alerts.critical} critical`, alerts.critical > 0 ? 'bad' : 'muted'),
        span(` ${alerts.warning} warning`, alerts.warning > 0 ? 'warn' : 'muted'),
        span(` ${alerts.info} info`, 'muted'),
      ]

const agentCounts = (machines: readonly MachineLine[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { agents } of machines)
    for (const [state, count] of Object.entries(agents)) counts[state] = (counts[state] ?? 0) + count
  return counts
}

const agentsLine = ({ machines }: OverviewModel, width: number): Line => {
  const counts = agentCounts(machines)
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const words = Object.entries(STATE_SIGNS)
    .filter(([state]) => (counts[state] ?? 0) > 0)
    .flatMap(([state, { sign, tone, words: said }]) => [span(`  ${sign} ${counts[state]} ${said}`, tone)])
  const long = [span('agents ', 'muted'), span(String(total), 'strong'), ...words]
  const isWide = long.reduce((sum, part) => sum + part.text.length, 0) <= width
  return isWide ? long : [span('agents ', 'muted'), span(`${total}  `, 'strong'), ...stateCounts(counts)]
}

const HOUR_MS = 3_600_000

/**
 * Tokens of the last 24 whole hours, oldest first, and of the hour that runs: drawn beside whole ones it would look like
 * a fall. An hour without a message used none.
 */
export const hourlyTokens = (
  usage: Usage | null,
  now: Date,
): {
  readonly times: readonly string[]
  readonly values: readonly (number | null)[]
  readonly soFar: number | null
} => {
  if (usage === null || usage.groups.length === 0) return { times: [], values: [], soFar: null }
  const used = new Map(usage.groups.map((one) => [Date.parse(one.key ?? ''), one.total_tokens]))
  const running = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS
  const hours = Array.from({ length: 24 }, (_, index) => running - (24 - index) * HOUR_MS)
  return {
    times: hours.map((ms) => new Date(ms).toISOString()),
    values: hours.map((ms) => used.get(ms) ?? 0),
    soFar: used.get(running) ?? 0,
  }
}

const coverageWords = ({ coverage }: Usage): Span =>
  coverage.machines_reporting < coverage.machines
    ? span(` of ${coverage.machines_reporting} of ${coverage.machines} machines`, 'warn')
    : span('')

const tokensLine = ({ today, hourly }: OverviewModel, view: ScreenView): Line => {
  if (today === null) return [span('tokens today ', 'muted'), span(UNKNOWN, 'unknown')]
  const { total } = today
  const { values } = hourlyTokens(hourly, view.at ?? view.now)
  return [
    span('today ', 'muted'),
    span(tokens(total.total_tokens), 'strong'),
    span(' tokens ', 'muted'),
    span(money(total.cost_microusd), 'strong'),
    ...(total.unpriced_tokens > 0 ? [span(` + ${tokens(total.unpriced_tokens)} unpriced`, 'warn')] : []),
    coverageWords(today),
    // Hours are not told apart by machine.
    ...(values.length === 0 || view.filter.machine !== null ? [] : [gap, spark(values, 24), span(' 24 h', 'muted')]),
  ]
}

/** How old the oldest look of any source is: what is shown can be that old. */
const freshness = (view: ScreenView): Line => {
  const ages = Object.entries(view.answers.health?.staleness ?? view.answers.machines?.staleness ?? {})
  const slowest = ages.reduce<readonly [string, number] | null>(
    (most, one) => (most === null || one[1] > most[1] ? one : most),
    null,
  )
  if (slowest === null) return []
  return [
    span('freshness ', 'muted'),
    span(
      `${ages.length} sources, oldest look ${ageWords(slowest[1] + lyingS(view.answers.health))} ago (${clip(slowest[0], 24)})`,
      'muted',
    ),
  ]
}

/** The fleet in four lines: health, agents, spending, freshness; a fifth, where there is room, for what vc itself may do. */
export const fleetPanel = (model: OverviewModel, at: Rect, view: ScreenView): TextPanel => {
  const answer = view.answers.health
  const asked = model.health !== null || model.machines.length > 0
  return textPanel({
    id: 'fleet',
    title: 'Fleet',
    at,
    answer,
    empty: {
      why: 'Nothing is known of any machine.',
      fill: 'vc machines add <id> <ssh target>, or vc daemon --detach.',
    },
    lines: asked
      ? [
          agedAll(healthLine(model, innerWidth(at)), isOldAnswer(answer)),
          agedAll(agentsLine(model, innerWidth(at)), isOldAnswer(view.answers.machines)),
          agedAll(tokensLine(model, view), isOldAnswer(view.answers.today, 60_000)),
          freshness(view),
          ...(innerHeight(at) > 4 ? [guardianLine(model, view)] : []),
        ]
      : [],
  })
}
