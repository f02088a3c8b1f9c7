import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FleetCost } from './fleet-child.ts'
import type { SshFleet } from './ssh-fleet.ts'

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
    // As bin/vc.js starts a daemon.
    [
      '--no-warnings',
      '--max-semi-space-size=4',
      '--single-threaded-gc',
      join(import.meta.dirname, 'fleet-child.ts'),
      ...args,
    ],
    {
      maxBuffer: 16 * 1_048_576,
      env: {
        ...process.env,
        HOME: fleet.dir,
        UV_THREADPOOL_SIZE: '16',
        MALLOC_ARENA_MAX: '2',
        MALLOC_TRIM_THRESHOLD_: '262144',
        DUCKDB_JE_MALLOC_CONF: 'dirty_decay_ms:0,muzzy_decay_ms:0,cache_oblivious:false,tcache_max:65536',
      },
    },
  )
  return JSON.parse(stdout) as FleetCost
}
