import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CollectContext, Collector } from '../../../src/core/collector.ts'
import type { ScrapeRun } from '../../../src/core/rows.ts'
import { openStore, type Store } from '../../../src/store/index.ts'
import { openAsker } from '../../../src/transport/asker.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { scrapedInto } from '../scraped-into.ts'

/** Runs a job module here, as the worker pool would in a thread of its own. */
export const workHere: CollectContext['work'] = async <Result>(job: URL, payload: unknown): Promise<Result> => {
  const module = (await import(job.href)) as { run: (payload: unknown, io: unknown) => Result | Promise<Result> }
  return module.run(structuredClone(payload), undefined)
}

export interface LocalWorld {
  readonly dir: string
  readonly store: Store
  /** One run of a collector through the real frame, committed. */
  tick(collector: Collector, given?: TickGiven): Promise<ScrapeRun>
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

interface TickGiven {
  readonly options?: Readonly<Record<string, unknown>>
  readonly tools?: ReadonlyMap<string, string>
  readonly now?: Date
}

export async function openLocalWorld(): Promise<LocalWorld> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vc-beads-')))
  const store = await openStore({ dataDir: join(dir, 'data') })
  const executor = openLocalExecutor()
  const asker = openAsker({ executor, local: true })
  return {
    dir,
    store,
    async tick(collector, { options = {}, tools, now } = {}) {
      const [run] = await scrapedInto(store, {
        asker,
        collectors: [collector],
        machine: { tools: tools ?? null },
        options: () => options,
        work: workHere,
        now: () => now ?? new Date(),
      })
      if (!run) throw new Error('no run')
      return run
    },
    rows: (sql) => store.db.rows(sql),
    async close() {
      asker.close()
      await executor.close()
      await store.close()
    },
  }
}

/** A `.beads` folder with these files. */
export const makeBeads = (dir: string, files: Readonly<Record<string, string>>): string => {
  const beads = join(dir, '.beads')
  mkdirSync(beads, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(beads, name), text)
  return beads
}
