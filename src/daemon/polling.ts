import { isLocal, type MachineConfig, type VcConfig } from '../config/index.ts'
import type { Asker } from '../core/ask.ts'
import { messageOf, VcError } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import type { Fault } from '../core/faults.ts'
import { K } from '../core/log.ts'
import { type RowBatch, rowCount, type ScrapeRun } from '../core/rows.ts'
import { type MachineAsker, openAsker } from '../transport/asker.ts'
import type { FleetPorts } from './fleet-ports.ts'
import type { Lane, Turn } from './lane.ts'
import { openLeisure } from './leisure.ts'
import { watchLogins } from './login-watch.ts'
import type { FleetMemory } from './memory.ts'
import { openNews } from './news.ts'
import { openRefusalLog } from './refusal-log.ts'
import { scrapeMachine } from './scrape.ts'
import type { Absences } from './scrape-needs.ts'
import { openSteady } from './steady.ts'
import type { HearRun } from './under-way.ts'

const tellsOfTools = (batch: RowBatch): boolean => batch.table === 'machine_tool_capabilities' && rowCount(batch) > 0

interface PollingPorts extends FleetPorts {
  readonly config: VcConfig
  readonly memory: FleetMemory
  readonly absences: Absences
  readonly stopping: AbortSignal
}

interface Way {
  readonly executor: Executor
  readonly asker: MachineAsker
}

/** What a look brought. A source is free for its next turn only when its rows are committed, or refused. */
export interface Looked {
  readonly runs: readonly ScrapeRun[]
  readonly committed: Promise<unknown>
  /** The store has answered for every run, those that brought nothing too. */
  readonly stored: Promise<unknown>
}

export interface LookHears {
  /** Each run of this look, when the store has answered for it. */
  readonly saw: HearRun
  /** A run after which its source could have its next turn, while the look still waits for others. */
  readonly freed: (run: ScrapeRun) => void
}

export interface LookHow {
  /** Nobody waits for it. */
  readonly patient: boolean
  readonly signal?: AbortSignal | undefined
}

export interface Polling {
  /** Looks at one machine with what is due; every run is on its way to the store when this resolves. Never rejects. */
  look(machine: MachineConfig, lane: Lane, turns: readonly Turn[], hears: LookHears, how: LookHow): Promise<Looked>
  /** One question beside the beat, over the way that is kept open; it stores nothing. Rejects where no way can be prepared. */
  ask<Result>(machine: MachineConfig, lane: Lane, question: (asker: Asker) => Promise<Result>): Promise<Result>
  isOpen(machineId: string): boolean
  bytesReceived(): number
  /** All appends so far have been answered. */
  settled(): Promise<void>
  close(): Promise<void>
}

const faultOf = (error: unknown): Fault =>
  error instanceof VcError && error.code.startsWith('bad_') ? 'not_configured' : 'unreachable'

interface Why {
  readonly fault: Fault
  readonly detail: string
}

// No way to the machine could even be prepared (a target ssh cannot resolve): every due source says so.
const noWay = (error: unknown): Why => ({ fault: faultOf(error), detail: messageOf(error) })

// Each would wait for its own deadline in turn: minutes for whoever watches, and all the while a place among the machines.
const HANGS: Why = { fault: 'timeout', detail: 'not asked: nothing that was asked there before ended in time' }

/** A run of each turn that was not made, and why. */
export const failedRuns = (lane: Lane, turns: readonly Turn[], { fault, detail }: Why, startedAt: Date): ScrapeRun[] =>
  turns.map(({ collector }) => ({
    machineId: lane.machineId,
    collector: collector.name,
    sourceVersion: collector.version,
    schemaVersion: collector.schemaVersion,
    startedAt,
    durationMs: 0,
    up: false,
    fault,
    detail,
    partial: false,
    bytes: 0,
    cpuMs: 0,
    batches: [],
    cursors: [],
    warnings: [],
  }))

/** Before anyone knows what a machine has and where agents work there, whoever needs that waits for the probe to tell. */
const probeFirst = (turns: readonly Turn[]): { readonly first: readonly Turn[]; readonly later: readonly Turn[] } => {
  const needy = (turn: Turn): boolean => turn.collector.needs.length > 0 || turn.collector.afterProbe === true
  const probes = turns.some((turn) => turn.collector.name === 'probe')
  return probes
    ? { first: turns.filter((turn) => !needy(turn)), later: turns.filter(needy) }
    : { first: turns, later: [] }
}

interface Kept {
  readonly free: Promise<void>
  readonly stored: Promise<void>
}

const lookedAt = (runs: readonly ScrapeRun[], kept: readonly Kept[]): Looked => ({
  runs,
  committed: Promise.all(kept.map(({ free }) => free)),
  stored: Promise.all(kept.map(({ stored }) => stored)),
})

