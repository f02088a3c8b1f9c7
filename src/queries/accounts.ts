import { z } from 'zod'
import { defineQuery, warning } from './define.ts'
import { readAccounts } from './fleet-rows.ts'
import { atParam, momentOf } from './params.ts'
import { count, isoTime } from './shapes.ts'

const observation = z.object({
  machine: z.string(),
  source: z.string(),
  used_pct: z.number().nullable().describe('0-100, may exceed; null: unknown'),
  resets_at: isoTime.nullable(),
  observed_at: isoTime,
  age_s: count,
})

const windowLine = z.object({
  provider: z.string(),
  account: z.string(),
  label: z.string().nullable(),
  limit: z.string(),
  window: z.string(),
  used_pct: z.number().nullable().describe('null: unknown, e.g. the observed window has ended since'),
  resets_at: isoTime.nullable(),
  observed_at: isoTime,
  age_s: count,
  stale: z.boolean(),
  status: z.string().nullable(),
  plan: z.string().nullable(),
  credits: z.string().nullable(),
  source: z.string(),
  machine: z.string(),
  conflict: z.string().nullable().describe('two fresh sources differ: how'),
  observations: z.array(observation).describe('every source that speaks of this window, newest first'),
})

type AccountRow = Awaited<ReturnType<typeof readAccounts>>[number]

const STALE_S: Record<string, number> = { '5h': 15 * 60 }
const staleAfterS = (window: string): number => STALE_S[window] ?? 6 * 3600

const ageS = (row: AccountRow, at: Date): number =>
  Math.max(0, Math.floor((at.getTime() - Date.parse(row.observed_at)) / 1000))

// A sample whose window has ended says nothing about the next one.
const ended = (row: AccountRow, at: Date): boolean =>
  row.resets_at !== null && Date.parse(row.resets_at) <= at.getTime()

const conflictOf = (rows: readonly AccountRow[], at: Date): string | null => {
  const fresh = rows.filter((row) => !ended(row, at) && ageS(row, at) <= staleAfterS(row.window_name))
  const [a, b] = [fresh[0], fresh.find((row) => row.observed_source !== fresh[0]?.observed_source)]
  if (!a || !b) return null
  const minutes = a.resets_at && b.resets_at ? Math.abs(Date.parse(a.resets_at) - Date.parse(b.resets_at)) / 60_000 : 0
  const points = Math.abs((a.used_pct ?? 0) - (b.used_pct ?? 0))
  if (minutes > 5)
    return `${a.observed_source} and ${b.observed_source} differ by ${Math.round(minutes)} min on the reset`
  return points > 10 ? `${a.observed_source} and ${b.observed_source} differ by ${Math.round(points)} points` : null
}

const lineOf = (rows: readonly AccountRow[], at: Date): z.input<typeof windowLine>[] => {
  const sorted = rows.toSorted((a, b) => b.observed_at.localeCompare(a.observed_at) || a.source_rank - b.source_rank)
  const best = sorted[0]
  if (!best) return []
  return [
    {
      provider: best.provider,
      account: best.account_key,
      label: best.account_label,
      limit: best.limit_id,
      window: best.window_name,
      used_pct: ended(best, at) ? null : best.used_pct,
      resets_at: ended(best, at) ? null : best.resets_at,
      observed_at: best.observed_at,
      age_s: ageS(best, at),
      stale: ended(best, at) || ageS(best, at) > staleAfterS(best.window_name),
      status: best.status,
      plan: best.plan,
      credits: best.credits,
      source: best.observed_source,
      machine: best.machine_id,
      conflict: conflictOf(sorted, at),
      observations: sorted.map((row) => ({
        machine: row.machine_id,
        source: row.observed_source,
        used_pct: row.used_pct,
        resets_at: row.resets_at,
        observed_at: row.observed_at,
        age_s: ageS(row, at),
      })),
    },
  ]
}

/** One account is used from several machines: merged per account key and window, newest observation wins, never summed. */
export const accounts = defineQuery({
  name: 'accounts',
  version: 1,
  summary: 'Head-room left in every rate-limit window, with source and age',
  params: z.strictObject({ ...atParam, provider: z.string().optional().describe('only this provider') }),
  data: z.object({ windows: z.array(windowLine) }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const rows = (await readAccounts(ctx, at)).filter(
      (row) => params.provider === undefined || row.provider === params.provider,
    )
    const groups = Map.groupBy(rows, (row) =>
      [row.provider, row.account_key, row.limit_id, row.window_name].join('\u001f'),
    )
    const windows = [...groups.values()].flatMap((group) => lineOf(group, at ?? ctx.now))
    return {
      data: { windows: windows.sort((a, b) => (b.used_pct ?? -1) - (a.used_pct ?? -1)) },
      warnings: rows.length
        ? []
        : [
            warning(
              'not_collected',
              'no rate-limit window has been observed yet',
              'use a subscription login in Claude Code or Codex; API keys carry no windows',
            ),
          ],
    }
  },
})
