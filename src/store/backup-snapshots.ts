import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import type { Snapshot } from '../core/keeper.ts'
import { roomFor } from './backup.ts'
import { fileStamp, logOf, sizeOf } from './backup-files.ts'
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
  /** A folder on another disk for a copy of so many bytes, for while there is no room beside the data; null: nowhere. */
  readonly elsewhere?: (bytes: number) => Promise<string | null>
}

interface Copy {
  readonly path: string
  readonly at: number
  /** The folder on another disk that goes with it. */
  readonly away: string | null
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
  let made: Copy | null = null
  let making: Promise<Copy> | null = null
  let sweep: NodeJS.Timeout | null = null

  const make = async (): Promise<Copy> => {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await clear(dir, made?.path ?? null)
    const away = await placeElsewhere(options)
    const at = now()
    const name = `vc-${fileStamp(at)}-${process.pid}.duckdb`
    try {
      const path = await copyInto(away ?? dir, name)
      if (made !== null) await clearAway(made)
      return { path, at: at.getTime(), away }
    } catch (error) {
      if (away !== null) await rm(away, { recursive: true, force: true })
      throw error
    }
  }
  const copyInto = async (folder: string, name: string): Promise<string> => {
    const aside = join(folder, `${name}.tmp`)
    await store.roll()
    if (!(await copyByChild(options.jobs, store.path, aside))) {
      for (const left of [aside, logOf(aside)]) await rm(left, { force: true })
      if (folder !== dir) throw busyWriting(store.path)
      await store.copyTo('snapshots', `${name}.tmp`)
    }
    await rename(aside, join(folder, name))
    return join(folder, name)
  }
  const clearAll = async (): Promise<void> => {
    const last = made
    made = null
    if (last !== null) await clearAway(last)
    await clear(dir, null)
  }
  const clearLater = (): void => {
    if (sweep !== null) clearTimeout(sweep)
    sweep = setTimeout(() => void clearAll(), keepMs)
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
      made = (await making?.catch(() => null)) ?? made
      await clearAll()
    },
  }
}

/** Where beside the data there is no room for a copy: a folder elsewhere. Null: there is. Throws `disk_full` where there is none anywhere. */
const placeElsewhere = async (options: SnapshotOptions): Promise<string | null> => {
  try {
    await roomFor({ ...options, minFreeBytes: options.minFreeBytes(), passing: true })
    return null
  } catch (error) {
    if (!(error instanceof VcError) || error.code !== 'disk_full') throw error
    const { path } = options.store
    const bytes = ((await sizeOf(path)) ?? 0) + ((await sizeOf(logOf(path))) ?? 0)
    const away = (await options.elsewhere?.(bytes)) ?? null
    if (away !== null) return away
    const fix = `${error.fix}; or name a disk with room to the daemon: TMPDIR; vc status and vc robot answer without a copy`
    throw new VcError(error.code, error.message, fix, { cause: error })
  }
}

const busyWriting = (path: string): VcError =>
  new VcError('snapshot_failed', `${path} was written too often to be copied`, 'try again in a moment')

const clearAway = async ({ away }: Copy): Promise<void> => {
  if (away !== null) await rm(away, { recursive: true, force: true })
}

const clear = async (dir: string, keep: string | null): Promise<void> => {
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name)
    if (path !== keep) await rm(path, { force: true })
  }
}
