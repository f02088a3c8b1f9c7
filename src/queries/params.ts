import { z } from 'zod'
import { usageError } from '../core/errors.ts'

const DURATION = /^(\d+)\s*(s|m|h|d|w)$/
const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `15m`, `24h`, `7d` or an ISO time, as a moment. Throws a usage error that shows the forms. */
export const parseMoment = (text: string, now: Date): Date => {
  const span = DURATION.exec(text.trim())
  if (span) return new Date(now.getTime() - Number(span[1]) * (UNIT_MS[span[2] ?? 's'] ?? 1000))
  const date = new Date(text)
  if (!Number.isNaN(date.getTime()) && /^\d{4}-\d{2}-\d{2}/.test(text)) return date
  throw usageError(
    'bad_time',
    `“${text}” is not a time`,
    'write 15m, 24h, 7d, or an ISO time such as 2026-11-20T08:00:00Z',
  )
}

/** Every query takes `at`: the past as it was, or a refusal, never today's state in its place. */
export const atParam = {
  at: z.string().optional().describe('moment asked about: ISO time or age such as 2h; default now'),
}

/** The moment of a query, or null for now. */
export const momentOf = (params: { readonly at?: string | undefined }, now: Date): Date | null => {
  if (params.at === undefined) return null
  const at = parseMoment(params.at, now)
  if (at.getTime() <= now.getTime()) return at
  throw usageError(
    'bad_time',
    `${at.toISOString()} lies in the future; it is ${now.toISOString()}`,
    'ask for an earlier time, or leave at out',
  )
}

/** A yes/no parameter: a boolean in JSON, `true`/`false`, `yes`/`no`, `1`/`0` on a command line or in a URL. */
export const flag = z.union([z.boolean(), z.stringbool()]).default(false)
