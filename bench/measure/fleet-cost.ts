import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FleetCost } from './fleet-child.ts'
import type { SshFleet } from './ssh-fleet.ts'

/** As bin/vc.js starts a daemon. */
const heaps = createRequire(import.meta.url)('../../bin/heaps.js') as {
  readonly FLAGS: readonly string[]
  readonly GLIBC: Readonly<Record<string, string>>
  readonly DATABASE: Readonly<Record<string, string>>
}

export interface FleetRun {
  readonly collector: 'probe' | 'small' | 'all'
  readonly warmS: number
  readonly measuredS: number
  readonly everyS: number
  /** More sections of vc.toml. */
  readonly config?: string
}

/** A daemon over the whole fleet in a process of its own, and what it cost. */
export const fleetCost = async (fleet: SshFleet, run: FleetRun): Promise<FleetCost> => {
  const polling = `[polling]\nbase_tick_remote_seconds = ${Math.min(10, run.everyS)}\n`
  const config = fleet.config(`${polling}${run.config ?? ''}`)
  const args = [config, run.collector, String(run.warmS), String(run.measuredS), String(run.everyS)]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', ...heaps.FLAGS, join(import.meta.dirname, 'fleet-child.ts'), ...args],
    {
      maxBuffer: 16 * 1_048_576,
      env: {
        ...process.env,
        HOME: fleet.dir,
        ...heaps.GLIBC,
        ...heaps.DATABASE,
      },
    },
  )
  return JSON.parse(stdout) as FleetCost
}
