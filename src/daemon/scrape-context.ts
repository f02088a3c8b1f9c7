import type { CollectContext, Collector, MachineFacts } from '../core/collector.ts'
import type { Row, Warning } from '../core/rows.ts'
import type { RunAsker } from '../transport/asker.ts'
import { talkMysql } from '../transport/sql-mysql.ts'

/** What the scrape of a machine needs from the rest of the house. */
export interface ScrapePorts {
  readonly cursors: (collector: string) => Promise<ReadonlyMap<string, unknown>>
  /** Rows of a latest table of this machine as last committed. */
  readonly known: (table: string) => Promise<readonly Row[]>
  /** `[collectors.<name>]` of vc.toml. */
  readonly options: (collector: string) => Readonly<Record<string, unknown>>
  readonly work: <Result>(job: URL, payload: unknown) => Promise<Result>
  readonly progress?: (collector: string, done: number, total: number) => void
  readonly now: () => Date
}

export interface ContextInput {
  readonly machine: MachineFacts
  readonly collector: Collector
  readonly ports: ScrapePorts
  readonly asker: RunAsker
  readonly startedAt: Date
  readonly cursors: ReadonlyMap<string, unknown>
  readonly warnings: Warning[]
  /** The run is alive and working: called at each progress. */
  readonly onProgress: () => void
}

const MAX_WARNINGS = 100

/** The world of one run of one collector. */
export function contextFor(input: ContextInput): CollectContext {
  const { machine, collector, ports, asker, startedAt, cursors, warnings } = input
  return {
    machine,
    startedAt,
    cursors,
    options: ports.options(collector.name),
    run: (ask) => asker.run(ask),
    stat: (paths) => asker.stat(paths),
    readRange: (request) => asker.readRange(request),
    sqlite: (path, sql) => asker.sqlite(path, sql),
    known: (table) => ports.known(table),
    work: (job, payload) => ports.work(job, payload),
    mysql: (target, talk) => talkMysql(target, talk),
    progress(done, total) {
      input.onProgress()
      ports.progress?.(collector.name, done, total)
    },
    warn(code, message, fix) {
      if (warnings.length < MAX_WARNINGS) warnings.push({ code, message, fix })
    },
  }
}
