import type { FleetPlan } from '../../src/core/plan.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Db, Store } from '../../src/store/index.ts'
import { at } from '../store/support.ts'

export const MANY = 40
export const many = <One>(one: (i: number) => One): One[] => Array.from({ length: MANY }, (_, i) => one(i))

/** One machine, one source. */
export const plan: FleetPlan = {
  machines: [{ machineId: 'atlas', local: true, enabled: true, sources: [{ source: 'claude', intervalS: 30 }] }],
}

/** What a query is asked with; `most`: the most rows that one read brought since it was last asked. */
export const watched = (store: Store) => {
  let most = 0
  const rows = (async (sql, params) => {
    const found = await store.db.rows(sql, params)
    most = Math.max(most, found.length)
    return found
  }) as Db['rows']
  const told = (): number => {
    const before = most
    most = 0
    return before
  }
  return { ctx: { db: { rows }, now: at(600), plan }, most: told }
}

/** Asks a store as it is, and counts the most rows that one of its reads brought. */
export const asking = (store: Store) => {
  const { ctx, most } = watched(store)
  return async (topic: string, params: Record<string, unknown> = {}) => {
    most()
    const reply = await answer(queries, { topic, params }, ctx)
    return { data: reply.data as Record<string, never>, warnings: reply.warnings ?? [], most: most() }
  }
}
