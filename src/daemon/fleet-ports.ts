import type { MachineConfig } from '../config/index.ts'
import type { Executor } from '../core/executor.ts'
import type { Log } from '../core/log.ts'
import type { AppendOutcome, ScrapeRun } from '../core/rows.ts'
import type { Store } from '../store/index.ts'

/** What looking at a fleet needs from outside: where rows go, how machines are reached, the clock. */
export interface FleetPorts {
  readonly store: Store
  readonly openExecutor: (machine: MachineConfig) => Promise<Executor>
  readonly work: <Result>(job: URL, payload: unknown) => Promise<Result>
  readonly now: () => number
  readonly random: () => number
  readonly log: Log
  /** Called after each run is committed or refused. A quiet run found nothing, as the one before it. */
  readonly onRun?: (run: ScrapeRun, outcome: AppendOutcome, quiet: boolean) => void
  readonly progress?: (machineId: string, collector: string, done: number, total: number) => void
}
