import { setImmediate } from 'node:timers/promises'
import { schedule } from 'node-cron'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { Row } from '../core/rows.ts'
import { instantsBetween, replayLimit } from '../oracle/backtest.ts'
import type { UsageObservation } from '../oracle/forecast/observation.ts'
import { limitSeries } from '../oracle/predictions-limit.ts'
import { accuracyOf, type Score } from '../oracle/predictions-score.ts'
import { readAccountsKnown } from '../queries/account-facts.ts'
import type { QueryContext } from '../queries/define.ts'
import { observationsOf } from '../queries/limit-facts.ts'
import { accountUsageHistory, type Store } from '../store/index.ts'
import { NIGHTLY } from './nightly.ts'

export interface BacktestPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly context: () => QueryContext
  readonly log: Log
}

/** Every night at 03:43 UTC, after the backup. */
export const BACKTEST_CRON = '43 3 * * *'
const HISTORY_MS = 7 * 86_400_000
const EVERY_MIN = 30
/** A long night of a large fleet ends here: instants lie further apart then. */
const MOST_INSTANTS = 20_000

const replayed = async (
  series: readonly UsageObservation[],
  instants: readonly Date[],
): Promise<{ readonly said: number; readonly scores: readonly Score[] }> => {
  const scores: Score[] = []
  let [from, to] = [0, 0]
  // Both ends only move forward: a forecast is not made from the whole week.
  for (const at of instants) {
    // An answer takes a dozen turns of the daemon: each waits for no more than one forecast.
    await setImmediate()
    while ((series[to]?.observed_at ?? at) < at) to += 1
    while (from < to && (series[from]?.observed_at.getTime() ?? 0) < at.getTime() - 86_400_000) from += 1
    if (to - from < 2) continue
    const score = replayLimit(series.slice(from), at)
    if (score !== null) scores.push(score)
  }
  return { said: scores.length, scores }
}

/** Makes the forecasts of the last week anew, with what was known then, and compares them with what came: one row. */
export const backtestHistory = async (ctx: QueryContext): Promise<Row | null> => {
  const known = await readAccountsKnown(ctx, null)
  const since = new Date(ctx.now.getTime() - HISTORY_MS)
  const accounts = new Map(known.usage.map((row) => [known.seen(row).account, row.provider]))
  const scores: Score[] = []
  const count = (HISTORY_MS / 60_000 / EVERY_MIN) * Math.max(1, accounts.size * 2)
  const everyMin = EVERY_MIN * Math.max(1, Math.ceil(count / MOST_INSTANTS))
  let instants = 0
  for (const [account, provider] of accounts) {
    const accountKeys = [account, ...known.identities.keysOf(provider, account)]
    const history = await accountUsageHistory(ctx.db, { since, until: ctx.now, accountKeys })
    const mine = observationsOf(history, known).filter(
      (one) => one.account_key === account && one.provider === provider,
    )
    for (const series of limitSeries(mine)) {
      const own = await replayed(
        series.seen.toSorted((a, b) => a.observed_at.getTime() - b.observed_at.getTime()),
        instantsBetween(since, ctx.now, everyMin),
      )
      instants += own.said
      scores.push(...own.scores)
    }
  }
  if (instants === 0) return null
  const accuracy = accuracyOf(scores)
  return {
    ran_at: ctx.now,
    kind: 'limit',
    history_since: since,
    history_until: ctx.now,
    instants,
    outcomes: accuracy.known,
    median_relative_error: accuracy.medianRelativeError,
    p90_relative_error: accuracy.p90RelativeError,
    brier: accuracy.brier,
    coverage_80: accuracy.coverage80,
  }
}

export const runBacktest = async (ports: BacktestPorts): Promise<void> => {
  const ctx = ports.context()
  const row = await backtestHistory(ctx)
  if (row === null) return
  const outcome = await ports.store.write({
    machineId: 'fleet',
    source: 'oracle.backtest',
    at: ctx.now,
    batches: [{ table: 'oracle_backtests', rows: [row] }],
  })
  if (!outcome.ok) ports.log.error({ [K.detail]: outcome.detail }, 'the nightly backtest was not stored')
}

/** Runs it every night; a failure ends nothing. */
export const startBacktests = (ports: BacktestPorts): { stop(): Promise<void> } => {
  let running: Promise<void> = Promise.resolve()
  const run = (): Promise<void> => {
    running = running.then(() =>
      runBacktest(ports).catch((error: unknown) =>
        ports.log.error({ [K.detail]: messageOf(error) }, 'the nightly backtest failed'),
      ),
    )
    return running
  }
  const task = schedule(BACKTEST_CRON, run, NIGHTLY)
  return {
    async stop() {
      await task.destroy()
      await running
    },
  }
}
