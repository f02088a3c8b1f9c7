import { recommendAccount } from '../oracle/account-recommend.ts'
import type { AccountStanding } from '../oracle/account-standing.ts'
import { isHundredfold, type WindowSeen } from '../oracle/account-window.ts'
import type { UsageObservation } from '../oracle/forecast/observation.ts'
import type { SwapFacts } from '../oracle/predictions-limit.ts'
import { type AccountUsageRow, accountUsageHistory, cachedContexts } from '../store/index.ts'
import { type AccountsKnown, readAccountsKnown } from './account-facts.ts'
import type { QueryContext } from './define.ts'
import { untilOf } from './fleet-rows.ts'

/** A forecast looks back six hours; one more, so that its first window shows where it began. */
export const LIMIT_HISTORY_MS = 7 * 3_600_000
/** What was cached longer ago than this has gone cold. */
const CACHE_LIVES_MS = 15 * 60_000

const observationOf = (row: WindowSeen, label: string | null): UsageObservation => ({
  machine: row.machine_id,
  provider: row.provider,
  account_key: row.account,
  account_label: label,
  limit_id: row.limit_id,
  window: row.window_name,
  used_pct: row.used_pct,
  resets_at: row.resets_at === null ? null : new Date(row.resets_at),
  observed_at: new Date(row.observed_at),
  source: row.observed_source,
  source_rank: row.source_rank,
  plan: row.plan,
  credits: row.credits,
  status: row.status,
})

const seriesKey = (one: WindowSeen): string => [one.provider, one.account, one.limit_id, one.window_name].join('\u0000')

/** What people call an account, also where the source of an observation knows its key alone. */
const labelsOf = (standings: readonly AccountStanding[]): ((row: WindowSeen) => string | null) => {
  const labels = new Map(standings.map((one) => [`${one.provider}\u0000${one.account}`, one.label]))
  return (row) => row.account_label ?? labels.get(`${row.provider}\u0000${row.account}`) ?? null
}

/** Stored rows in the normal form, under the account they were joined to; what a source is known to tell wrong is left out. */
export const observationsOf = (
  rows: readonly AccountUsageRow[],
  known: Pick<AccountsKnown, 'seen' | 'standings'>,
): readonly UsageObservation[] => {
  const labelOf = labelsOf(known.standings)
  return [...Map.groupBy(rows.map(known.seen), seriesKey).values()].flatMap((own) =>
    own
      .filter((one) => one.status !== 'suspect' && !isHundredfold(one, own))
      .map((one) => observationOf(one, labelOf(one))),
  )
}

/** Of windows as they stand: what only machines saw that nobody looks at any more is no word on now. */
export const heardObservationsOf = (
  rows: readonly AccountUsageRow[],
  known: Pick<AccountsKnown, 'seen' | 'standings' | 'isHeardOf'>,
): readonly UsageObservation[] =>
  observationsOf(rows, known).filter((one) => known.isHeardOf({ provider: one.provider, account: one.account_key }))

const roomByProvider = (standings: readonly AccountStanding[], atMs: number): SwapFacts['accountsOf'] => {
  const rooms = new Map(
    [...Map.groupBy(standings, (one) => one.provider)].map(([provider, list]) => {
      const said = recommendAccount(list, atMs)
      const all = said.is === 'use' ? [said.best, ...said.others] : said.others
      // Only what can be gone to: seen lately, not full, not held.
      return [
        provider,
        all.map((one) => ({
          account: one.account.account,
          label: one.account.label,
          headRoomPct: one.usable ? one.headroomPct : null,
        })),
      ]
    }),
  )
  return (provider) => rooms.get(provider) ?? []
}

/** What swapping away from an account costs, and who has room. `at` null: now. */
export const readSwapFacts = async (ctx: QueryContext, known: AccountsKnown, at: Date | null): Promise<SwapFacts> => {
  const until = untilOf(ctx, at)
  const cached = await cachedContexts(ctx.db, { since: new Date(until.getTime() - CACHE_LIVES_MS), until })
  const losses = new Map<string, number | null>()
  for (const row of cached) {
    const key = `${row.provider}\u0000${known.identities.canonical(row.provider, row.account_key)}`
    const before = losses.get(key)
    losses.set(key, before === null || row.loss_microusd === null ? null : (before ?? 0) + row.loss_microusd)
  }
  return {
    accountsOf: roomByProvider(known.standings.filter(known.isHeardOf), (at ?? ctx.now).getTime()),
    cacheLossOf: (provider, account) => losses.get(`${provider}\u0000${account}`) ?? null,
  }
}

export interface LimitFacts {
  readonly observations: readonly UsageObservation[]
  readonly swap: SwapFacts
}

/** Everything forecasts of rate limits rest on. `at` null: now. */
export const readLimitFacts = async (ctx: QueryContext, at: Date | null): Promise<LimitFacts> => {
  const until = untilOf(ctx, at)
  const since = new Date(until.getTime() - LIMIT_HISTORY_MS)
  const [known, rows] = await Promise.all([readAccountsKnown(ctx, at), accountUsageHistory(ctx.db, { since, until })])
  const seenMs = (at ?? ctx.now).getTime()
  const seen = rows.filter((row) => Date.parse(row.observed_at) <= seenMs)
  // What was last seen of a window stays its last word, however long ago.
  const newest = known.usage.filter((row) => Date.parse(row.observed_at) < since.getTime())
  return {
    observations: heardObservationsOf([...newest, ...seen], known),
    swap: await readSwapFacts(ctx, known, at),
  }
}
