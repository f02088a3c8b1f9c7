// Builds the owner of the store: lock, store, workers, ways to machines, polling, judging, answering, socket.
import { rm, writeFile } from 'node:fs/promises'
import { collectors } from './collectors/index.ts'
import { saysBegunAnew } from './commands/begun-anew.ts'
import { openEditedConfig } from './commands/edited-config.ts'
import { evidenceHomes } from './commands/evidence-ports.ts'
import { changeIncident, parseIncidentChange } from './commands/incident-change.ts'
import { actOnMissionsWish } from './commands/missions/send.ts'
import type { ReaderPlaces } from './commands/open-reader.ts'
import { ownConfig } from './commands/own-config.ts'
import { securityEventChange } from './commands/security-event.ts'
import { allowedVacuum, parseVacuumWish, runVacuum } from './commands/vacuum-run.ts'
import { isLocal, type LoadedConfig, leaveTempDirs, type MachineConfig } from './config/index.ts'
import type { AskRequest, Reply } from './core/carrier.ts'
import type { CockpitHooks, RunningCockpit } from './core/cockpit.ts'
import { messageOf, VcError } from './core/errors.ts'
import type { Executor } from './core/executor.ts'
import { K, type Log } from './core/log.ts'
import { startAdoptRule } from './daemon/adopt-rule.ts'
import { agentBatches } from './daemon/agents.ts'
import { startBackups } from './daemon/backups.ts'
import { openCockpit } from './daemon/cockpit.ts'
import { contentOf } from './daemon/content-search.ts'
import { evidenceOf } from './daemon/evidence.ts'
import { fleetPlan } from './daemon/fleet.ts'
import { giveBackLater } from './daemon/give-back.ts'
import { openKeeper } from './daemon/keeper.ts'
import { lookedFor, openLookDoor } from './daemon/look-door.ts'
import { startMissionSweep } from './daemon/mission-sweep.ts'
import { startBacktests } from './daemon/nightly-backtest.ts'
import { startVacuums } from './daemon/nightly-vacuum.ts'
import { openStoreAlert, type StoreAlert } from './daemon/store-alert.ts'
import { hearStrays } from './daemon/strays.ts'
import type { OwnerEngine } from './main-engine.ts'
import type { Opening } from './main-opening.ts'
import { openWays } from './main-ways.ts'
import { begunAnew, DB_THREADS, listBackups } from './store/index.ts'
import { openJobRunner } from './transport/jobs.ts'
import { openLocalExecutor } from './transport/local.ts'
import { processesStarted } from './transport/local-process.ts'

export interface CockpitOptions {
  readonly loaded: LoadedConfig
  readonly reload: () => Promise<LoadedConfig>
  readonly version: string
  readonly log: Log
  readonly hooks: CockpitHooks
  readonly demo: boolean
  /** It never serves and never starts: nothing is opened that acts. */
  readonly forOneLook?: boolean
  readonly opening: Opening
  readonly closeLog: () => Promise<void>
}

const robotFor = async (ask: RunningCockpit['reader']['ask']) => {
  const { robotAnswer } = await import('./robot/answer.ts')
  return (topic: string, format: string, params: Readonly<Record<string, string>>) =>
    robotAnswer(ask, topic, format, params)
}

