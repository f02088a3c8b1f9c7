import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Collector } from '../../src/core/collector.ts'
import type { Executor, RunRequest } from '../../src/core/executor.ts'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'
import { scrapedInto } from './scraped-into.ts'

export const FIXTURES = join(import.meta.dirname, '../fixtures')

/** A machine in a scratch folder: real shell, real SQLite, real store. `remote` reads databases as over SSH. */
export interface GuardMachine {
  readonly home: string
  readonly store: Store
  /** One tick of one collector, committed. */
  look(collector: Collector, over?: LookOptions): Promise<ScrapeRun>
  /** Builds a database below the home from SQL of the fixtures, or of `sql`. */
  build(path: string, fixture: string): void
  change(path: string, sql: string): void
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

export interface LookOptions {
  readonly at?: Date
  readonly remote?: boolean
  readonly tools?: ReadonlyMap<string, string>
  readonly options?: Readonly<Record<string, unknown>>
  /** As if that machine had neither sqlite3 nor python3. */
  readonly withoutPrograms?: boolean
}

export const openGuardMachine = async (): Promise<GuardMachine> => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vcg-')))
  const home = join(dir, 'home')
  mkdirSync(home)
  const store = await openStore({ dataDir: join(dir, 'data'), minFreeBytes: 0 })
  const local = openLocalExecutor()
  let env = ''
  // The home of this machine is the scratch folder, whoever runs the test.
  const executor: Executor = { ...local, run: (request) => local.run(withHome(request, `${setHome(home)}${env}`)) }
  const askers = { true: openAsker({ executor, local: false }), false: openAsker({ executor, local: true }) }
  const tables = new DatabaseFiles(home)
  return {
    home,
    store,
    build: (path, fixture) => tables.exec(path, readFileSync(join(FIXTURES, fixture), 'utf8')),
    change: (path, sql) => tables.exec(path, sql),
    rows: (sql) => store.db.rows(sql),
    async look(collector, { at = new Date(), remote = false, tools, options = {}, withoutPrograms = false } = {}) {
      env = withoutPrograms ? `PATH='${pathWithoutReaders(dir)}'; export PATH\n` : ''
      const [run] = await scrapedInto(store, {
        asker: askers[`${remote}`],
        collectors: [collector],
        machine: { local: !remote, os: 'Linux', tools: tools ?? null },
        options: () => options,
        now: () => at,
      })
      if (run === undefined) throw new Error(`${collector.name} did not run`)
      return run
    },
    async close() {
      for (const asker of Object.values(askers)) asker.close()
      await local.close()
      await store.close()
      rmSync(dir, { recursive: true })
    },
  }
}

const setHome = (home: string): string =>
  `HOME='${home}'; export HOME; unset XDG_CONFIG_HOME XDG_DATA_HOME STORAGE_ROOT DCG_HISTORY_DB RANO_CONFIG\n`

const withHome = (request: RunRequest, lines: string): RunRequest => ({
  ...request,
  script: `${lines}${request.script}`,
})

/** A folder with the usual programs, but nothing that reads SQLite. */
const pathWithoutReaders = (dir: string): string => {
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  for (const name of [
    'sh',
    'stat',
    'find',
    'head',
    'sed',
    'awk',
    'cat',
    'tr',
    'timeout',
    'od',
    'sleep',
    'mkdir',
    'rm',
    'mktemp',
    'date',
    'wc',
    'kill',
  ])
    for (const from of ['/usr/bin', '/bin'])
      if (existsSync(join(from, name)) && !existsSync(join(bin, name))) symlinkSync(join(from, name), join(bin, name))
  return bin
}

class DatabaseFiles {
  readonly home: string
  constructor(home: string) {
    this.home = home
  }
  exec(path: string, sql: string): void {
    const file = join(this.home, path)
    mkdirSync(dirname(file), { recursive: true })
    const database = new DatabaseSync(file, { enableForeignKeyConstraints: false })
    database.exec(sql)
    database.close()
  }
}
