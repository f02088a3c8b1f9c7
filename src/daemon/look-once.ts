import type { LookMemory } from '../commands/record.ts'
import type { Collector } from '../core/collector.ts'
import { VcError } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import type { ScrapeRun } from '../core/rows.ts'
import { openAsker } from '../transport/asker.ts'
import { scrapeMachine } from './scrape.ts'
import { openAbsences } from './scrape-needs.ts'

const learn = ({ tables, cursors }: LookMemory, run: ScrapeRun): void => {
  const before = cursors.get(run.collector) ?? new Map<string, unknown>()
  cursors.set(run.collector, new Map([...before, ...run.cursors.map(({ key, value }) => [key, value] as const)]))
  for (const { table, rows } of run.batches) {
    tables.set(table, rows)
    tables.set(`latest_${table}`, rows)
  }
}

/**
 * One look of one collector through this executor, without a store. Everything goes through scripts, also on this
 * machine, so that what is recorded here can be played as a machine that is far away.
 */
export async function lookOnce(
  executor: Executor,
  collector: Collector,
  memory: LookMemory,
  options: Readonly<Record<string, unknown>> = {},
): Promise<ScrapeRun> {
  const asker = openAsker({ executor, local: false })
  const [run] = await scrapeMachine({
    machine: { id: 'host', local: false, os: null, tools: null },
    collectors: [collector],
    asker,
    absences: openAbsences(),
    ports: {
      cursors: async (name) => memory.cursors.get(name) ?? new Map(),
      known: async (table) => memory.tables.get(table) ?? [],
      options: () => options,
      work: () => Promise.reject(new VcError('no_worker', 'a recording reads everything through scripts', 'report it')),
      now: () => new Date(),
    },
  })
  asker.close()
  if (run === undefined) throw new VcError('no_look', `${collector.name} did not run`, 'report it')
  learn(memory, run)
  return run
}