export const startCockpit = async ({
  loaded,
  version,
  log,
  hooks,
  reload,
  demo,
  forOneLook = false,
  opening,
  closeLog,
}: CockpitOptions): Promise<RunningCockpit> => {
  const { store, workers, build } = opening
  const waysOf = (current: LoadedConfig) => {
    const ways = openWays(current)
    return async (machine: MachineConfig): Promise<Executor> => {
      if (demo) return (await import('./main-demo.ts')).demoExecutor(machine.id)
      return isLocal(machine) ? openLocalExecutor() : ways.open(machine)
    }
  }
  // The same ways for as long as the same configuration is in force: their connections are shared.
  const kept = new WeakMap<LoadedConfig, ReturnType<typeof waysOf>>()
  const waysNow = (loadedNow: LoadedConfig): ReturnType<typeof waysOf> => {
    const ways = kept.get(loadedNow) ?? waysOf(loadedNow)
    kept.set(loadedNow, ways)
    return ways
  }
  // What is in force: a reload that is refused leaves it as it is.
  let current = loaded
  const startedAt = new Date()
  let storeAlert: StoreAlert | null = null
  const edited = openEditedConfig(loaded, reload)
  const told = async (reply: Reply, request: AskRequest): Promise<Reply> => {
    const said = await edited.told(await saysBegunAnew(reply, await store.opened), request)
    return storeAlert?.told(said) ?? said
  }
  const cockpit = await openCockpit({
    loaded,
    collectors,
    version,
    store,
    openWays: waysNow,
    work: (job, payload) => workers.run(job, payload),
    processesStarted,
    agents: agentBatches,
    log,
    told,
    unloaded: edited.unloaded,
    keepsNothing: () => storeAlert?.keepsNothing() ?? false,
    onRun(run, outcome) {
      storeAlert?.saw(outcome)
      hooks.onRun?.(run, outcome)
    },
    progress(...step) {
      hooks.progress?.(...step)
      looks.progress(...step)
    },
  })
  storeAlert = openStoreAlert({
    store: cockpit.store,
    now: () => new Date(),
    log,
    disabled: () => current.config.alerts.disabled_rules,
    onJudged: (alerts, nowMs) => void cockpit.desk.alerts.take(alerts, nowMs),
    onShown: cockpit.alertsChanged,
  })
  const openEngine = async (): Promise<OwnerEngine> => {
    const { openOwnerEngine } = await import('./main-engine.ts')
    const openExecutor = (machine: MachineConfig): Promise<Executor> => waysNow(current)(machine)
    return openOwnerEngine({ cockpit, loaded: () => current, openExecutor, log })
  }
  const engine = forOneLook ? null : await openEngine()
  const judgeNow = async (): Promise<void> => {
    // A judgement under way may hold this one up, and its rows wait for nobody either.
    const relax = cockpit.store.hurry()
    try {
      await cockpit.store.flush()
      await cockpit.judge.run(true)
      await cockpit.store.flush()
    } finally {
      relax()
    }
  }
  const machineIds = () => cockpit.plan().machines.map((machine) => machine.machineId)
  const collectorNames = collectors.map((collector) => collector.name)
  let reloading: Promise<unknown> = Promise.resolve()
  const looks = openLookDoor({
    fleet: cockpit.fleet,
    machineIds,
    collectorNames,
    settled: () => reloading,
    judge: () => cockpit.judge.run(),
  })
  const keeper = openKeeper({
    store: cockpit.store,
    jobs: openJobRunner(),
    keepBackups: () => current.config.store.backup_keep,
    minFreeBytes: () => current.config.store.min_free_bytes,
    now: () => new Date(),
    log,
    onBackup: (failure) => storeAlert?.backedUp(failure),
  })
  const newest = async (): Promise<Date | null> => (await listBackups(cockpit.store.dataDir))[0]?.madeAt ?? null
  let backups: { stop(): Promise<void> } | null = null
  let backtests: { stop(): Promise<void> } | null = null
  let adoptRule: { stop(): Promise<void> } | null = null
  let vacuums: { stop(): Promise<void> } | null = null
  let missionSweep: { stop(): Promise<void> } | null = null
  let server: { close(): Promise<void> } | null = null
  let deafen = (): void => undefined
  let keepAll = (): void => undefined
  return {
    reader: { carrier: 'embedded', ask: cockpit.ask, close: async () => undefined },
    machineIds: machineIds(),
    begunAnew: () => begunAnew(cockpit.store).catch(() => null),
    async collect({ signal, ...wish }) {
      const wanted = lookedFor(wish, machineIds(), collectorNames)
      const release = cockpit.judge.hold()
      return cockpit
        .fleet()
        .collectNow({ ...wanted, ...(signal ? { signal } : {}) })
        .finally(release)
    },
    judgeNow,
    async serve() {
      if (engine === null) throw new Error('a cockpit for one look does not serve')
      const [{ createApp }, { serveSocket }] = await Promise.all([
        import('./web/app.ts'),
        import('./web/socket-server.ts'),
      ])
      const app = createApp({
        version,
        startedAt,
        build: await build,
        ask: cockpit.ask,
        robot: await robotFor(cockpit.ask),
        audit: async (event) => {
          const written = await cockpit.store.write(securityEventChange(event, new Date()))
          if (!written.ok) throw new VcError('not_audited', written.detail, 'look with: vc doctor')
        },
        evidence: (agent) => evidenceOf(cockpit, agent, (machineId) => evidenceHomes(current, machineId)),
        vacuum: (wish) => runVacuum(cockpit.store, allowedVacuum(parseVacuumWish(wish), current), new Date()),
        incident: (change) => changeIncident(cockpit.store, parseIncidentChange(change), new Date()),
        missions: (wish) => actOnMissionsWish(cockpit.store, wish, new Date()),
        content: (question) => contentOf(cockpit, question),
        engineLog: engine.readLog,
        act: engine.acting,
        keeper,
        alerts: cockpit.desk,
        collect: looks.wish,
        log,
      })
      server = await serveSocket(app, loaded.paths.socketFile)
      await writeFile(loaded.paths.pidFile, `${process.pid}\n`, { mode: 0o600 }).catch((error: unknown) =>
        log.warn({ [K.detail]: messageOf(error) }, 'the pid file could not be written'),
      )
      deafen = hearStrays(log)
      return loaded.paths.socketFile
    },
    start() {
      cockpit.start()
      keepAll = giveBackLater()
      missionSweep = startMissionSweep({ store: cockpit.store, now: () => new Date(), log })
      if (demo || engine === null) return
      engine.start()
      adoptRule = startAdoptRule({ store: cockpit.store, loaded: () => current, acting: engine.acting, log })
      backups = startBackups({ keeper, newest, now: () => new Date(), log })
      const { store, plan } = cockpit
      vacuums = startVacuums({ store, loaded: () => current, now: () => new Date(), log })
      backtests = startBacktests({ store, log, context: () => ({ db: store.db, now: new Date(), plan: plan() }) })
    },
    async reload() {
      try {
        const next = await reload()
        const taking = cockpit.reload(next)
        reloading = taking.catch(() => undefined)
        await taking
        current = next
      } catch (error) {
        edited.refused(error)
        log.warn({ [K.detail]: messageOf(error) }, 'a new configuration was refused, the old one stays')
        throw error
      }
      edited.taken(current)
      engine?.reloaded()
    },
    async stop() {
      keepAll()
      // One that cannot be removed must not keep the rest from being closed.
      if (server !== null)
        await rm(loaded.paths.pidFile, { force: true }).catch((error: unknown) =>
          log.warn({ [K.detail]: messageOf(error) }, 'the pid file could not be removed'),
        )
      await server?.close()
      await adoptRule?.stop()
      await engine?.stop()
      await keeper.close()
      await backups?.stop()
      await backtests?.stop()
      await vacuums?.stop()
      await missionSweep?.stop()
      await storeAlert?.settled()
      await cockpit.stop()
      await workers.close()
      deafen()
      await closeLog()
      leaveTempDirs(loaded.paths)
      if (demo) (await import('./main-demo.ts')).removeDemo(loaded)
    },
  }
}

/** How a command finds whoever owns the store, or becomes the owner for its lifetime. */
export const readerPlaces = (loaded: LoadedConfig, version: string): ReaderPlaces => ({
  socketFile: loaded.paths.socketFile,
  stateFile: loaded.paths.stateFile,
  dataDir: loaded.paths.dataDir,
  dbFile: loaded.paths.dbFile,
  memoryLimitMb: loaded.config.store.memory_limit_mb ?? 192,
  threads: loaded.config.store.threads ?? DB_THREADS,
  plan: fleetPlan(loaded.config, loaded.config.machines, collectors),
  ownConfig: () => ownConfig(loaded),
  version,
})
