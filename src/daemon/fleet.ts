import pLimit from 'p-limit'
import { baseTickMs, collectorSettings, isLocal, type MachineConfig, type VcConfig } from '../config/index.ts'
import type { Asker } from '../core/ask.ts'
import type { Collector } from '../core/collector.ts'
import { VcError } from '../core/errors.ts'
import { K } from '../core/log.ts'
import type { NotLooked } from '../core/looked.ts'
import type { FleetPlan, SourcePlan } from '../core/plan.ts'
import { userRuleId } from '../oracle/user-rule.ts'
import { openFaultLog } from './fault-log.ts'
import type { FleetPorts } from './fleet-ports.ts'
import { inPlace, isLight, type Placed } from './in-place.ts'
import { type Lane, type News, openLane } from './lane.ts'
import { type CollectNow, leftOut, lookNow } from './look-now.ts'
import { openMemory } from './memory.ts'
import { mayStretch } from './pace.ts'
import { openPolling } from './polling.ts'
import { backoffMs, beatOf, nextTickMs, stretchOf, tickAt } from './schedule.ts'
import { openAbsences } from './scrape-needs.ts'
import { watchStragglers } from './stragglers.ts'
import { type Looking, openUnderWay } from './under-way.ts'

export interface FleetStats {
  readonly ticks: number
  readonly ticksMissed: number
  readonly bytesReceived: number
  readonly inFlight: number
}

export interface Fleet {
  readonly plan: FleetPlan
  readonly lanes: ReadonlyMap<string, Lane>
  /** Begins the beat of every machine; the first look is taken at once. */
  start(): void
  /**
   * One look now, whatever is due; resolves when every run is in the store or refused there, with what was not looked at.
   * A source that is being looked at is waited for; a machine that does not answer is asked only where it is named.
   */
  collectNow(wanted: CollectNow): Promise<readonly NotLooked[]>
  /** What is due is looked at now and not with the next beats; resolves when all that is under way is in the store. */
  lookDue(): Promise<void>
  /** A source of a machine has news: it is looked at with the next ticks, though its turn is later. False: not now. */
  hasten(machineId: string, source: string, news?: News): boolean
  /** One question to a machine beside the beat, over its kept way. Throws `unknown_machine` for one that is not looked at. */
  askMachine<Result>(machineId: string, question: (asker: Asker) => Promise<Result>): Promise<Result>
  stats(): FleetStats
  stop(): Promise<void>
}

/** The sources of each machine with the pace in force: what staleness is judged against. */
export const fleetPlan = (
  config: VcConfig,
  machines: readonly MachineConfig[],
  collectors: readonly Collector[],
): FleetPlan => ({
  machines: machines.map((machine) => ({
    machineId: machine.id,
    local: isLocal(machine),
    enabled: machine.enabled,
    tags: machine.tags,
    maxAgents: machine.max_agents ?? config.engine.max_agents_per_machine,
    sources: collectors.flatMap((collector) => {
      const settings = collectorSettings(config, machine, collector)
      const { name: source, needs, tested = {} } = collector
      return settings.enabled ? [{ source, intervalS: settings.intervalMs / 1000, needs, tested }] : []
    }),
  })),
  budgets: {
    dayMicrousd: microusdOf(config.alerts.daily_budget_usd),
    monthMicrousd: microusdOf(config.alerts.monthly_budget_usd),
  },
  ownRules: config.rules.map(({ id }) => userRuleId(id)),
})

const microusdOf = (usd: unknown): number | null => (typeof usd === 'number' ? Math.round(usd * 1e6) : null)

const MOST_STRETCHED = stretchOf(Number.POSITIVE_INFINITY)

// The plan with the pace of each source as it is now: what keeps showing the same is looked at less often.
const livePlan = (plan: FleetPlan, lanes: ReadonlyMap<string, Lane>): FleetPlan => ({
  ...plan,
  machines: plan.machines.map((machine) => ({
    ...machine,
    sources: machine.sources.map((source): SourcePlan => {
      const pace = lanes.get(machine.machineId)?.paceOf(source.source) ?? null
      if (pace === null) return source
      return {
        ...source,
        get intervalS() {
          return source.intervalS * pace.factor
        },
        get stretch() {
          const { factor, sinceMs } = pace
          return { factor, sinceMs, slowestS: source.intervalS * MOST_STRETCHED }
        },
      }
    }),
  })),
})