/** The ways to all machines, and what is asked over them. */
export const openPolling = (ports: PollingPorts): Polling => {
  const ways = new Map<string, Way>()
  const appends = new Set<Promise<void>>()
  const steady = openSteady()
  const news = openNews()
  const leisure = openLeisure()
  const refusals = openRefusalLog(ports.log, ports.now)
  let bytes = 0

  // A question may come while the beat opens the same way.
  const opening = new Map<string, Promise<Way>>()
  const wayTo = async (machine: MachineConfig, lane: Lane): Promise<Way> => {
    const open = ways.get(machine.id)
    if (open) return open
    const begun = opening.get(machine.id) ?? openWay(machine, lane).finally(() => opening.delete(machine.id))
    opening.set(machine.id, begun)
    return begun
  }
  const openWay = async (machine: MachineConfig, lane: Lane): Promise<Way> => {
    const executor = watchLogins(await ports.openExecutor(machine), (loginMs) => {
      lane.loginMs = loginMs
    })
    const asker = openAsker({
      executor,
      local: isLocal(machine) && executor.kind === 'local',
      maxInFlight: ports.config.polling.max_collectors_in_flight_per_machine,
      work: ports.work,
    })
    const way = { executor, asker }
    ways.set(machine.id, way)
    return way
  }

  /** Lanes whose tools were read: from then on they change only with what is committed here. */
  const toolsRead = new WeakSet<Lane>()
  const refreshTools = async (lane: Lane): Promise<void> => {
    const rows = await ports.memory.known(lane.machineId, 'machine_tool_capabilities')
    const present = rows.flatMap((row) =>
      row.available === true && typeof row.path === 'string' ? [[String(row.tool_name), row.path] as const] : [],
    )
    lane.facts = { ...lane.facts, tools: rows.length ? new Map(present) : null }
    toolsRead.add(lane)
  }

  /** A source is free for its next turn once its facts are committed, at once when it brought none. */
  const keep = (lane: Lane, full: ScrapeRun, onRun: HearRun, unwaited = false): Kept => {
    bytes += full.bytes
    const { run, quiet } = steady.lighten(full)
    const leisureMs = leisure.msOf(full, unwaited ? lane.turns : [])
    const appending = ports.store
      .append(run, { patient: quiet, soon: news.isIn(full), leisureMs })
      .then(async (outcome) => {
        steady.stored(full, outcome.ok)
        if (outcome.ok) {
          ports.memory.committed(run)
          if (run.batches.some(tellsOfTools)) await refreshTools(lane)
        }
        refusals.saw(run, outcome)
        ports.onRun?.(run, outcome, quiet)
        onRun(run, outcome)
      })
    const watched = appending
      .catch((error: unknown) =>
        ports.log.error({ [K.machine]: run.machineId, [K.detail]: messageOf(error) }, 'append failed'),
      )
      .finally(() => appends.delete(watched))
    appends.add(watched)
    return { free: quiet ? Promise.resolve() : watched, stored: watched }
  }

  const scrapePorts = (machineId: string, turns: readonly Turn[]) => ({
    cursors: (collector: string) => ports.memory.cursors(machineId, collector),
    known: (table: string) => ports.memory.known(machineId, table),
    options: (name: string) => turns.find((turn) => turn.collector.name === name)?.options ?? {},
    work: ports.work,
    now: () => new Date(ports.now()),
    ...(ports.progress
      ? { progress: (name: string, done: number, total: number) => ports.progress?.(machineId, name, done, total) }
      : {}),
  })

  return {
    async look(machine, lane, turns, hears, { patient, signal }) {
      if (!toolsRead.has(lane)) await refreshTools(lane).catch(() => undefined)
      const startedAt = new Date(ports.now())
      const kept: Kept[] = []
      try {
        const { asker, executor } = await wayTo(machine, lane)
        lane.transport = executor.kind
        const scrape = (some: readonly Turn[], onRun: (run: ScrapeRun) => void) =>
          scrapeMachine({
            machine: lane.facts,
            collectors: some.map((turn) => turn.collector),
            asker,
            absences: ports.absences,
            patient,
            signal: signal ? AbortSignal.any([signal, ports.stopping]) : ports.stopping,
            onRun,
            ports: scrapePorts(machine.id, some),
          })
        const keepRun = (run: ScrapeRun): Promise<void> => {
          const keeping = keep(lane, run, hears.saw, patient && !isLocal(machine))
          kept.push(keeping)
          void keeping.free.then(() => hears.freed(run))
          return keeping.free
        }
        const { first, later } = lane.facts.tools === null ? probeFirst(turns) : { first: turns, later: [] }
        const probed = Promise.withResolvers<ScrapeRun>()
        let answered = false
        // Somebody who just started vc waits for this machine's first rows: they do not wait for company.
        const hurried = later.length > 0 && isLocal(machine)
        const begun = scrape(first, (run) => {
          const keeping = keepRun(run)
          answered ||= run.up
          if (run.collector !== 'probe') return
          void keeping.then(() => probed.resolve(run))
          if (hurried) void ports.store.flush()
        })
        const rest =
          later.length > 0
            ? probed.promise.then((probe) => {
                if (probe.fault === 'timeout' && !answered && !isLocal(machine)) {
                  const untold = failedRuns(lane, later, HANGS, new Date(ports.now()))
                  for (const run of untold) void keepRun(run)
                  return untold
                }
                return scrape(later, (run) => {
                  void keepRun(run)
                  if (hurried && run.collector === 'tmux') void ports.store.flush()
                })
              })
            : []
        const runs = (await Promise.all([begun, rest])).flat()
        return lookedAt(runs, kept)
      } catch (error) {
        const runs = failedRuns(lane, turns, noWay(error), startedAt)
        return lookedAt(
          runs,
          runs.map((run) => keep(lane, run, hears.saw)),
        )
      }
    },
    async ask(machine, lane, question) {
      const { asker } = await wayTo(machine, lane)
      const run = asker.beginRun(ports.stopping)
      return question(run).finally(() => run.end())
    },
    isOpen: (machineId) => ways.has(machineId),
    bytesReceived: () => bytes,
    async settled() {
      while (appends.size > 0) await Promise.all(appends)
    },
    async close() {
      for (const { asker, executor } of ways.values()) {
        asker.close()
        await executor
          .close()
          .catch((error: unknown) => ports.log.warn({ [K.detail]: messageOf(error) }, 'a way did not close'))
      }
      ways.clear()
    },
  }
}
