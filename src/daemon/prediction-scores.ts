import type { Row } from '../core/rows.ts'
import { monthStart, whatCameOfBudget } from '../oracle/budget.ts'
import { whatCameOfFull } from '../oracle/capacity.ts'
import { BUDGET_KINDS, STUCK_KINDS, type StuckKind } from '../oracle/predictions.ts'
import { type Came, type Said, scoreRow, whatCameOfLimit } from '../oracle/predictions-score.ts'
import { whatCameOfWarning } from '../oracle/stuck.ts'
import { readAccountsKnown } from '../queries/account-facts.ts'
import { diskSeries, memorySeries } from '../queries/capacity-facts.ts'
import type { QueryContext } from '../queries/define.ts'
import { observationsOf } from '../queries/limit-facts.ts'
import {
  accountUsageHistory,
  afterWarning,
  diskUse,
  duePredictions,
  hourlyCost,
  memoryUse,
  type PredictionRow,
} from '../store/index.ts'

const MINUTE_MS = 60_000
/** Rows about the end of a horizon arrive a little after it. */
const GRACE_MS = 10 * MINUTE_MS
/** Older ones can no longer be compared: their observations may be gone. */
const GIVE_UP_MS = 35 * 86_400_000
const AT_ONCE = 2_000
const UNKNOWN: Came = { outcome: 'unknown', actualMinutes: null }

const saidOf = (row: PredictionRow): Said => ({
  kind: row.kind,
  machineId: row.machine_id,
  subject: row.subject,
  madeAt: new Date(row.made_at),
  horizonAt: new Date(row.horizon_at ?? row.made_at),
  valueMinutes: row.value_minutes,
  low: row.low_minutes,
  high: row.high_minutes,
  probability: row.probability,
})

const basisOf = (row: PredictionRow): Record<string, unknown> => JSON.parse(row.basis_json) as Record<string, unknown>

const spanOf = (rows: readonly PredictionRow[], aroundMs: number): { since: Date; until: Date } => ({
  since: new Date(Math.min(...rows.map((row) => Date.parse(row.made_at))) - aroundMs),
  until: new Date(Math.max(...rows.map((row) => Date.parse(row.horizon_at ?? row.made_at))) + aroundMs),
})

/** What came of each row, in their order. */
type Teller = (ctx: QueryContext, rows: readonly PredictionRow[]) => Promise<readonly Came[]>

const ofLimits: Teller = async (ctx, rows) => {
  const known = await readAccountsKnown(ctx, null)
  const told = new Map<PredictionRow, Came>()
  for (const own of Map.groupBy(rows, (row) => row.subject).values()) {
    const basis = basisOf(own[0] as PredictionRow)
    const [provider, account] = [String(basis.provider), String(basis.account)]
    const history = await accountUsageHistory(ctx.db, {
      ...spanOf(own, 60 * MINUTE_MS),
      window: String(basis.window),
      accountKeys: [account, ...known.identities.keysOf(provider, account)],
    })
    // Keys may have been joined since: whoever the account is called now, it is the same.
    const name = known.identities.canonical(provider, account)
    const seen = observationsOf(history, known).filter(
      (one) => one.provider === provider && one.account_key === name && one.limit_id === basis.limit_id,
    )
    for (const row of own) told.set(row, whatCameOfLimit(saidOf(row), aroundOf(seen, row)))
  }
  return rows.map((row) => told.get(row) ?? UNKNOWN)
}

const aroundOf = <Seen extends { readonly observed_at: Date }>(seen: readonly Seen[], row: PredictionRow): Seen[] => {
  const { since, until } = spanOf([row], 60 * MINUTE_MS)
  return seen.filter(({ observed_at: at }) => at >= since && at <= until)
}

const ofCapacity: Teller = async (ctx, rows) => {
  const span = spanOf(rows, 30 * MINUTE_MS)
  const [disks, memories] = await Promise.all([diskUse(ctx.db, span), memoryUse(ctx.db, span)])
  const series = new Map(
    [...diskSeries(disks), ...memorySeries(memories)].map((one) => [
      `${one.kind}\u0000${one.machineId}\u0000${one.subject}`,
      one.points,
    ]),
  )
  return rows.map((row) => {
    const { used_bytes: used, limit_bytes: limit } = basisOf(row)
    const { madeAt, horizonAt } = saidOf(row)
    if (typeof used !== 'number' || typeof limit !== 'number') return UNKNOWN
    const points = series.get(`${row.kind}\u0000${row.machine_id}\u0000${row.subject}`) ?? []
    return whatCameOfFull({ madeAt, horizonAt, usedBytes: used, limitBytes: limit }, points)
  })
}

const ofWarnings: Teller = async (ctx, rows) => {
  const told: Came[] = []
  for (const row of rows) {
    const { madeAt: since, horizonAt: until } = saidOf(row)
    const after = await afterWarning(ctx.db, { agentId: row.subject, since, until })
    const outcome =
      after === null
        ? 'unknown'
        : whatCameOfWarning(row.kind as StuckKind, {
            watched: after.watched,
            failed: after.failed,
            progressed: after.progressed,
            contextTurned: after.context_turned,
            crashed: after.crashed,
          })
    told.push({ outcome, actualMinutes: null })
  }
  return told
}

const ofBudgets: Teller = async (ctx, rows) => {
  const { until } = spanOf(rows, 0)
  const since = new Date(Math.min(...rows.map((row) => monthStart(new Date(row.made_at)))))
  const spent = await hourlyCost(ctx.db, { since, until })
  const hours = spent.map((row) => ({ ms: Date.parse(row.bucket_at), microusd: row.cost_microusd }))
  return rows.map((row) => {
    const { limit_microusd: limit } = basisOf(row)
    const { madeAt, horizonAt } = saidOf(row)
    const period = row.kind === 'budget_day' ? ('day' as const) : ('month' as const)
    return typeof limit === 'number'
      ? whatCameOfBudget({ madeAt, horizonAt, period, limitMicrousd: limit }, hours)
      : UNKNOWN
  })
}

const TELLERS: readonly { readonly of: (kind: string) => boolean; readonly tell: Teller }[] = [
  { of: (kind) => kind === 'limit', tell: ofLimits },
  { of: (kind) => STUCK_KINDS.some((stuck) => stuck === kind), tell: ofWarnings },
  { of: (kind) => BUDGET_KINDS.some((budget) => budget === kind), tell: ofBudgets },
  { of: (kind) => kind === 'disk_full' || kind === 'memory_full', tell: ofCapacity },
]

/** Rows of `prediction_scores` for every forecast whose horizon has passed and that has none yet. */
export const scoresDue = async (ctx: QueryContext): Promise<readonly Row[]> => {
  const nowMs = ctx.now.getTime()
  const due = await duePredictions(ctx.db, {
    now: new Date(nowMs - GRACE_MS),
    since: new Date(nowMs - GIVE_UP_MS),
    limit: AT_ONCE,
  })
  const scored: Row[] = []
  for (const { of, tell } of TELLERS) {
    const mine = due.filter((row) => of(row.kind))
    if (mine.length === 0) continue
    const came = await tell(ctx, mine)
    scored.push(...mine.map((row, at) => scoreRow(saidOf(row), came[at] ?? UNKNOWN, ctx.now)))
  }
  return scored
}
