import * as z from 'zod'
import type { AnswerNow, FilterBar, ScreenAsk } from '../screen.ts'
import { ageWords } from '../view/age.ts'
import { clip, widthOf } from '../view/cell.ts'
import { type Line, type Span, span } from '../view/line.ts'
import { percent } from '../view/numbers.ts'

const Health = z.object({
  overall: z.object({
    score: z.number(),
    active_alerts: z.number(),
    machine_count: z.number(),
    agent_count: z.number(),
  }),
  machines: z.array(z.object({ status: z.string() })),
  alerts_by_severity: z.object({ critical: z.number(), warning: z.number() }),
})

/** What the head line and the toasts are made of, whatever screen is open. */
export const HEALTH_ASK: ScreenAsk = { as: 'health', topic: 'health', everyMs: 2_000 }
export const CHANGES_ASK: ScreenAsk = {
  as: 'changes', topic: 'events', params: { since: '3m', type: 'alert,agent_state', limit: 200, tail: true }, everyMs: 2_000,
} // biome-ignore format: a row

const STALE_MS = 15_000
/** An answer that takes longer is spoken of. */
const ASKING_MS = 1_000

const fleetPart = (health: AnswerNow): Span[] => {
  const parsed = Health.safeParse(health.data)
  if (!parsed.success)
    return [
      span(health.error === null ? 'asking …' : `✗ ${health.error.line}`, health.error === null ? 'muted' : 'bad'),
    ]
  const { overall, machines, alerts_by_severity: alerts } = parsed.data
  const up = machines.filter((one) => one.status === 'online' || one.status === 'degraded').length
  const tone = overall.score >= 0.8 ? 'good' : overall.score >= 0.5 ? 'warn' : 'bad'
  // Right after a start nobody has answered, and nobody was asked.
  const isKnown = machines.length === 0 || machines.some((one) => one.status !== 'unknown')
  const old = health.ageMs !== null && health.ageMs > STALE_MS
  return [
    span('● ', up === machines.length ? 'good' : isKnown ? 'bad' : 'unknown'),
    span(`${up}/${machines.length} machines  `),
    isKnown ? span(`health ${percent(overall.score * 100)}  `, tone) : span('health ?  ', 'unknown'),
    span(`${overall.agent_count} agents  `),
    ...(alerts.critical > 0 ? [span(`▲ ${alerts.critical} critical  `, 'bad')] : []),
    ...(alerts.warning > 0 ? [span(`▲ ${alerts.warning} warning  `, 'warn')] : []),
    ...(alerts.critical + alerts.warning === 0 ? [span('no alerts  ', 'muted')] : []),
    ...(old ? [span(`${ageWords((health.ageMs ?? 0) / 1000)} old`, 'stale')] : []),
  ]
}

const lineWidth = (line: Line): number => line.reduce((sum, part) => sum + widthOf(part.text), 0)

interface Head {
  readonly health: AnswerNow
  readonly lostMs: number | null
  readonly waitingMs: number
  readonly now: Date
  readonly at: Date | null
  readonly theme: string
}

const right = ({ health, lostMs, waitingMs, now, at }: Head): Line => {
  if (at !== null) return [span(`THE PAST ${at.toISOString().slice(0, 16).replace('T', ' ')}Z `, 'bad')]
  if (lostMs !== null) {
    const state = health.data === null ? 'no daemon for' : 'daemon lost'
    return [span(`○ ${state} ${ageWords(lostMs / 1000)}, knocking `, 'bad')]
  }
  if (waitingMs > ASKING_MS)
    return [span(`${'◐◓◑◒'[Math.floor(waitingMs / 500) % 4]} asking ${ageWords(waitingMs / 1000)} `, 'info')]
  return [span(`${now.toISOString().slice(11, 19)}Z `)]
}

/** The first line: how the fleet is, and how this picture stands. */
export const headLine = (head: Head, width: number): Line => {
  const stands = right(head)
  const theme = span(`${head.theme}  `, 'muted')
  const title: Line = width >= 70 ? [span(' VIBE COCKPIT  ', 'accent')] : [span(' vc  ', 'accent')]
  const middle = fleetPart(head.health)
  const left = width - lineWidth(title) - lineWidth(stands)
  // The name of the theme takes only what the fleet leaves: an alert that is cut off is not seen.
  const isCalm = head.at === null && head.lostMs === null && head.waitingMs <= ASKING_MS
  const end = isCalm && lineWidth([...middle, theme]) <= left ? [theme, ...stands] : stands
  const room = width - lineWidth(title) - lineWidth(end)
  const kept: Span[] = []
  let used = 0
  for (const part of middle) {
    const text = clip(part.text, room - used)
    kept.push({ ...part, text })
    used += widthOf(text)
  }
  return [...title, ...kept, span(' '.repeat(Math.max(0, room - used))), ...end]
}

/** The filter that is in force, when it narrows anything. */
export const filterLine = (filter: FilterBar): Line | null => {
  const parts: Span[] = []
  for (const name of ['machine', 'repo', 'provider'] as const)
    if (filter[name] !== null)
      parts.push(span(`${name} `, 'muted'), span(`${clip(filter[name] ?? '', 24)}  `, 'accent'))
  if (filter.hours !== 24) parts.push(span('last ', 'muted'), span(`${filter.hours} h  `, 'accent'))
  if (filter.text !== '') parts.push(span('/', 'muted'), span(`${clip(filter.text, 30)}  `, 'accent'))
  return parts.length === 0 ? null : [span(' only  ', 'muted'), ...parts, span('F changes it', 'muted')]
}

const SPAN_MS = 24 * 3_600_000

/** A slider for the moment that is replayed, over the last day (or from that moment on when it is older). */
export const replayLine = (at: Date, now: Date, width: number): Line => {
  const from = Math.min(now.getTime() - SPAN_MS, at.getTime())
  const begin = new Date(from).toISOString().slice(5, 16).replace('T', ' ')
  const room = Math.max(5, width - begin.length - 46)
  const place = Math.max(
    0,
    Math.min(room - 1, Math.round(((at.getTime() - from) / (now.getTime() - from)) * (room - 1))),
  )
  return [
    span(` ${begin} `, 'muted'),
    span('─'.repeat(place), 'muted'),
    span('◆', 'bad'),
    span('─'.repeat(room - 1 - place), 'muted'),
    span(' now  ', 'muted'),
    span('[ ]', 'accent'),
    span(' 5 min  ', 'muted'),
    span('{ }', 'accent'),
    span(' 1 h  ', 'muted'),
    span('\\', 'accent'),
    span(' back to now', 'muted'),
  ]
}
