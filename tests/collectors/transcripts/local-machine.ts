import type { CollectContext, Collector, CollectResult } from '../../../src/core/collector.ts'
import { unpackRows } from '../../../src/core/packed-rows.ts'
import type { Row, Warning } from '../../../src/core/rows.ts'
import { WorkerPool } from '../../../src/transport/workers/pool.ts'

/** This machine with a home of its own: real worker threads, real files, cursors kept between runs as the store would. */
export const createLocalMachine = (home: string, env: Record<string, string> = {}) => {
  const pool = new WorkerPool({ home, env })
  const cursors = new Map<string, unknown>()
  const warnings: Warning[] = []
  const progress: [number, number][] = []
  const refuse = async (): Promise<never> => {
    throw new Error('a local collector asks no script')
  }
  let now = Date.UTC(2026, 10, 21)
  const collect = async (collector: Collector, options: Record<string, unknown> = {}): Promise<CollectResult> => {
    const ctx: CollectContext = {
      machine: { id: 'atlas', local: true, os: 'Linux', tools: null },
      startedAt: new Date(now),
      cursors: new Map(cursors),
      options,
      known: async () => [],
      work: (job, payload) => pool.run(job, payload),
      progress: (done, total) => progress.push([done, total]),
      warn: (code, message, fix) => warnings.push({ code, message, fix }),
      run: refuse,
      stat: refuse,
      readRange: refuse,
      sqlite: refuse,
      mysql: refuse,
    }
    const result = await collector.collect(ctx)
    now += 30_000
    // Through JSON, as cursors rest in the store.
    for (const { key, value } of result.cursors ?? []) {
      if (value === null) cursors.delete(key)
      else cursors.set(key, JSON.parse(JSON.stringify(value)))
    }
    return result
  }
  return { collect, cursors, warnings, progress, close: () => pool.close() }
}

export const rowsOf = (result: CollectResult, table: string): readonly Row[] =>
  result.batches
    .filter((batch) => batch.table === table)
    .flatMap((batch) => [...batch.rows, ...(batch.packed === undefined ? [] : unpackRows(batch.packed))])
