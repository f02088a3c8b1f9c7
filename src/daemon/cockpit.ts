import { probe } from '../collectors/probe/index.ts'
import { ownConfig } from '../commands/own-config.ts'
import { refuseMoved } from '../commands/refuse-moved.ts'
import type { LoadedConfig, MachineConfig } from '../config/index.ts'
import type { AskRequest, Reply } from '../core/carrier.ts'
import type { Collector } from '../core/collector.ts'
import { VcError } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import { K, type Log } from '../core/log.ts'
import { oneAfterTheOther } from '../core/one-after-the-other.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { AppendOutcome, Row, RowBatch, ScrapeRun } from '../core/rows.ts'
import type { UnloadedConfig } from '../core/unloaded-config.ts'
import { readFleetRows } from '../queries/fleet-rows.ts'
import { answer, queries } from '../queries/index.ts'
import { type Db, latestScrapes, type Store } from '../store/index.ts'
import type { AgentFacts } from './agents.ts'
import { type AlertDesk, openAlertDesk } from './alert-desk.ts'
import { type Fleet, openFleet } from './fleet.ts'
import { watchFolders } from './folders.ts'
import { openIncidentWatch } from './incidents.ts'
import { openInventory } from './inventory.ts'
import { type Judge, openJudge } from './judge.ts'
import { openKpiWatch } from './kpi.ts'
import { openLatePrices } from './late-prices.ts'
import { openMemory } from './memory.ts'
import type { OwnerStore } from './owner-store.ts'
import { openPredictions, type Predictions } from './predictions.ts'
import { openProbeFacts } from './probe-facts.ts'
import { openSwarm } from './profiles.ts'
import { openReadyRows } from './ready-rows.ts'
import { openSecurityWatch } from './security.ts'
import { startSelfWatch } from './self-watch.ts'
import { openSnapshots } from './snapshots.ts'
import { stateWriter } from './state-file.ts'
import { openWake } from './wake.ts'

export interface CockpitPorts {
  readonly loaded: LoadedConfig
  readonly collectors: readonly Collector[]
  readonly version: string
  readonly store: OwnerStore
  /** Ways are bound to one configuration; a reload opens new ones. */
  readonly openWays: (loaded: LoadedConfig) => (machine: MachineConfig) => Promise<Executor>
  readonly work: <Result>(job: URL, payload: unknown) => Promise<Result>
  readonly processesStarted: () => number
  readonly agents: (
    facts: AgentFacts,
    machineId: string,
    bootId: string | null,
    now: Date,
  ) => Promise<readonly RowBatch[]>
  readonly log: Log
  readonly onRun?: (run: ScrapeRun, outcome: AppendOutcome) => void
  readonly progress?: (machineId: string, collector: string, done: number, total: number) => void
  /** What there is to say beside an answer, also beside one that is only written down. */
  readonly told?: (reply: Reply, request: AskRequest) => Promise<Reply>
  /** What the configuration file says by now that was not taken up. */
  readonly unloaded?: () => Promise<UnloadedConfig | null>
  readonly keepsNothing?: () => boolean
}

/** Everything that belongs to owning the store: polling, judging, answering. Parts stop in the reverse order of their start. */
export interface Cockpit {
  readonly store: Store
  readonly plan: () => FleetPlan
  readonly fleet: () => Fleet
  readonly judge: Judge
  readonly desk: AlertDesk
  ask(request: AskRequest): Promise<Reply>
  /** Rows of a machine were written beside its looks: what is remembered of them is read anew, and it is judged. */
  wrote(machineId: string, batches: readonly RowBatch[]): void
  /** Alerts were written beside a judgement: answers follow at once. */
  alertsChanged(): void
  /** Begins polling in the beat of each machine. */
  start(): void
  /** Takes another configuration in force: the old fleet ends its runs, the new one begins. Throws when it cannot be taken. */
  reload(loaded: LoadedConfig): Promise<void>
  stop(): Promise<void>
}

