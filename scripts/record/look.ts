import type { Collector } from '../../src/core/collector.ts'
import { VcError } from '../../src/core/errors.ts'
import type { Executor } from '../../src/core/executor.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Row, ScrapeRun } from '../../src/core/rows.ts'
import { scrapeMachine } from '../../src/daemon/scrape.ts'
import { openAbsences } from '../../src/daemon/scrape-needs.ts'
import { openAsker } from '../../src/transport/asker.ts'

/** What was learned about a machine so far: the rows of each table, and every collector's cursors. */
export interface Memory {
  readonly tables: Map<string, readonly Row[]>
  readonly cursors: Map<string, ReadonlyMap<string, unknown>>
}

export const emptyMemory = (): Memory => ({ tables: new Map(), cursors: new Map() })

const learn = ({ tables, cursors }: Memory, run: ScrapeRun): void => {
  const before = cursors.get(run.collector) ?? new Map<string, unknown>()
  cursors.set(run.collector, new Map([...before, ...run.cursors.map(({ key, value }) => [key, value] as const)]))
  for (const { table, rows } of run.batches) {
    tables.set(table, rows)
    tables.set(`latest_${table}`, rows)
  }
}

/**
 * One look of one collector through this executor. Everything goes through scripts, also on this machine, so that what
 * is recorded here can be played as a machine that is far away.
 */
export async function lookOnce(executor: Executor, collector: Collector, memory: Memory): Promise<ScrapeRun> {
  const asker = openAsker({ executor, local: false })
  const [run] = await scrapeMachine({
    machine: { id: 'host', local: false, os: null, tools: null },
    collectors: [collector],
    asker,
    absences: openAbsences(),
    ports: {
      cursors: async (name) => memory.cursors.get(name) ?? new Map(),
      known: async (table) => memory.tables.get(table) ?? [],
      options: () => ({}),
      work: () => Promise.reject(new VcError('no_worker', 'a recording reads everything through scripts', 'report it')),
      now: () => new Date(),
      log: silentLog,
    },
  })
  asker.close()
  if (run === undefined) throw new VcError('no_look', `${collector.name} did not run`, 'report it')
  learn(memory, run)
  return run
}
