import { messageOf } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import type { UserRow } from '../oracle/user-rule.ts'
import { refuseText } from '../store/guard-text.ts'
import type { Store } from '../store/index.ts'
import { QUERY_LIMITS, type QueryLimits, runQuery } from '../store/query-run.ts'

export interface SqlRules {
  /** Rows of one rule's SQL over what is now. Throws VcError with the sentence a person needs. */
  rows(sql: string): Promise<readonly UserRow[]>
  /** Ends what runs and removes the copy. */
  stop(): Promise<void>
}

/** Tighter than `vc query`: a rule is asked again and again. */
const LIMITS: QueryLimits = {
  ...QUERY_LIMITS,
  maxRows: 1_000,
  maxBytes: 4 * 1_048_576,
  wallMs: 10_000,
  memoryMb: 256,
  threads: 1,
}

/** Rules of one look share a copy. */
const SHARED_MS = 5_000
const HOUR_MS = 3_600_000

/** Runs the SQL of rules in children, one after the other, over a small database of what is now; the store itself never sees it. */
export const openSqlRules = (store: Pick<Store, 'copyPresent'>, jobs: JobRunner, now: () => Date): SqlRules => {
  let copy: { readonly path: string; readonly atMs: number } | null = null
  let turn: Promise<unknown> = Promise.resolve()
  let stopped = false

  const fresh = async (): Promise<string> => {
    const atMs = now().getTime()
    if (copy === null || atMs - copy.atMs >= SHARED_MS || atMs < copy.atMs)
      copy = { path: await store.copyPresent('rules.duckdb', new Date(atMs - HOUR_MS)), atMs }
    return copy.path
  }
  const ask = async (sql: string): Promise<readonly UserRow[]> => {
    if (stopped) return []
    refuseText(sql)
    const rows: UserRow[] = []
    let names: readonly string[] = []
    await runQuery(
      jobs,
      { dbPath: await fresh(), sql, limits: LIMITS },
      {
        columns: (columns) => {
          names = columns.map(({ name }) => name)
        },
        row: (values) =>
          void rows.push(Object.fromEntries(values.map((value, at) => [names[at] ?? `column${at}`, value]))),
      },
    )
    return rows
  }
  return {
    rows(sql) {
      const mine = turn.then(() => ask(sql))
      turn = mine.catch(messageOf)
      return mine
    },
    async stop() {
      stopped = true
      await turn
    },
  }
}