export const openCockpit = async (ports: CockpitPorts): Promise<Cockpit> => {
  const { collectors, log } = ports
  const now = (): Date => new Date()
  const keepsNothing = (): boolean => ports.keepsNothing?.() ?? false
  let loaded = ports.loaded
  const store = await ports.store.opened
  const inventory = openInventory(store, log)
  await inventory.sync(ports.loaded)
  const prices = openLatePrices(store, log)
  prices.look(ports.loaded.config)

  const facts = openProbeFacts(store)
  const security = openSecurityWatch()
  const judgeHolder: { judge: Judge | null } = { judge: null }
  let deskHolder: AlertDesk | null = null
  let predictionsHolder: Predictions | null = null
  const memory = openMemory(store)
  const probes = new Map<string, ProbeEnd>()
  const onRun = (run: ScrapeRun, outcome: AppendOutcome, quiet: boolean): void => {
    if (run.collector === probe.name) {
      facts.heard(run)
      probes.set(run.machineId, run)
    }
    memory.wrote(run.machineId, run.batches)
    deskHolder?.alerts.wrote(run.batches, run.collector)
    predictionsHolder?.wrote(run.batches)
    if (!quiet) judgeHolder.judge?.touch(run.machineId)
    if (outcome.ok) inventory.roomAgain()
    const event = security.eventOf(run)
    if (event) void keepEvent(store, run, event, log)
    ports.onRun?.(run, outcome)
  }
  const fleetOf = (taken: LoadedConfig): Fleet =>
    openFleet(taken.config, taken.config.machines, collectors, {
      store,
      openExecutor: ports.openWays(taken),
      work: ports.work,
      now: Date.now,
      random: Math.random,
      log,
      onRun,
      ...(ports.progress ? { progress: ports.progress } : {}),
    })
  let fleet = fleetOf(loaded)
  let started = false
  let lookingSince: Date | null = null
  const ready = openReadyRows(() => readFleetRows({ db: store.answers, now: now(), plan: fleet.plan }, null))
  const wake = openWake({
    now: Date.now,
    async look() {
      lookingSince = now()
      await fleet.lookDue()
      ready.changed(now())
    },
    judge: async () => judgeHolder.judge?.run(true),
  })
  const answerFrom = async (db: Db, request: AskRequest): Promise<Reply> => {
    const reply = await answer(queries, request, {
      db,
      now: now(),
      plan: fleet.plan,
      ready: ready.now,
      ownConfig: () => ownConfig(loaded),
      keepsNothing,
      ...(lookingSince ? { lookingSince } : {}),
      ...(ports.unloaded ? { unloaded: ports.unloaded } : {}),
    })
    return ports.told?.(reply, request) ?? reply
  }
  const ask = (request: AskRequest): Promise<Reply> => wake.soon().then(() => answerFrom(store.answers, request))
  const writeState = stateWriter(loaded.paths.stateFile, (request) => answerFrom(store.db, request), log)
  const incidents = openIncidentWatch({ store, plan: () => fleet.plan, now, log })
  const kpi = openKpiWatch({
    store,
    context: () => ({ db: store.db, now: now(), plan: fleet.plan, ready: ready.now }),
    log,
  })
  const snapshots = openSnapshots({ store, plan: () => fleet.plan, rows: ready.now, now, log })
  const desk = await openAlertDesk({ store, loaded: () => loaded, plan: () => fleet.plan, keepsNothing, now, log })
  deskHolder = desk
  const folders = watchFolders((machineId, source, news) => fleet.hasten(machineId, source, news))
  const judge = openJudge({
    store,
    plan: () => fleet.plan,
    facts: facts.of,
    way: (machineId) => wayOf(fleet, machineId),
    agents: (machineId, bootId, at) =>
      ports.agents(
        {
          known: (table) => memory.known(machineId, table),
          met: (names) => memory.met(machineId, names),
          probe: async () => probes.get(machineId) ?? (await storedProbe(store, machineId)),
          turnEnded(cli) {
            fleet.hasten(machineId, cli)
            folders.turnEnded(machineId)
          },
          overtaken: () => fleet.hasten(machineId, 'tmux'),
          begun: () => fleet.hasten(machineId, 'probe'),
          workIn: (dirs) => folders.workIn(machineId, dirs),
        },
        machineId,
        bootId,
        at,
      ),
    looked: wake.looked,
    now,
    log,
    alerts: desk.alerts,
    onWrote(machineId, batches) {
      memory.wrote(machineId, batches)
      desk.alerts.wrote(batches, '')
    },
    async onJudged(rows, from) {
      ready.judged(rows, from)
      await snapshots.judged()
      await incidents.look()
      await kpi.look()
      await writeState()
    },
  })
  judgeHolder.judge = judge
  const predictions = openPredictions({ store, plan: () => fleet.plan, now, log })
  predictionsHolder = predictions
  const swarm = openSwarm({ store, plan: () => fleet.plan, now, log })
  const stopSelf = startSelfWatch(ports, store, () => fleet)
  let stopped = false
  // Two reloads at once would each start a fleet, and one of them nobody would stop.
  const inTurn = oneAfterTheOther()
  const look = (): void => {
    lookingSince = now()
    fleet.start()
  }
  const takeOver = (next: Fleet): void => {
    fleet = next
    ready.changed(now())
    if (started) look()
  }
  return {
    store,
    plan: () => fleet.plan,
    fleet: () => fleet,
    judge,
    desk,
    ask,
    wrote(machineId, batches) {
      memory.wrote(machineId, batches)
      desk.alerts.wrote(batches, '')
      judge.touch(machineId)
    },
    alertsChanged: () => ready.changed(now()),
    start() {
      started = true
      look()
      predictions.start()
      swarm.start()
    },
    reload: (next) =>
      inTurn(async () => {
        if (stopped)
          throw new VcError('stopping', 'vc is stopping and takes no configuration any more', 'start it again')
        refuseMoved(loaded, next)
        const replacement = fleetOf(next)
        const before = loaded
        await fleet.stop()
        loaded = next
        ports.store.follow(next)
        try {
          await inventory.sync(next)
        } catch (error) {
          loaded = before
          ports.store.follow(before)
          takeOver(fleetOf(before))
          throw error
        }
        takeOver(replacement)
        prices.look(next.config)
        log.info({ machines: next.config.machines.length }, 'configuration reloaded')
      }),
    stop: () =>
      inTurn(async () => {
        stopped = true
        wake.stop()
        store.hurry()
        await prices.stop()
        await stopSelf()
        await fleet.stop()
        await predictions.stop()
        await swarm.stop()
        await judge.stop()
        await desk.stop()
        await store.close()
      }),
  }
}

const keepEvent = async (store: Store, run: ScrapeRun, event: Row, log: Log): Promise<void> => {
  const batches = [{ table: 'security_events', rows: [event] }]
  const written = await store.write({ machineId: run.machineId, source: run.collector, at: run.startedAt, batches })
  if (!written.ok)
    log.error({ [K.machine]: run.machineId, [K.detail]: written.detail }, 'a security event was not stored')
}

type ProbeEnd = Pick<ScrapeRun, 'up' | 'partial'>

const storedProbe = async (store: Store, machineId: string): Promise<ProbeEnd | null> =>
  (await latestScrapes(store.db, { machineId })).find((row) => row.source === probe.name) ?? null

const wayOf = (fleet: Fleet, machineId: string) => {
  const lane = fleet.lanes.get(machineId)
  return lane === undefined
    ? null
    : { transport: lane.transport, loginMs: lane.loginMs, transportFailures: lane.transportFailures }
}
