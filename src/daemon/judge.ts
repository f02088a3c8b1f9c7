import { messageOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { K } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import { type Row, type RowBatch, rowCount } from '../core/rows.ts'
import { type FleetRows, readFleetRows } from '../queries/fleet-rows.ts'
import { assemblePicture } from '../queries/picture.ts'
import type { Store } from '../store/index.ts'
import type { Alerts } from './alerts.ts'
import { machineRow, type ProbeFacts, type WayFacts } from './machine-rows.ts'

export interface JudgePorts {
  readonly store: Store
  readonly plan: () => FleetPlan
  readonly facts: (machineId: string) => Promise<ProbeFacts | null>
  readonly way: (machineId: string) => WayFacts | null
  /** Agents, aliases and states of one machine, as rows; empty when nothing changed. */
  readonly agents: (machineId: string, bootId: string | null, now: Date) => Promise<readonly RowBatch[]>
  /** Rules over what was found; without them nothing is an alert. */
  readonly alerts?: Pick<Alerts, 'judge' | 'stored'>
  /** Judged is what was looked at since vc last slept. */
  readonly looked: () => Promise<void>
  readonly now: () => Date
  readonly log: Log
  /** These rows of a machine were written by a judgement. */
  readonly onWrote?: (machineId: string, batches: readonly RowBatch[]) => void
  /** After each judgement, with the rows it rested on and from when they are; null when it changed them. */
  readonly onJudged?: (rows: FleetRows | null, from: Date) => Promise<void>
}

export interface Judge {
  /** Something of this machine was committed; it is judged soon, together with others. */
  touch(machineId: string): void
  /** Judges now whatever was touched, or everything. */
  run(everything?: boolean): Promise<void>
  /** Somebody looks at everything now and judges at the end: until what it returns is called, touches gather for longer. */
  hold(): () => void
  stop(): Promise<void>
}

/** Judgements of a busy fleet are taken together, at most this often. */
const GATHER_MS = 1_000
/** The same while somebody waits for a look at everything: a long one shows what it found so far, a short one is judged once. */
const HELD_MS = 10_000
/** Between judgements of a large fleet it rests this many times as long as one takes, so that judging stays cheap. */
const REST_TIMES = 50
const REST_MAX_MS = 10_000
/** States of agents do not wait for the fleet's rest: who needs a person must show within seconds, on a busy machine too. */
const AGENTS_REST_MAX_MS = 2_000
/** Silence is judged too: ages grow although nothing is written. */
const SILENCE_MS = 15_000

/** After every tick: states of agents, status of machines, alerts; all computed from the store, all written back to it. */
export const openJudge = (ports: JudgePorts): Judge => {
  const touched = new Set<string>()
  /** Machines whose agents are judged and which themselves wait for the end of the rest. */
  const waiting = new Set<string>()
  let timer: NodeJS.Timeout | null = null
  let fleetTimer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  /** Somebody waits for the judgement under way: its rows do not wait for company. */
  let awaited = false
  let stopped = false
  let holds = 0
  let judgedAtMs = performance.now()
  let restMs = 0
  let agentsJudgedAtMs = performance.now()
  let agentsRestMs = 0

  const write = async (machineId: string, source: string, at: Date, given: readonly RowBatch[]): Promise<boolean> => {
    const batches = given.filter((batch) => rowCount(batch) > 0)
    if (batches.length === 0) return false
    const soon = batches.some(({ table }) => table === 'latest_agent_states')
    const outcome = await ports.store.write({ machineId, source, at, batches, awaited, soon })
    ports.onWrote?.(machineId, batches)
    if (!outcome.ok)
      ports.log.error({ [K.machine]: machineId, [K.detail]: outcome.detail }, 'a judgement was not stored')
    return outcome.ok
  }

  const judgeAgents = async (machineIds: readonly string[], now: Date): Promise<void> => {
    const from = performance.now()
    await Promise.all(
      machineIds.map(async (machineId) => {
        const facts = await ports.facts(machineId)
        await write(machineId, 'oracle.agents', now, await ports.agents(machineId, facts?.bootId ?? null, now))
      }),
    )
    agentsJudgedAtMs = performance.now()
    agentsRestMs = Math.min(AGENTS_REST_MAX_MS, (agentsJudgedAtMs - from) * REST_TIMES)
  }

  const judgeMachines = async (machineIds: ReadonlySet<string>, now: Date): Promise<FleetRows | null> => {
    const from = performance.now()
    const rows = await readFleetRows({ db: ports.store.db, now, plan: ports.plan() }, null)
    const picture = assemblePicture(rows, ports.plan(), now)
    restMs = Math.min(REST_MAX_MS, (performance.now() - from) * REST_TIMES)
    const changed: Row[] = []
    for (const machine of picture.machines) {
      const id = machine.view.machineId
      if (!machineIds.has(id)) continue
      const row = machineRow(machine, await ports.facts(id), ports.way(id), now)
      if (row !== null) changed.push(row)
    }
    const alerts = (await ports.alerts?.judge(picture, now)) ?? []
    const wrote = await write('fleet', 'oracle.fleet', now, [
      { table: 'machines', rows: changed },
      { table: 'alerts', rows: alerts },
    ])
    ports.alerts?.stored(wrote || changed.length + alerts.length === 0)
    return wrote ? null : rows
  }

  const judgeWaiting = async (now: Date): Promise<void> => {
    const machineIds = new Set(waiting)
    waiting.clear()
    if (machineIds.size === 0) return
    const rows = await judgeMachines(machineIds, now)
    judgedAtMs = performance.now()
    await ports.onJudged?.(rows, now)
  }

  const inTurn = (step: () => Promise<void>): Promise<void> => {
    running = running
      .then(() => (stopped ? undefined : ports.looked()))
      .then(step)
      .catch((error: unknown) => ports.log.error({ [K.detail]: messageOf(error) }, 'judging failed'))
    return running
  }

  const pass = async (machineIds: readonly string[], rested: boolean): Promise<void> => {
    if (machineIds.length === 0) return
    const now = ports.now()
    for (const machineId of machineIds) waiting.add(machineId)
    await judgeAgents(machineIds, now)
    if (rested) await judgeWaiting(now)
    else judgeWaitingLater()
  }

  const judgeWaitingLater = (): void => {
    if (stopped || fleetTimer !== null) return
    fleetTimer = setTimeout(
      () => {
        fleetTimer = null
        void inTurn(() => judgeWaiting(ports.now()))
      },
      Math.max(0, judgedAtMs + restMs - performance.now()),
    )
  }

  const takeTouched = (): readonly string[] => {
    const ids = [...touched]
    touched.clear()
    return ids
  }

  const judgeNow = (everything: boolean, isAwaited: boolean): Promise<void> =>
    inTurn(() => {
      awaited = isAwaited
      const ids = takeTouched()
      const enabled = (): readonly string[] =>
        ports
          .plan()
          .machines.filter((m) => m.enabled)
          .map((m) => m.machineId)
      return pass(everything ? enabled() : [...new Set([...ids, ...waiting])], true).finally(() => {
        awaited = false
      })
    })
  const run = (everything = false): Promise<void> => judgeNow(everything, true)

  const silence = setInterval(() => {
    if (performance.now() - judgedAtMs >= SILENCE_MS) void judgeNow(true, false)
  }, SILENCE_MS).unref()

  return {
    touch(machineId) {
      touched.add(machineId)
      if (stopped || timer !== null) return
      const wait = Math.max(holds > 0 ? HELD_MS : GATHER_MS, agentsJudgedAtMs + agentsRestMs - performance.now())
      timer = setTimeout(() => {
        timer = null
        void inTurn(() => pass(takeTouched(), performance.now() - judgedAtMs >= restMs))
      }, wait)
    },
    run,
    hold() {
      holds += 1
      let over = false
      return () => {
        if (!over) holds -= 1
        over = true
      }
    },
    async stop() {
      stopped = true
      clearInterval(silence)
      if (timer !== null) clearTimeout(timer)
      if (fleetTimer !== null) clearTimeout(fleetTimer)
      await run()
    },
  }
}
