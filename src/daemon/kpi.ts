import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { QueryContext } from '../queries/index.ts'
import { kpiBucket, readKpi } from '../queries/rows-kpi.ts'
import type { Store } from '../store/index.ts'

export interface KpiPorts {
  readonly store: Pick<Store, 'write'>
  readonly context: () => QueryContext
  readonly log: Log
}

/** Writes the key figures once in five minutes, after the first judgement in each. `look` never rejects. */
export const openKpiWatch = ({ store, context, log }: KpiPorts): { look(): Promise<void> } => {
  let written = Number.NEGATIVE_INFINITY
  return {
    async look() {
      const ctx = context()
      const bucket = kpiBucket(ctx.now).getTime()
      // A clock that was put back must not write a bucket twice; the store would refuse it, but it costs.
      if (bucket <= written) return
      const before = written
      written = bucket
      try {
        const batches = [{ table: 'kpi_snapshots', rows: [await readKpi(ctx)] }]
        const outcome = await store.write({
          machineId: 'fleet',
          source: 'oracle.kpi',
          at: ctx.now,
          batches,
          awaited: true,
        })
        if (!outcome.ok) throw new Error(outcome.detail)
      } catch (error) {
        written = before
        log.warn({ [K.detail]: messageOf(error) }, 'the key figures were not written')
      }
    },
  }
}
