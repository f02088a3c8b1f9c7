import type { Db } from '../db.ts'
import { text, time } from '../sql.ts'
import { unlessEmpty } from './unless-empty.ts'
import { HAS_WORDS, wordsOfModel } from './usage.ts'

export interface UsageWindow {
  readonly since: Date
  readonly provider: string
  /** Of these accounts, and of no known one; null: of all. */
  readonly accountKeys: readonly string[] | null
  /** Only models whose name holds these words: `opus`, `opus-4.5`. */
  readonly model?: string | undefined
}

export interface WindowUseRow {
  /** Which of the windows asked about. */
  readonly nth: number
  readonly account_key: string | null
  readonly total_tokens: number
  readonly cost_microusd: number
  readonly unpriced_tokens: number
}

const orNull = (value: string | null): string => (value === null ? 'NULL' : text(value))

const rowOf = ({ since, provider, model }: UsageWindow, nth: number, key: string | null): string =>
  `(${nth}, ${text(provider)}, ${time(since)}, ${orNull(wordsOfModel(model))}::VARCHAR, ${orNull(key)}::VARCHAR)`

const rowsOf = (window: UsageWindow, nth: number): readonly string[] =>
  window.accountKeys === null
    ? [rowOf(window, nth, null)]
    : [...new Set([...window.accountKeys, null])].map((key) => rowOf(window, nth, key))

const ask = (db: Db, rows: readonly string[], since: Date, until: Date, more: string): Promise<WindowUseRow[]> =>
  rows.length === 0
    ? Promise.resolve([])
    : db.rows<WindowUseRow>(
        `WITH spans(nth, provider, since, words, account_key) AS (VALUES ${rows.join(', ')})
         SELECT s.nth, u.account_key, sum(u.total_tokens)::BIGINT AS total_tokens,
           coalesce(sum(u.cost_microusd), 0)::BIGINT AS cost_microusd,
           coalesce(sum(u.total_tokens) FILTER (u.cost_microusd IS NULL), 0)::BIGINT AS unpriced_tokens
         FROM agent_usage AS u JOIN spans AS s ON s.provider = u.provider AND u.ts >= s.since ${more}
         WHERE u.ts >= ${time(since)} AND u.ts < ${time(until)} AND (s.words IS NULL OR ${HAS_WORDS('s.words')})
         GROUP BY ALL ORDER BY ALL`,
      )

/** What was used in each of many windows that end now, by account: read at once, as each alone reads the same rows of the ledger. */
export const usageInWindows = async (
  db: Db,
  windows: readonly UsageWindow[],
  until: Date,
): Promise<readonly WindowUseRow[]> => {
  const since = new Date(Math.min(...windows.map((window) => window.since.getTime())))
  const rowsWhere = (isWhole: boolean): readonly string[] =>
    windows.flatMap((window, nth) => ((window.accountKeys === null) === isWhole ? rowsOf(window, nth) : []))
  return unlessEmpty(db, ['agent_usage'], async () => [
    ...(await ask(db, rowsWhere(false), since, until, 'AND s.account_key IS NOT DISTINCT FROM u.account_key')),
    ...(await ask(db, rowsWhere(true), since, until, '')),
  ])
}
