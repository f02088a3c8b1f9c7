import type { Db } from '../db.ts'
import { time } from '../sql.ts'
import { noHistory } from './history.ts'
import { ALIAS_OF_USE } from './session-alias.ts'
import { unlessEmpty } from './unless-empty.ts'

export const USAGE_GROUPS = [
  'hour',
  'day',
  'weekday_hour',
  'model',
  'machine',
  'account',
  'project',
  'agent',
  'session',
  'cli',
  'provider',
] as const
export type UsageGroup = (typeof USAGE_GROUPS)[number]

/** Tokens as everywhere: input excludes cache, output includes reasoning. `group` is null where the fact is unknown. */
export interface UsageTotal {
  readonly group: string | null
  readonly messages: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly reasoning_tokens: number
  readonly total_tokens: number
  /** Of the priced messages only; what is missing from it stands in `unpriced_tokens`. */
  readonly cost_microusd: number
  readonly unpriced_tokens: number
  readonly shared_messages: number
  readonly first_ts: string
  readonly last_ts: string
}

export interface UsageQuestion {
  readonly since: Date
  /** Exclusive. */
  readonly until: Date
  readonly groupBy: UsageGroup
  readonly machineId?: string | undefined
  readonly provider?: string | undefined
  /** Only models whose name holds these words: `opus`, `opus-4.5`. */
  readonly model?: string | undefined
  /** What vc had counted by then. Only "now" can be told exactly: rows are merged in place. */
  readonly at?: Date | undefined
}

const GROUP_SQL: Readonly<Record<UsageGroup, string>> = {
  hour: "strftime(u.ts, '%Y-%m-%dT%H:00:00.000Z')",
  day: "strftime(u.ts, '%Y-%m-%d')",
  // ISO weekday (1 is Monday) and UTC hour: a week laid over the other.
  weekday_hour: "isodow(u.ts) || '-' || strftime(u.ts, '%H')",
  model: 'u.model',
  machine: 'u.machine_id',
  account: 'u.account_key',
  project: 'u.project',
  agent: 'a.agent_id',
  session: 'u.session_id',
  cli: 'u.cli',
  provider: 'u.provider',
}

const IN_TIME: ReadonlySet<UsageGroup> = new Set(['hour', 'day', 'weekday_hour'])

// A session is joined with its agent by the alias the identity rules keep.
const AGENT_JOIN = `LEFT JOIN agent_aliases AS a
  ON a.machine_id = u.machine_id AND a.alias = ${ALIAS_OF_USE}`

const SUMS = `count(*) AS messages, sum(u.input_tokens) AS input_tokens, sum(u.output_tokens) AS output_tokens,
  sum(u.cache_read_tokens) AS cache_read_tokens,
  sum(u.cache_write_5m_tokens + u.cache_write_1h_tokens) AS cache_write_tokens,
  sum(u.reasoning_tokens) AS reasoning_tokens, sum(u.total_tokens) AS total_tokens,
  coalesce(sum(u.cost_microusd), 0) AS cost_microusd,
  coalesce(sum(u.total_tokens) FILTER (u.cost_microusd IS NULL), 0) AS unpriced_tokens,
  count(*) FILTER (u.shared) AS shared_messages, min(u.ts) AS first_ts, max(u.ts) AS last_ts`

/** Whether the model of a row `u` of the ledger holds words as `wordsOfModel` tells them. */
export const HAS_WORDS = (words: string): string =>
  `contains('-' || replace(lower(u.model), '.', '-') || '-', ${words})`

/** Sums of the ledger over messages written in [since, until). With `at` the range is cut there. */
export const usageTotals = async (db: Db, question: UsageQuestion): Promise<UsageTotal[]> => {
  const until = cut(question)
  return unlessEmpty(db, ['agent_usage'], () =>
    db.rows<UsageTotal>(
      `SELECT ${GROUP_SQL[question.groupBy]} AS "group", ${SUMS}
     FROM agent_usage AS u ${question.groupBy === 'agent' ? AGENT_JOIN : ''}
     WHERE u.ts >= ${time(question.since)} AND u.ts < ${time(until)} AND ($machine IS NULL OR u.machine_id = $machine)
       AND ($provider IS NULL OR u.provider = $provider)
       AND ($model IS NULL OR ${HAS_WORDS('$model')})
     GROUP BY 1 ORDER BY ${IN_TIME.has(question.groupBy) ? '1' : 'total_tokens DESC, 1'}`,
      { machine: question.machineId ?? null, provider: question.provider ?? null, model: wordsOfModel(question.model) },
    ),
  )
}

// Between dashes, so that `opus` is no part of another word; points and dashes in versions are one to providers.
export const wordsOfModel = (model: string | undefined): string | null =>
  model === undefined ? null : `-${model.toLowerCase().replaceAll('.', '-')}-`

const cut = ({ since, until, at }: UsageQuestion): Date => {
  if (!at || at >= until) return until
  if (at < since) throw noHistory('usage', 'the asked time lies before the asked range')
  return at
}

export interface UsageCoverage {
  readonly machine_id: string
  /** The machine has rows in [since, until). */
  readonly covered: boolean
  readonly messages: number
  readonly total_tokens: number
  /** Tokens in the seven days before `until`, and their part of the fleet's; null when the fleet had none. */
  readonly last_week_tokens: number
  readonly last_week_share_pct: number | null
  readonly newest_ts: string | null
}

const WEEK_MS = 7 * 86_400_000

/** Which machines a sum covers, and how much of last week's volume they stand for. */
export const usageCoverage = (
  db: Db,
  question: { readonly since: Date; readonly until: Date },
): Promise<UsageCoverage[]> => {
  const inRange = `ts >= ${time(question.since)} AND ts < ${time(question.until)}`
  const inWeek = `ts >= ${time(question.until.getTime() - WEEK_MS)} AND ts < ${time(question.until)}`
  const low = Math.min(question.since.getTime(), question.until.getTime() - WEEK_MS)
  return db.rows<UsageCoverage>(
    `WITH known AS (SELECT machine_id FROM machines WHERE removed_at IS NULL),
       used AS (
         SELECT machine_id, count(*) FILTER (${inRange}) AS messages, coalesce(sum(total_tokens) FILTER (${inRange}), 0) AS total_tokens,
           coalesce(sum(total_tokens) FILTER (${inWeek}), 0) AS last_week_tokens, max(ts) AS newest_ts
         FROM agent_usage WHERE ts >= ${time(low)} AND ts < ${time(question.until)} GROUP BY 1)
     SELECT machine_id, coalesce(messages, 0) > 0 AS covered, coalesce(messages, 0) AS messages,
       coalesce(total_tokens, 0) AS total_tokens, coalesce(last_week_tokens, 0) AS last_week_tokens,
       100.0 * coalesce(last_week_tokens, 0) / nullif(sum(last_week_tokens) OVER (), 0)::DOUBLE AS last_week_share_pct, newest_ts
     FROM known FULL JOIN used USING (machine_id) ORDER BY machine_id`,
  )
}
