import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { Row } from '../core/rows.ts'
import { FLEET } from '../oracle/predictions.ts'
import type { FleetRows } from '../queries/fleet-rows.ts'
import { alertCounts, assemblePicture, type FleetPicture, type MachineState } from '../queries/picture.ts'
import { healthFactors, healthSummaries, type Store } from '../store/index.ts'
import { healthRows, type Written, worstOf, writtenBefore } from './health-rows.ts'

export interface SnapshotPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly plan: () => FleetPlan
  /** The rows of the fleet as last judged. */
  readonly rows: () => Promise<FleetRows>
  readonly now: () => Date
  readonly log: Log
}

/** Health and snapshots are written at most this often: a busy fleet changes with every tick. */
const PAUSE_MS = 10_000
/** Scores within one step are one picture. */
const STEPS = 20

const byCount = (counts: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b))))

const sumOf = (all: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sum: Record<string, number> = {}
  for (const counts of all) for (const [name, n] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + n
  return sum
}

export const machineSnapshot = ({ view, health, agentCount, agentsByState }: MachineState, at: Date): Row => ({
  machine_id: view.machineId,
  ts: at,
  status: view.status,
  score: health.score,
  severity: health.severity,
  worst_factor: worstOf(health.factors)?.factor ?? null,
  agents_total: agentCount,
  agents_by_state_json: byCount(agentsByState),
})

export const fleetSnapshot = (picture: FleetPicture, at: Date): Row => {
  const alerts = alertCounts(picture)
  return {
    machine_id: FLEET,
    ts: at,
    score: picture.score,
    severity: picture.severity,
    machines_total: picture.machines.length,
    machines_by_status_json: byCount(sumOf(picture.machines.map(({ view }) => ({ [view.status]: 1 })))),
    agents_total: picture.machines.reduce((sum, machine) => sum + machine.agentCount, 0),
    agents_by_state_json: byCount(sumOf(picture.machines.map((machine) => machine.agentsByState))),
    alerts_critical: alerts.critical,
    alerts_warning: alerts.warning,
    alerts_info: alerts.info,
  }
}

/** What makes a snapshot another one. */
const faceOf = (row: Row): string => {
  const { ts: _ts, score, ...rest } = row
  return JSON.stringify({ ...rest, step: Math.round(Number(score) * STEPS) })
}

export interface Snapshots {
  /** The fleet was judged; soon what changed is written. */
  judged(): Promise<void>
}

/** Health and how machines and fleet stood, written after a judgement where they changed. */
export const openSnapshots = (ports: SnapshotPorts): Snapshots => {
  const faces = new Map<string, string>()
  let written: Written | null = null
  let lookedAtMs = Number.NEGATIVE_INFINITY

  const changed = (row: Row, name: string): boolean => {
    const face = faceOf(row)
    if (faces.get(name) === face) return false
    faces.set(name, face)
    return true
  }

  const look = async (): Promise<void> => {
    const at = ports.now()
    written ??= writtenBefore(...(await Promise.all([healthFactors(ports.store.db), healthSummaries(ports.store.db)])))
    const picture = assemblePicture(await ports.rows(), ports.plan(), at)
    const { factors, summaries } = healthRows(picture, written, at)
    const machines = picture.machines
      .map((machine) => machineSnapshot(machine, at))
      .filter((row) => changed(row, `machine ${String(row.machine_id)}`))
    const fleet = [fleetSnapshot(picture, at)].filter((row) => changed(row, FLEET))
    const batches = [
      { table: 'health_factors', rows: factors },
      { table: 'health_summary', rows: summaries },
      { table: 'machine_state_snapshots', rows: machines },
      { table: 'fleet_state_snapshots', rows: fleet },
    ].filter((batch) => batch.rows.length > 0)
    if (batches.length === 0) return
    const outcome = await ports.store.write({ machineId: FLEET, source: 'oracle.health', at, batches })
    if (outcome.ok) return
    // What was not written is new again.
    written = null
    faces.clear()
    ports.log.error({ [K.detail]: outcome.detail }, 'the health of the fleet was not stored')
  }

  return {
    async judged() {
      const nowMs = ports.now().getTime()
      if (nowMs - lookedAtMs < PAUSE_MS && nowMs >= lookedAtMs) return
      lookedAtMs = nowMs
      await look().catch((error: unknown) =>
        ports.log.error({ [K.detail]: messageOf(error) }, 'the health of the fleet was not judged'),
      )
    },
  }
}
