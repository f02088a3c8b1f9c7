import { expect } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { openMemory } from '../../src/daemon/memory.ts'
import { type ScrapeInput, scrapeMachine } from '../../src/daemon/scrape.ts'
import { openAbsences } from '../../src/daemon/scrape-needs.ts'
import type { Store } from '../../src/store/index.ts'

type Given = Pick<ScrapeInput, 'asker' | 'collectors'> & {
  readonly machine?: Partial<ScrapeInput['machine']>
  readonly now?: () => Date
}

/** One look of these collectors at a machine, as the daemon takes it, committed to the store. */
export const scrapedInto = async (store: Store, given: Given): Promise<readonly ScrapeRun[]> => {
  const { asker, collectors, machine, now = () => new Date() } = given
  const memory = openMemory(store)
  const runs = await scrapeMachine({
    machine: { id: 'atlas', local: true, os: null, tools: null, ...machine },
    collectors,
    asker,
    absences: openAbsences(),
    ports: {
      cursors: (collector) => memory.cursors('atlas', collector),
      known: (table) => memory.known('atlas', table),
      options: () => ({}),
      work: () => Promise.reject(new Error('no worker needed')),
      now,
      log: silentLog,
    },
  })
  for (const run of runs) expect(await store.append(run)).toMatchObject({ ok: true })
  return runs
}
