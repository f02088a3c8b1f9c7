import { messageOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { K } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { Row, RowBatch } from '../core/rows.ts'
import { readFleetRows } from '../queries/fleet-rows.ts'
import { assemblePicture, type FleetPicture } from '../queries/picture.ts'
import type { Store } from '../store/index.ts'
import { judgeAlerts, type LastSeen } from './alert-rows.ts'
import { machineRow, type ProbeFacts, type WayFacts } from './machine-rows.ts'

export interface JudgePorts {
  readonly store: Store
  readonly plan: () => FleetPlan
  readonly facts: (machineId: string) => Promise<ProbeFacts | null>
  readonly way: (machineId: string) => WayFacts | null
  /** Agents, aliases and states of one machine, as rows; empty when nothing changed. */
  readonly agents: (machineId: string, bootId: string | null, now: Date) => Promise<readonly RowBatch[]>
  readonly now: () => Date
  readonly log: Log
  /** After each judgement, for whoever keeps answers ready. */
  readonly onJudged?: (picture: FleetPicture) => Promise<void>
}

export interface Judge {
  /** Something of this machine was committed; it is judged soon, together with others. */
  touch(machineId: string): void
  /** Judges now whatever was touched, or everything. */
  run(everything?: boolean): Promise<void>
  stop(): Promise<void>
}

/** Judgements of a busy fleet are taken together, at most this often. */
const GATHER_MS = 1_000

/** After every tick: states of agents, status of machines, alerts; all computed from the store, all written back to it. */
export const openJudge = (ports: JudgePorts): Judge => {
  const touched = new Set<string>()
  const lastSeen: LastSeen = new Map()
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let stopped = false

  const write = async (machineId: string, source: string, at: Date, batches: readonly RowBatch[]): Promise<void> => {
    if (batches.every((batch) => batch.rows.length === 0)) return
    const outcome = await ports.store.write({ machineId, source, at, batches })
    if (!outcome.ok)
      ports.log.error({ [K.machine]: machineId, [K.detail]: outcome.detail }, 'a judgement was not stored')
  }

  const judgeAgents = (machineIds: readonly string[], now: Date): Promise<unknown> =>
    Promise.all(
      machineIds.map(async (machineId) => {
        const facts = await ports.facts(machineId)
        await write(machineId, 'oracle.agents', now, await ports.agents(machineId, facts?.bootId ?? null, now))
      }),
    )

  const judgeMachines = async (machineIds: ReadonlySet<string>, now: Date): Promise<FleetPicture> => {
    const rows = await readFleetRows({ db: ports.store.db, now, plan: ports.plan() }, null)
    const picture = assemblePicture(rows, ports.plan(), now)
    const changed: Row[] = []
    for (const machine of picture.machines) {
      const id = machine.view.machineId
      if (!machineIds.has(id)) continue
      const row = machineRow(machine, await ports.facts(id), ports.way(id), now)
      if (row !== null) changed.push(row)
    }
    const alerts = judgeAlerts(
      picture.machines.map((machine) => machine.view),
      rows.alerts,
      lastSeen,
      now,
    )
    await write('fleet', 'oracle.fleet', now, [
      { table: 'machines', rows: changed },
      { table: 'alerts', rows: alerts },
    ])
    return picture
  }

  const pass = async (machineIds: readonly string[]): Promise<void> => {
    const now = ports.now()
    try {
      await judgeAgents(machineIds, now)
      const picture = await judgeMachines(new Set(machineIds), now)
      await ports.onJudged?.(picture)
    } catch (error) {
      ports.log.error({ [K.detail]: messageOf(error) }, 'judging failed')
    }
  }

  const run = (everything = false): Promise<void> => {
    running = running.then(() => {
      const ids = everything
        ? ports
            .plan()
            .machines.filter((m) => m.enabled)
            .map((m) => m.machineId)
        : [...touched]
      touched.clear()
      return ids.length === 0 ? undefined : pass(ids)
    })
    return running
  }

  return {
    touch(machineId) {
      touched.add(machineId)
      if (stopped || timer !== null) return
      timer = setTimeout(() => {
        timer = null
        void run()
      }, GATHER_MS)
    },
    run,
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await run()
    },
  }
}
