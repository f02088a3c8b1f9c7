import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { FleetCost } from './fleet-child.ts'
import { installBuilt } from './installed.ts'
import type { SshFleet } from './ssh-fleet.ts'

/** As bin/vc.js starts a daemon. */
const heaps = createRequire(import.meta.url)('../../bin/heaps.js') as {
  readonly FLAGS: readonly string[]
  readonly GLIBC: Readonly<Record<string, string>>
  readonly DATABASE: Readonly<Record<string, string>>
}

/** A part of a daemon's life: so long after it started, or after the window before, for so long. */
export interface Window {
  readonly warmS: number
  readonly measuredS: number
}

export interface FleetRun {
  readonly collector: 'probe' | 'small' | 'all'
  readonly everyS: number
  /** More sections of vc.toml. */
  readonly config?: string
}

/** A daemon over the whole fleet in a process of its own, built as it is shipped, and what each window cost. */
export const fleetCosts = async <const Windows extends readonly Window[]>(
  fleet: SshFleet,
  run: FleetRun,
  windows: Windows,
): Promise<{ readonly [At in keyof Windows]: FleetCost }> => {
  const polling = `[polling]\nbase_tick_remote_seconds = ${Math.min(10, run.everyS)}\n`
  const config = fleet.config(`${polling}${run.config ?? ''}`)
  const parts = windows.map(({ warmS, measuredS }) => `${warmS}:${measuredS}`)
  const env = { ...process.env, HOME: fleet.dir, ...heaps.GLIBC, ...heaps.DATABASE }
  const vc = installBuilt(['measure/fleet-child.ts'])
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', ...heaps.FLAGS, vc.program('fleet-child'), config, run.collector, String(run.everyS), ...parts],
      { maxBuffer: 16 * 1_048_576, env },
    )
    const costs = stdout.trimEnd().split('\n')
    return costs.map((line) => JSON.parse(line)) as { [At in keyof Windows]: FleetCost }
  } finally {
    vc.remove()
  }
}

export const fleetCost = async (fleet: SshFleet, { warmS, measuredS, ...run }: FleetRun & Window): Promise<FleetCost> =>
  (await fleetCosts(fleet, run, [{ warmS, measuredS }]))[0]
