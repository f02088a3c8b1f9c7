import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobRunner } from '../core/job-runner.ts'
import type { Snapshot } from '../core/keeper.ts'
import { roomFor } from './backup.ts'
import { fileStamp, logOf } from './backup-files.ts'
import { copyByChild } from './snapshot-run.ts'
import type { Store } from './store.ts'

export interface SnapshotOptions {
  readonly store: Pick<Store, 'copyTo' | 'roll' | 'dataDir' | 'path'>
  readonly jobs: JobRunner
  /** Asked before each copy: it may change while vc runs. */
  readonly minFreeBytes: () => number
  readonly now: () => Date
  /** A question asked within this time gets the same copy. */
  readonly reuseMs?: number
  /** A copy nobody asked for this long is removed; a child that has it open keeps reading. */
  readonly keepMs?: number
  readonly freeBytes?: () => Promise<number>
}

export interface Snapshots {
  get(): Promise<Snapshot>
  /** Removes them all. */
  close(): Promise<void>
}

/**
 * Copies of the live file for user SQL: made on demand, shared for two minutes, one at a time. Row by row, as a backup is
 * made, it takes half a minute for half a year of a fleet, and nothing is committed meanwhile.
 */
export const openSnapshots = (options: SnapshotOptions): Snapshots => {
  const { store, now, reuseMs = 120_000, keepMs = 600_000 } = options
  const dir = join(store.dataDir, 'snapshots')
  let made: { path: string; at: number } | null = null
  let making: Promise<{ path: string; at: number }> | null = null
  let sweep: NodeJS.Timeout | null = null

  const make = async (): Promise<{ path: string; at: number }> => {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await clear(dir, made?.path ?? null)
    await roomFor({ ...options, minFreeBytes: options.minFreeBytes(), passing: true })
    const at = now()
    const name = `vc-${fileStamp(at)}-${process.pid}.duckdb`
    const aside = join(dir, `${name}.tmp`)
    await store.roll()
    if (!(await copyByChild(options.jobs, store.path, aside))) {
      for (const left of [aside, logOf(aside)]) await rm(left, { force: true })
      await store.copyTo('snapshots', `${name}.tmp`)
    }
    await rename(aside, join(dir, name))
    return { path: join(dir, name), at: at.getTime() }
  }
  const clearLater = (): void => {
    if (sweep !== null) clearTimeout(sweep)
    sweep = setTimeout(() => {
      made = null
      void clear(dir, null)
    }, keepMs)
    sweep.unref()
  }
  return {
    async get() {
      // Made ahead of now: the clock was set back since, and nobody knows how old it is.
      if (made === null || now().getTime() - made.at >= reuseMs || now().getTime() < made.at) {
        making ??= make().finally(() => {
          making = null
        })
        made = await making
      }
      clearLater()
      const ageS = Math.max(0, Math.round((now().getTime() - made.at) / 1000))
      return { path: made.path, madeAt: new Date(made.at).toISOString(), ageS }
    },
    async close() {
      if (sweep !== null) clearTimeout(sweep)
      await making?.catch(() => undefined)
      await clear(dir, null)
    },
  }
}

const clear = async (dir: string, keep: string | null): Promise<void> => {
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name)
    if (path !== keep) await rm(path, { force: true })
  }
}
