import * as z from 'zod'
import { clip } from '../view/cell.ts'
import type { Tone } from '../view/line.ts'

/** What the `events` topic tells; only what a toast needs. */
const Events = z.object({
  events: z.array(
    z.object({
      ts: z.string(),
      type: z.string(),
      subject: z.string(),
      severity: z.string(),
      change: z.string(),
      text: z.string(),
    }),
  ),
  next: z.string(),
})

export interface Told {
  readonly text: string
  readonly tone: Tone
}

const AGENT: Readonly<Record<string, Tone>> = {
  needs_approval: 'bad', asked_question: 'bad', failed: 'bad', stalled: 'warn', rate_limited: 'warn', dead: 'warn',
  turn_finished: 'info',
} // biome-ignore format: a table

const ALERT: Readonly<Record<string, Tone>> = { critical: 'bad', warning: 'warn', info: 'info' }

const toastOf = (event: z.output<typeof Events>['events'][number]): Told | null => {
  if (event.type === 'alert') {
    if (event.change === 'resolved') return { text: `✓ ${event.text}`, tone: 'good' }
    return event.change === 'firing' ? { text: `▲ ${event.text}`, tone: ALERT[event.severity] ?? 'warn' } : null
  }
  const tone = event.type === 'agent_state' ? AGENT[event.change] : undefined
  return tone === undefined ? null : { text: event.text, tone }
}

const MOST = 4

/**
 * Transitions only, each told once: what an answer of `events` says beyond the one before it. The first answer is where
 * one begins, so opening the cockpit tells nothing.
 */
export const openTransitions = () => {
  let told: Set<string> | null = null
  return {
    fresh(data: unknown): readonly Told[] {
      const parsed = Events.safeParse(data)
      if (!parsed.success) return []
      const keyed = parsed.data.events.map(
        (event) => [`${event.ts} ${event.type} ${event.subject} ${event.change}`, event] as const,
      )
      const before = told
      told = new Set(keyed.map(([key]) => key))
      if (before === null) return []
      const toasts = keyed.flatMap(([key, event]) => (before.has(key) ? [] : (toastOf(event) ?? [])))
      const shown = toasts.slice(-MOST).map(({ text, tone }) => ({ text: clip(text, 100), tone }))
      return toasts.length > MOST
        ? [...shown.slice(1), { text: `and ${toasts.length - MOST + 1} more (8 Events)`, tone: 'muted' }]
        : shown
    },
  }
}
