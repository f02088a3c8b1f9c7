import { type CollectContext, type Collector, type CollectResult, defineCollector } from '../../src/core/collector.ts'
import type { Executor } from '../../src/core/executor.ts'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { type ScrapeInput, scrapeMachine } from '../../src/daemon/scrape.ts'
import { openAbsences } from '../../src/daemon/scrape-needs.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { shMachine } from '../transport/sh-machine.ts'

export const NOW = new Date('2026-01-02T03:04:05Z')

interface Change {
  readonly name?: string
  readonly needs?: Collector['needs']
  readonly timeoutMs?: number
}

export const collector = (collect: (ctx: CollectContext) => Promise<CollectResult>, change: Change = {}): Collector =>
  defineCollector({
    name: 'sample',
    version: '1.0.0',
    schemaVersion: 3,
    tables: ['things'],
    interval: { localS: 10, remoteS: 30 },
    timeoutMs: 20_000,
    needs: [],
    about: 'for tests',
    collect,
    ...change,
  })

export const saying = (word: string): Collector =>
  collector(
    async (ctx) => {
      const answer = await ctx.run({ script: 'printf %s "$1"', args: [word] })
      return { batches: [{ table: 'things', rows: [{ word: Buffer.from(answer.stdout).toString() }] }] }
    },
    { name: word },
  )

interface Given extends Partial<Omit<ScrapeInput, 'collectors' | 'ports'>> {
  readonly executor?: Executor
  readonly cursors?: ReadonlyMap<string, unknown>
  readonly ports?: Partial<ScrapeInput['ports']>
}

export function scrape(collectors: readonly Collector[], given: Given = {}): Promise<readonly ScrapeRun[]> {
  const { executor = shMachine(), cursors = new Map(), ports, ...rest } = given
  return scrapeMachine({
    machine: { id: 'atlas', local: false, os: null, tools: null },
    collectors,
    asker: openAsker({ executor, local: false, graceMs: 60_000 }),
    absences: openAbsences(),
    ports: {
      cursors: async () => cursors,
      known: async () => [],
      options: () => ({}),
      work: async () => Promise.reject(new Error('no pool in this test')),
      now: () => NOW,
      ...ports,
    },
    ...rest,
  })
}

export const only = async (runs: Promise<readonly ScrapeRun[]>): Promise<ScrapeRun> => {
  const [run, ...others] = await runs
  if (run === undefined || others.length > 0) throw new Error('expected one run')
  return run
}