const laneOf = (config: VcConfig, machine: MachineConfig, collectors: readonly Collector[]): Lane => {
  const turns = collectors.flatMap((collector) => {
    const { enabled, intervalMs, isPaceNamed, timeoutMs, options } = collectorSettings(config, machine, collector)
    const stretches = mayStretch(collector.name) && !isPaceNamed
    const turn = { collector: { ...collector, timeoutMs }, intervalS: intervalMs / 1000, timeoutMs, options, stretches }
    return enabled ? [turn] : []
  })
  const beat = beatOf(machine.id, baseTickMs(config, machine))
  return openLane(machine.id, beat, turns, { id: machine.id, local: isLocal(machine), os: null, tools: null })
}

/** A look that was begun, and the end of its part in the beat. */
interface Begun {
  readonly looking: Looking
  readonly done: Promise<void>
}

/**
 * Timers count their own milliseconds and may fire one before the clock shows the moment they were set for. A beat that
 * came so early would find nothing due, and the next would be set a whole tick later.
 */
const TIMER_EARLY_MS = 1

/** The poll loop: one beat per machine, single flight per source, polls and connects in separate lanes. */
export const openFleet = (
  config: VcConfig,
  machines: readonly MachineConfig[],
  collectors: readonly Collector[],
  ports: FleetPorts,
): Fleet => {
  const enabled = machines.filter((machine) => machine.enabled)
  const lanes = new Map(enabled.map((machine) => [machine.id, laneOf(config, machine, collectors)]))
  const polls = pLimit(config.polling.max_machines_in_flight)
  const connects = pLimit(config.polling.max_connects_in_flight)
  const stopping = new AbortController()
  const timers = new Map<string, NodeJS.Timeout>()
  const busy = new Set<Promise<void>>()
  const underWay = openUnderWay()
  const faults = openFaultLog(ports.log, ports.now)
  const polling = openPolling({
    ...ports,
    config,
    memory: openMemory(ports.store),
    absences: openAbsences(),
    stopping: stopping.signal,
  })
  const totals = { ticks: 0 }
  const { retry_min_seconds: minS, retry_max_seconds: maxS } = config.polling
  const backoff = { firstMs: 1000 * minS, maxMs: 1000 * maxS }

  // A machine that does not answer, or never did, must not hold a slot of those that do.
  const laneFor = (machineId: string, lane: Lane) =>
    lane.transportFailures > 0 || !polling.isOpen(machineId) ? connects : polls

  const look = (machine: MachineConfig, lane: Lane, wanted: CollectNow, force: boolean): Begun | null => {
    const taken = lane.take(tickAt(lane.beat, ports.now()), wanted.collectors, force)
    if (taken.length === 0) return null
    totals.ticks++
    const [looked, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const names = taken.map(({ collector }) => collector.name)
    const looking = underWay.begin(machine.id, names, { looked: looked.promise, over: over.promise })
    const heard = (): void => {
      const [down, waited] = [lane.transportFailures, lane.retryAtMs !== null]
      lane.retryAtMs = down === 0 ? null : ports.now() + backoffMs(down, ports.random(), backoff)
      lane.lostAtMs = down === 0 ? null : ports.now()
      // It answers again: its beat does not wait for the retry that was planned.
      if (waited && down === 0) reschedule(machine, lane)
    }
    const begin = (): Placed => {
      const stragglers = watchStragglers(lane.beat.baseTickMs / 2, (runs, first) => {
        lane.release(runs)
        if (first) {
          lane.heard(runs)
          heard()
        }
        faults.saw(lane, runs)
      })
      const light = Promise.withResolvers<void>()
      const hears = { saw: looking.saw, freed: stragglers.freed }
      const whole = polling
        .look(machine, lane, taken, hears, { patient: !force && polling.isOpen(machine.id), signal: wanted.signal })
        .then(async ({ runs, committed, stored }) => {
          looked.resolve()
          if (isLight(runs)) light.resolve()
          await committed
          const rest = stragglers.end(runs)
          const left = new Set(rest.map((run) => run.collector))
          const part = rest.length < runs.length
          // Who was given back before may be at its next turn already.
          lane.done(rest, part ? taken.filter(({ collector }) => left.has(collector.name)) : taken)
          if (!part || rest.length > 0) heard()
          faults.saw(lane, rest)
          void stored.then(() => over.resolve())
        })
      return { whole, placed: Promise.race([whole, light.promise, stragglers.overdue]) }
    }
    const done = inPlace(laneFor(machine.id, lane), begin)
    busy.add(done)
    return { looking, done: done.finally(() => busy.delete(done)) }
  }

  const reschedule = (machine: MachineConfig, lane: Lane): void => {
    const timer = timers.get(machine.id)
    if (timer === undefined) return
    clearTimeout(timer)
    schedule(machine, lane)
  }
  const schedule = (machine: MachineConfig, lane: Lane): void => {
    if (stopping.signal.aborted) return
    const now = ports.now()
    // A wait longer than any that is given out: the clock was set back since.
    if (lane.retryAtMs !== null && lane.retryAtMs - now > backoff.maxMs) lane.retryAtMs = now
    const at = Math.max(nextTickMs(lane.beat, now), lane.retryAtMs ?? 0)
    timers.set(
      machine.id,
      setTimeout(() => beat(machine, lane), at - now + TIMER_EARLY_MS),
    )
  }
  const beat = (machine: MachineConfig, lane: Lane): void => {
    if (lane.retryAtMs !== null && lane.retryAtMs > ports.now()) {
      schedule(machine, lane)
      return
    }
    // The beat goes on while a look is under way: what is still running is dropped this turn, and counted.
    look(machine, lane, {}, lane.retryAtMs !== null)?.done.catch((error: unknown) =>
      ports.log.error({ [K.machine]: machine.id, [K.detail]: String(error) }, 'a tick failed'),
    )
    schedule(machine, lane)
  }
  return {
    plan: livePlan(fleetPlan(config, machines, collectors), lanes),
    lanes,
    start() {
      for (const machine of enabled) {
        const lane = lanes.get(machine.id)
        if (lane) beat(machine, lane)
      }
    },
    async collectNow(wanted) {
      const { out, chosen } = leftOut(machines, lanes, wanted, { now: ports.now(), shortestMs: backoff.firstMs })
      let looking = chosen.length
      // Nobody else is coming: what the last look brought does not wait for company.
      const looked = (): void => {
        looking -= 1
        if (looking === 0) void ports.store.flush()
      }
      // What a run under way found before may wait for company as well.
      void ports.store.flush()
      await Promise.all(
        chosen.map(({ machine, lane }) => {
          const begin = (): Begun | null => look(machine, lane, wanted, true)
          return lookNow({ lane, wanted, begin, underWay, looked, now: ports.now })
        }),
      )
      await ports.store.flush()
      return out
    },
    async lookDue() {
      for (const machine of enabled) {
        const [lane, timer] = [lanes.get(machine.id), timers.get(machine.id)]
        if (lane === undefined || timer === undefined) continue
        clearTimeout(timer)
        beat(machine, lane)
      }
      await Promise.allSettled(busy)
      await ports.store.flush()
    },
    hasten(machineId, source, news) {
      const lane = lanes.get(machineId)
      return lane?.hasten(source, tickAt(lane.beat, ports.now()), news) ?? true
    },
    async askMachine(machineId, question) {
      const machine = enabled.find(({ id }) => id === machineId)
      const lane = lanes.get(machineId)
      if (machine === undefined || lane === undefined)
        throw new VcError('unknown_machine', `'${machineId}' is not among the machines vc looks at`, 'see: vc machines')
      return polling.ask(machine, lane, question)
    },
    stats: () => ({
      ticks: totals.ticks,
      ticksMissed: [...lanes.values()].reduce((sum, lane) => sum + lane.missed, 0),
      bytesReceived: polling.bytesReceived(),
      inFlight: busy.size,
    }),
    async stop() {
      stopping.abort()
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.allSettled(busy)
      await ports.store.flush()
      await polling.settled()
      await polling.close()
    },
  }
}
