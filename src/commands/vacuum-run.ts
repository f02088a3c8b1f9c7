import type { LoadedConfig } from '../config/index.ts'
import { messageOf, usageError } from '../core/errors.ts'
import { planVacuum, type Store } from '../store/index.ts'
import { byOwner } from './by-owner.ts'
import type { StorePlaces } from './store-places.ts'

export interface VacuumWish {
  /** Copy closed days into the archive. */
  readonly archive: boolean
  /** And remove live rows older than they are kept for, once their day is sealed. */
  readonly remove: boolean
  readonly hub: string
}

export interface VacuumReport {
  readonly sealedDays: number
  readonly sealedRows: number
  readonly sealedBytes: number
  readonly removedDays: number
  readonly removedRows: number
  /** What could not be done, and why; the rows of it stay where they are. */
  readonly troubles: readonly string[]
}

/** A wish as it came over the socket; anything but plain words is refused. */
export const parseVacuumWish = (given: Readonly<Record<string, unknown>>): VacuumWish => {
  if (typeof given.archive !== 'boolean' || typeof given.remove !== 'boolean' || typeof given.hub !== 'string')
    throw usageError('bad_vacuum', 'this is no wish for a vacuum', 'vc vacuum --help')
  return { archive: given.archive, remove: given.remove, hub: given.hub }
}

/** What the configuration of the owner allows of a wish: who asks over the socket may not delete more than vc.toml says. */
export const allowedVacuum = (wish: VacuumWish, { config }: Pick<LoadedConfig, 'config'>): VacuumWish => ({
  ...wish,
  archive: wish.archive && config.retention.archive,
  remove: wish.remove && config.retention.delete,
  hub: config.retention.hub,
})

/** Seals and removes what the plan names, day by day; a day that fails is told and leaves the others alone. */
export const runVacuum = async (
  store: Pick<Store, 'db' | 'sealDay' | 'dropDay'>,
  wish: VacuumWish,
  now: Date,
): Promise<VacuumReport> => {
  const done = { sealedDays: 0, sealedRows: 0, sealedBytes: 0, removedDays: 0, removedRows: 0 }
  const troubles: string[] = []
  if (!wish.archive && !wish.remove) return { ...done, troubles }
  for (const step of await planVacuum(store.db, now)) {
    try {
      if (step.seal) {
        const sealed = await store.sealDay(step.table, step.day, wish.hub)
        if (sealed === null) continue
        done.sealedDays += 1
        done.sealedRows += sealed.rows
        done.sealedBytes += sealed.bytes
      }
      if (!step.remove || !wish.remove) continue
      done.removedRows += await store.dropDay(step.table, step.day)
      done.removedDays += 1
    } catch (error) {
      troubles.push(`${step.table} ${step.day}: ${messageOf(error)}`)
    }
  }
  return { ...done, troubles }
}

const PATIENCE_MS = 3_600_000

/** By whoever owns the store. */
export const vacuumStore = (places: StorePlaces, wish: VacuumWish): Promise<VacuumReport> =>
  byOwner(places, {
    path: '/v1/vacuum',
    body: { ...wish },
    timeoutMs: PATIENCE_MS,
    here: (store) => runVacuum(store, wish, new Date()),
  })
