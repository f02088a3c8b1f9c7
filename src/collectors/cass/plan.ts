import { objectOf } from '../foreign-json.ts'
import type { Counted } from './parse.ts'

const STATS_EVERY_MS = 30 * 60_000
const TIMELINE_EVERY_MS = 15 * 60_000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const FIRST_LOOK_MS = 7 * DAY_MS
const LONGEST_MS = 8 * DAY_MS

/** What earlier runs left: when each part was asked, what was counted, where the timeline goes on. */
export interface CassCursor {
  readonly statsMs: number
  readonly timelineMs: number
  readonly counted: Counted | null
  readonly state: string | null
  /** Start of the next timeline window; null: none read yet. */
  readonly sinceMs: number | null
  /** Longest window that fitted into the cap so far. */
  readonly windowMs: number
}

const whole = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : otherwise

const countedOf = (value: unknown): Counted | null => {
  const { conversations, messages } = objectOf(value) ?? {}
  return typeof conversations === 'number' && typeof messages === 'number' ? { conversations, messages } : null
}

/** The cursor read back; what makes no sense begins anew. */
export const decodeCursor = (value: unknown): CassCursor => {
  const cursor = objectOf(value) ?? {}
  return {
    statsMs: whole(cursor.statsMs, 0),
    timelineMs: whole(cursor.timelineMs, 0),
    counted: countedOf(cursor.counted),
    state: typeof cursor.state === 'string' ? cursor.state : null,
    sinceMs: cursor.sinceMs == null ? null : whole(cursor.sinceMs, 0),
    windowMs: Math.min(LONGEST_MS, Math.max(HOUR_MS, whole(cursor.windowMs, LONGEST_MS))),
  }
}

export type CassPart = 'stats' | 'timeline' | 'none'

/** Besides health at most one part per run, the more overdue one: two processes of cass are enough. */
export const duePart = (cursor: CassCursor, nowMs: number): CassPart => {
  if (cursor.state === 'not_initialized') return 'none'
  const stats = (nowMs - cursor.statsMs) / STATS_EVERY_MS
  const timeline = (nowMs - cursor.timelineMs) / TIMELINE_EVERY_MS
  if (Math.max(stats, timeline) < 1) return 'none'
  return stats >= timeline ? 'stats' : 'timeline'
}

export interface Window {
  readonly sinceMs: number
  readonly untilMs: number
}

/** Whole hours from where the last one ended, one day of it again: sessions grow, and late syncs bring old starts. */
export const nextWindow = (cursor: CassCursor, nowMs: number): Window => {
  const from = Math.min(cursor.sinceMs ?? nowMs - FIRST_LOOK_MS, nowMs)
  const sinceMs = Math.floor(from / HOUR_MS) * HOUR_MS
  return { sinceMs, untilMs: Math.min(nowMs, sinceMs + cursor.windowMs) }
}

/** Where the timeline goes on after a window was read; never back, and always on while the present is not reached. */
export const sinceAfter = (window: Window, newestStartMs: number | null, nowMs: number): number => {
  const length = window.untilMs - window.sinceMs
  if (window.untilMs < nowMs) return window.untilMs - Math.min(DAY_MS, Math.floor(length / 2 / HOUR_MS) * HOUR_MS)
  return Math.max(window.sinceMs, (newestStartMs ?? window.sinceMs) - DAY_MS)
}

/** The next window when this one was too much for one answer, or fitted well. */
export const halved = (windowMs: number): number => Math.max(HOUR_MS, Math.floor(windowMs / 2))
export const doubled = (windowMs: number): number => Math.min(LONGEST_MS, windowMs * 2)

/** While the present is not reached the timeline is due again at once, but behind statistics that are late. */
export const timelineAskedAt = (window: Window, nowMs: number): number =>
  window.untilMs < nowMs ? nowMs - TIMELINE_EVERY_MS : nowMs
