import type { Db } from '../db.ts'
import { time } from '../sql.ts'
import { ALIAS_OF_USE } from './session-alias.ts'
import { unlessEmpty } from './unless-empty.ts'

export interface CostSpan {
  readonly since: Date
  /** Exclusive. */
  readonly until: Date
}

export interface HourCostRow {
  readonly bucket_at: string
  readonly cost_microusd: number
  readonly total_tokens: number
  readonly unpriced_tokens: number
}

/** What the whole fleet used per hour (UTC); hours without use have no row. */
export const hourlyCost = (db: Db, { since, until }: CostSpan): Promise<HourCostRow[]> =>
  db.rows<HourCostRow>(
    `SELECT bucket_at, sum(cost_microusd)::BIGINT AS cost_microusd, sum(total_tokens)::BIGINT AS total_tokens,
       sum(unpriced_tokens)::BIGINT AS unpriced_tokens
     FROM usage_1h WHERE bucket_at >= ${time(since)} AND bucket_at < ${time(until)} GROUP BY bucket_at ORDER BY bucket_at`,
  )

export interface BeadCostRow {
  readonly bead: string | null
  readonly messages: number
  readonly total_tokens: number
  readonly cost_microusd: number
  readonly unpriced_tokens: number
}

/** By the bead that hung on the agent's hook when the message was written; null: none is known. Nothing where no hook was ever seen. */
export const beadCost = (db: Db, { since, until }: CostSpan): Promise<BeadCostRow[]> =>
  unlessEmpty(db, ['gastown_agents'], () =>
    db.rows<BeadCostRow>(
      `WITH used AS (
       SELECT u.ts, u.total_tokens, u.cost_microusd, u.machine_id, g.pane_key
       FROM agent_usage AS u
       LEFT JOIN agent_aliases AS a ON a.machine_id = u.machine_id AND a.alias = ${ALIAS_OF_USE}
       LEFT JOIN agents AS g ON g.agent_id = a.agent_id
       WHERE u.ts >= ${time(since)} AND u.ts < ${time(until)})
     SELECT CASE WHEN h.gone THEN NULL ELSE h.hook_bead END AS bead, count(*)::INTEGER AS messages,
       sum(used.total_tokens)::BIGINT AS total_tokens, coalesce(sum(used.cost_microusd), 0)::BIGINT AS cost_microusd,
       coalesce(sum(used.total_tokens) FILTER (used.cost_microusd IS NULL), 0)::BIGINT AS unpriced_tokens
     FROM used ASOF LEFT JOIN gastown_agents AS h
       ON h.machine_id = used.machine_id AND h.pane_key = used.pane_key AND used.ts >= h.collected_at
     GROUP BY 1 ORDER BY total_tokens DESC, 1`,
    ),
  )

export interface OverheadRow {
  readonly agent_id: string
  readonly messages: number
  readonly total_tokens: number
  readonly cost_microusd: number
  readonly unpriced_tokens: number
  readonly idle_hours: number
}

/** A turn shorter than what lies between two looks may not have been seen at work. */
const SETTLED = 'INTERVAL 60 SECOND'

/** What agents used while they were seen idle, before and a minute after the message; most first. */
export const idleOverhead = (db: Db, { since, until }: CostSpan): Promise<OverheadRow[]> =>
  db.rows<OverheadRow>(
    // Of all that was before, only who idled when the span began: a window over half a year is sorted as a whole. What an
    // agent used that never idled is joined to nothing.
    `WITH told AS (
       SELECT agent_id, state, event_at FROM agent_state_events WHERE event_at >= ${time(since)} AND event_at < ${time(until)}
       UNION ALL
       SELECT agent_id, arg_max(state, event_at), max(event_at) FROM agent_state_events
       WHERE event_at < least(${time(since)}, ${time(until)}) GROUP BY agent_id HAVING arg_max(state, event_at) = 'idle'),
     changes AS (
       SELECT agent_id, state, event_at, lead(event_at, 1, ${time(until)}) OVER (PARTITION BY agent_id ORDER BY event_at) AS until_at
       FROM told),
     rest AS (
       SELECT agent_id, sum(epoch(least(until_at, ${time(until)}) - greatest(event_at, ${time(since)}))) / 3600 AS idle_hours
       FROM changes WHERE state = 'idle' AND until_at > ${time(since)} GROUP BY agent_id),
     used AS (
       SELECT a.agent_id, u.ts, u.ts + ${SETTLED} AS settled_at, u.total_tokens, u.cost_microusd
       FROM agent_usage AS u
       JOIN (FROM agent_aliases SEMI JOIN rest USING (agent_id)) AS a ON a.machine_id = u.machine_id AND a.alias = ${ALIAS_OF_USE}
       WHERE u.ts >= ${time(since)} AND u.ts < ${time(until)})
     SELECT agent_id, count(*)::INTEGER AS messages, sum(total_tokens)::BIGINT AS total_tokens,
       coalesce(sum(cost_microusd), 0)::BIGINT AS cost_microusd,
       coalesce(sum(total_tokens) FILTER (cost_microusd IS NULL), 0)::BIGINT AS unpriced_tokens, any_value(idle_hours) AS idle_hours
     FROM (SELECT used.*, c.state, c.event_at FROM used ASOF JOIN changes AS c
             ON c.agent_id = used.agent_id AND used.settled_at >= c.event_at) AS seen
     JOIN rest USING (agent_id)
     WHERE state = 'idle' AND event_at <= ts AND idle_hours > 0
     GROUP BY agent_id ORDER BY total_tokens DESC, agent_id`,
  )

export interface CacheShareRow {
  readonly provider: string
  readonly model: string
  readonly project: string | null
  readonly messages: number
  readonly fresh_tokens: number
  readonly cached_tokens: number
  /** What a token read from the cache costs less, per million; null: not priced. */
  readonly saved_microusd_per_mtok: number | null
}

/** How much of what models were given came from caches, by model and project. */
export const cacheShares = (db: Db, { since, until }: CostSpan): Promise<CacheShareRow[]> =>
  db.rows<CacheShareRow>(
    `WITH priced AS (
       SELECT provider, model, input_microusd_per_mtok - cache_read_microusd_per_mtok AS saved
       FROM prices QUALIFY row_number() OVER (PARTITION BY provider, model ORDER BY valid_from DESC, recorded_at DESC) = 1)
     SELECT u.provider, u.model, u.project, count(*)::INTEGER AS messages, sum(u.input_tokens)::BIGINT AS fresh_tokens,
       sum(u.cache_read_tokens)::BIGINT AS cached_tokens, any_value(saved) AS saved_microusd_per_mtok
     FROM agent_usage AS u LEFT JOIN priced USING (provider, model)
     WHERE u.ts >= ${time(since)} AND u.ts < ${time(until)} AND u.model IS NOT NULL
     GROUP BY u.provider, u.model, u.project ORDER BY fresh_tokens DESC`,
  )
