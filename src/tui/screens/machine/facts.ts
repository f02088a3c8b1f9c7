import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageSpan, ageWords } from '../../view/age.ts'
import { agedAll } from '../../view/aged.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { gauge } from '../../view/bar.ts'
import { clip } from '../../view/cell.ts'
import { constellation } from '../../view/constellation.ts'
import { type Line, span } from '../../view/line.ts'
import { bytes, decimal, UNKNOWN } from '../../view/numbers.ts'
import { machineSign } from '../../view/state-sign.ts'
import type { Machine, MachineModel } from './model.ts'

const gap = span('  ')
const label = (text: string) => span(`${text} `, 'muted')

const ratio = (used: number | null, total: number | null): number | null =>
  used === null || total === null || total === 0 ? null : (100 * used) / total

const headLine = ({ machine: one, system }: Machine): Line => [
  machineSign(one.stale && one.status === 'online' ? 'degraded' : one.status),
  span(` ${clip(one.id, 40)}`, 'strong'),
  span(` ${one.status}`, one.stale ? 'stale' : 'plain'),
  gap,
  ...(one.age_s === null ? [] : [label('seen')]),
  one.stale ? ageSpan(one.age_s, 0) : ageSpan(one.age_s, Number.POSITIVE_INFINITY),
  gap,
  label('up'),
  span(system?.uptime_s == null ? UNKNOWN : ageWords(system.uptime_s), one.stale ? 'stale' : 'plain'),
  gap,
  label('agents'),
  ...agedAll(constellation(one.agents), one.stale),
  ...(one.status_reason === null ? [] : [gap, span(clip(one.status_reason, 120), 'bad')]),
]

const metersLine = ({ machine: one, system }: Machine, width: number): Line => {
  const wide = Math.max(8, Math.min(24, Math.floor((width - 40) / 3)))
  return agedAll(
    [
      label('cpu'),
      ...gauge(one.cpu_pct, wide),
      span(one.cores === null ? '' : ` of ${one.cores} cores`, 'muted'),
      gap,
      label('mem'),
      ...gauge(one.mem_pct, wide),
      span(` of ${bytes(one.mem_total_bytes)}`, 'muted'),
      gap,
      label('swap'),
      span(swapWords(system)),
    ],
    one.stale,
  )
}

const swapWords = (system: Machine['system']): string => {
  if (system === null || system.swap_total_bytes === null) return UNKNOWN
  if (system.swap_total_bytes === 0) return 'none'
  return `${bytes(system.swap_used_bytes)} (${decimal(ratio(system.swap_used_bytes, system.swap_total_bytes), 0)}%)`
}

const perSecond = (rate: number | null): string => (rate === null ? UNKNOWN : `${bytes(rate)}/s`)

const trafficLine = ({ machine: one, system }: Machine): Line =>
  agedAll(
    [
      label('load'),
      span(`${decimal(system?.load1)} ${decimal(system?.load5)} ${decimal(system?.load15)}`),
      gap,
      label('iowait'),
      span(system?.iowait_pct == null ? UNKNOWN : `${decimal(system.iowait_pct, 0)}%`),
      gap,
      label('disk r/w'),
      span(`${perSecond(system?.disk_read_bytes_per_s ?? null)} ${perSecond(system?.disk_write_bytes_per_s ?? null)}`),
      gap,
      label('net rx/tx'),
      span(`${perSecond(system?.net_rx_bytes_per_s ?? null)} ${perSecond(system?.net_tx_bytes_per_s ?? null)}`),
      ...((system?.oom_kills ?? 0) > 0 ? [gap, span(`${system?.oom_kills} killed for memory`, 'bad')] : []),
    ],
    one.stale,
  )

const WORST = 4

/** What pulls its health down, worst first. */
const factorLine = ({ machine: one, health_factors }: Machine, width: number): Line => {
  const worst = health_factors
    .filter((factor) => factor.score !== null && factor.score < 0.9)
    .sort((a, b) => (a.score ?? 1) - (b.score ?? 1))
    .slice(0, WORST)
  const score = span(
    `${Math.round(one.health * 100)}%`,
    one.health >= 0.8 ? 'good' : one.health >= 0.5 ? 'warn' : 'bad',
  )
  const words = worst.map((factor) => `${factor.factor}: ${clip(factor.evidence, 60)}`).join(' · ')
  return [label('health'), score, gap, span(clip(words === '' ? 'nothing wrong is seen' : words, width - 14), 'muted')]
}

/** How one machine is, in five lines. */
export const factsPanel = (model: MachineModel, at: Rect, view: ScreenView): TextPanel => {
  const answer = model.id === null ? view.answers.machines : view.answers.machine
  const { machine } = model
  const width = innerWidth(at)
  return {
    kind: 'text',
    id: 'facts',
    title: model.id === null ? 'Machine' : clip(machine?.machine.hostname ?? model.id, 40),
    at,
    ...standing(answer),
    empty: emptyWords(machine === null && model.id !== null && answer?.error == null ? undefined : answer, {
      why: model.id === null ? 'There is no machine to show.' : `Nothing is known of ${clip(model.id, 40)}.`,
      fill: 'vc machines add <id> <ssh target> adds one; vc machines probe <id> looks at it.',
    }),
    lines:
      machine === null
        ? []
        : [headLine(machine), factorLine(machine, width), metersLine(machine, width), trafficLine(machine)],
  }
}
