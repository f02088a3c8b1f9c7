import { setImmediate } from 'node:timers/promises'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { Row, RowBatch } from '../core/rows.ts'
import { storedBudget } from '../oracle/budget.ts'
import { predictFull } from '../oracle/capacity.ts'
import { BUDGET_KINDS, type Prediction, predictionKey, predictionRow, STUCK_KINDS } from '../oracle/predictions.ts'
import { limitSeries, predictLimit, storedLimit } from '../oracle/predictions-limit.ts'
import { newsOf, type Told, takenBack, toldOf } from '../oracle/predictions-news.ts'
import { storedStuck, stuckWarnings } from '../oracle/stuck.ts'
import { readCapacity } from '../queries/capacity-facts.ts'
import { budgetOutlooks, readHours } from '../queries/cost-facts.ts'
import type { QueryContext } from '../queries/define.ts'
import { readSwapFacts } from '../queries/limit-facts.ts'
import { readAgentWatches } from '../queries/stuck-facts.ts'
import { type Store, predictions as storedPredictions } from '../store/index.ts'
import { openLimitMemory } from './limit-memory.ts'
import { scoresDue } from './prediction-scores.ts'

export interface PredictionPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly plan: () => FleetPlan
  readonly now: () => Date
  readonly log: Log
}

export interface Predictions {
  /** Something was committed; only what forecasts rest on makes the next turn compute. */
  wrote(batches: readonly RowBatch[]): void
  /** One turn: whatever is due by now. */
  turn(): Promise<void>
  start(): void
  stop(): Promise<void>
}

const TURN_MS = 30_000
/** Without news everything is looked at again this often: ages grow, horizons pass. */
const PERIOD_MS = 5 * 60_000
/** A long list gives way to other work between these many. */
const AT_ONCE = 16

interface Maker {
  readonly kinds: readonly string[]
  /** Its rows make it due at once; otherwise it waits for its period. */
  readonly restsOn: readonly string[]
  make(ctx: QueryContext): Promise<readonly Prediction[]>
}

const limitMaker = (): Maker => {
  const memory = openLimitMemory()
  return {
    kinds: ['limit'],
    restsOn: ['account_usage_snapshots'],
    async make(ctx) {
      const { observations, known } = await memory.look(ctx)
      const swap = await readSwapFacts(ctx, known, null)
      const said: Prediction[] = []
      for (const [at, series] of limitSeries(observations).entries()) {
        if (at % AT_ONCE === AT_ONCE - 1) await setImmediate()
        said.push(storedLimit(predictLimit(series, swap, ctx.now)))
      }
      return said
    },
  }
}

const capacityMaker: Maker = {
  kinds: ['disk_full', 'memory_full'],
  restsOn: [],
  async make(ctx) {
    const said: Prediction[] = []
    for (const [at, series] of (await readCapacity(ctx, null)).entries()) {
      if (at % AT_ONCE === AT_ONCE - 1) await setImmediate()
      const one = predictFull(series, ctx.now)
      if (one !== null) said.push(one)
    }
    return said
  },
}

const budgetMaker: Maker = {
  kinds: BUDGET_KINDS,
  restsOn: [],
  async make(ctx) {
    const { dayMicrousd, monthMicrousd } = ctx.plan.budgets ?? {}
    if (!dayMicrousd && !monthMicrousd) return []
    const hours = await readHours(ctx, ctx.now)
    return budgetOutlooks(ctx.plan, hours, ctx.now)
      .map((one) => storedBudget(one, ctx.now))
      .filter((said) => said !== null)
  },
}

/** Agents change with every tick; every half minute is soon enough for a warning that looks a quarter of an hour ahead. */
const stuckMaker: Maker = {
  kinds: STUCK_KINDS,
  restsOn: ['latest_agent_states', 'agent_sessions', 'agent_process_samples'],
  async make(ctx) {
    const watched = await readAgentWatches(ctx)
    return watched.flatMap((agent) =>
      stuckWarnings(agent, ctx.now).map((warning) => storedStuck(agent, warning, ctx.now)),
    )
  },
}

// The clock may have been set back since.
const hasPassed = (lastMs: number, nowMs: number): boolean => nowMs - lastMs >= PERIOD_MS || nowMs < lastMs

/** What was told last, so that a restart does not tell everything again. */
const readTold = async (store: PredictionPorts['store']): Promise<Map<string, Told>> =>
  new Map(
    (await storedPredictions(store.db)).map((row) => [
      [row.machine_id, row.kind, row.subject].join('\u0000'),
      { madeAtMs: Date.parse(row.made_at), outlook: row.outlook, action: row.action },
    ]),
  )

/** Forecasts of the daemon: made when what they rest on changed, stored when they are news, scored when their time has come. */
export const openPredictions = (ports: PredictionPorts): Predictions => {
  const makers: readonly Maker[] = [limitMaker(), capacityMaker, stuckMaker, budgetMaker]
  const dirty = new Set<Maker>()
  const madeAtMs = new Map<Maker, number>()
  let told: Map<string, Told> | null = null
  let scoredAtMs = Number.NEGATIVE_INFINITY
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | null = null

  const write = async (table: string, rows: readonly Row[], at: Date): Promise<boolean> => {
    if (rows.length === 0) return true
    const batches = [{ table, rows }]
    const outcome = await ports.store.write({ machineId: 'fleet', source: 'oracle.forecast', at, batches })
    if (!outcome.ok) ports.log.error({ [K.detail]: outcome.detail }, 'forecasts were not stored')
    return outcome.ok
  }

  const tell = async (maker: Maker, ctx: QueryContext): Promise<void> => {
    told ??= await readTold(ports.store)
    const said = await maker.make(ctx)
    const news = [...newsOf(said, told), ...takenBack(maker.kinds, said, told, ctx.now)]
    if (!(await write('predictions', news.map(predictionRow), ctx.now))) return
    for (const one of news) told.set(predictionKey(one), toldOf(one))
  }

  // What one of them cannot do keeps the others from nothing.
  const guarded = (work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => ports.log.error({ [K.detail]: messageOf(error) }, 'forecasting failed'))

  const isDue = (maker: Maker, nowMs: number): boolean =>
    dirty.has(maker) || hasPassed(madeAtMs.get(maker) ?? Number.NEGATIVE_INFINITY, nowMs)

  const step = async (): Promise<void> => {
    const ctx = { db: ports.store.db, now: ports.now(), plan: ports.plan() }
    const nowMs = ctx.now.getTime()
    for (const maker of makers.filter((one) => isDue(one, nowMs))) {
      dirty.delete(maker)
      madeAtMs.set(maker, nowMs)
      await guarded(() => tell(maker, ctx))
    }
    if (!hasPassed(scoredAtMs, nowMs)) return
    scoredAtMs = nowMs
    await guarded(async () => void (await write('prediction_scores', await scoresDue(ctx), ctx.now)))
  }

  const turn = (): Promise<void> => {
    running = running.then(step)
    return running
  }

  return {
    wrote(batches) {
      for (const maker of makers)
        if (batches.some((batch) => batch.rows.length > 0 && maker.restsOn.includes(batch.table))) dirty.add(maker)
    },
    turn,
    start() {
      timer ??= setInterval(() => void turn(), TURN_MS).unref()
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
      await running
    },
  }
}
