import { expect } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { openMemory } from '../../src/daemon/memory.ts'
import { type ScrapeInput, scrapeMachine } from '../../src/daemon/scrape.ts'
import { openAbsences } from '../../src/daemon/scrape-needs.ts'
import type { Store } from '../../src/store/index.ts'

type Given = Pick<ScrapeInput, 'asker' | 'collectors'> &
  Partial<Pick<ScrapeInput['ports'], 'now' | 'options' | 'work'>> & {
    readonly machine?: Partial<ScrapeInput['machine']>
  }

/** One look of these collectors at a machine, as the daemon takes it, committed to the store. */
export const scrapedInto = async (store: Store, given: Given): Promise<readonly ScrapeRun[]> => {
  const { asker, collectors, ...rest } = given
  const machine = { id: 'atlas', local: true, os: null, tools: null, ...rest.machine }
  const memory = openMemory(store)
  const runs = await scrapeMachine({
    machine,
    collectors,
    asker,
    absences: openAbsences(),
    ports: {
      cursors: (collector) => memory.cursors(machine.id, collector),
      known: (table) => memory.known(machine.id, table),
      options: rest.options ?? (() => ({})),
      work: rest.work ?? (() => Promise.reject(new Error('no worker needed'))),
      now: rest.now ?? (() => new Date()),
    },
  })
  for (const run of runs) expect(await store.append(run)).toMatchObject({ ok: true })
  return runs
}
