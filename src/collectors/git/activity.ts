import type { Row } from '../../core/rows.ts'
import { utcDay } from './counted.ts'
import type { Counted } from './parse.ts'

const DAYS = 30
const DAY_MS = 86_400_000

/** Thirty daily counts that end with the UTC day of `at`; commits dated outside of them are left out of these alone. */
export const activityColumns = ({ activity, commits7d, commits30d }: Counted, at: Date): Row => {
  const today = Math.floor(at.getTime() / DAY_MS)
  const counts = new Map(activity?.days)
  const byDay = Array.from({ length: DAYS }, (_, index) => counts.get(today - DAYS + 1 + index) ?? 0)
  return {
    commits_7d: commits7d,
    commits_30d: commits30d,
    authors_30d: activity?.authors ?? null,
    active_days_30d: activity === null ? null : byDay.filter((count) => count > 0).length,
    last_day: utcDay(at),
    commits_by_day: activity === null ? null : JSON.stringify(byDay),
  }
}
