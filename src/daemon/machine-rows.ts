import type { Row } from '../core/rows.ts'
import type { MachineState } from '../queries/picture.ts'

/** What the probe knows of a machine beyond its samples. */
export interface ProbeFacts {
  readonly hostname: string | null
  readonly os: string | null
  readonly osVersion: string | null
  readonly kernel: string | null
  readonly bootId: string | null
  readonly cores: number | null
  readonly skewMs: number | null
}

/** How the machine was reached in this process. */
export interface WayFacts {
  readonly transport: string | null
  readonly loginMs: number | null
  readonly transportFailures: number
}

const date = (iso: string | null): Date | null => (iso === null ? null : new Date(iso))

const observed = (facts: ProbeFacts): Row => ({
  hostname: facts.hostname,
  os: facts.os,
  os_version: facts.osVersion,
  kernel: facts.kernel,
  boot_id: facts.bootId,
  cores: facts.cores,
  clock_skew_ms: facts.skewMs === null ? null : Math.round(facts.skewMs),
})

const changedIn = (before: Readonly<Record<string, unknown>>, row: Row): boolean =>
  Object.entries(row).some(([name, value]) => {
    const old = before[name]
    return value instanceof Date ? value.toISOString() !== old : value !== old
  })

// Times of attempts move with every tick; they are worth a write only now and then, or with a change.
const STEADY_WRITE_MS = 60_000

/** The row of a machine when something about it changed, else null. Identity facts come from the probe, status from judgement. */
export const machineRow = (
  state: MachineState,
  facts: ProbeFacts | null,
  way: WayFacts | null,
  attemptAt: Date | null,
): Row | null => {
  const { machine, view } = state
  const settled: Row = {
    status: view.status,
    status_reason: view.statusReason,
    consecutive_failures: view.transportFailures,
    ...(way === null ? {} : { transport: way.transport, ...(way.loginMs === null ? {} : { login_ms: way.loginMs }) }),
    ...(facts === null ? {} : observed(facts)),
  }
  const { clock_skew_ms: _skew, login_ms: _login, ...telling } = settled
  const lastWrite = date(machine.last_attempt_at)?.getTime() ?? 0
  const dueAnyway = attemptAt !== null && attemptAt.getTime() - lastWrite >= STEADY_WRITE_MS
  if (!dueAnyway && !changedIn(machine as unknown as Record<string, unknown>, telling)) return null
  return {
    machine_id: machine.machine_id,
    ...settled,
    last_attempt_at: attemptAt ?? date(machine.last_attempt_at),
    last_ok_at: view.ageS === null ? null : new Date(state.lastSeen),
  }
}
