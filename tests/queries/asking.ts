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

/** Asks a store as it is, and counts the most rows that one of its reads brought. */
export const asking = (store: Store) => {
  let most = 0
  const rows = (async (sql, params) => {
    const found = await store.db.rows(sql, params)
    most = Math.max(most, found.length)
    return found
  }) as Db['rows']
  return async (topic: string, params: Record<string, unknown> = {}) => {
    most = 0
    const reply = await answer(queries, { topic, params }, { db: { rows }, now: at(600), plan })
    return { data: reply.data as Record<string, never>, warnings: reply.warnings ?? [], most }
  }
}
