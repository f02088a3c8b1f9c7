import type { Db } from '../db.ts'
import { time } from '../sql.ts'
import { remembered } from './remembered.ts'
import { unlessEmpty } from './unless-empty.ts'

// What alert rules need of each source: sums and counts, so that a look costs little however long the tables are.

export interface SystemHourRow {
  readonly machine_id: string
  readonly oom_kills: number | null
  readonly swap_used_earlier_bytes: number | null
}

/** Kills of the last hour, and the swap that was used ten minutes ago. */
export const systemHour = (db: Db, now: Date): Promise<SystemHourRow[]> =>
  db.rows<SystemHourRow>(
    `SELECT machine_id, sum(oom_kills)::BIGINT AS oom_kills,
       arg_min(swap_used_bytes, collected_at) FILTER (collected_at >= ${time(now.getTime() - 600_000)}) AS swap_used_earlier_bytes
     FROM sys_samples WHERE source = 'probe' AND collected_at BETWEEN ${time(now.getTime() - 3_600_000)} AND ${time(now)}
     GROUP BY machine_id`,
  )

export interface AgentContextRow {
  readonly machine_id: string
  readonly session_id: string
  readonly cli: string
  readonly context_pct: number
}

/** How full the context windows of sessions of the last day are, where the CLI says it. */
export const agentContexts = (db: Db, now: Date): Promise<AgentContextRow[]> =>
  unlessEmpty(db, ['agent_sessions'], () =>
    db.rows<AgentContextRow>(
      `SELECT machine_id, session_id, cli, 100.0 * context_tokens / context_window_tokens AS context_pct
       FROM agent_sessions WHERE context_tokens IS NOT NULL AND context_window_tokens > 0
         AND last_activity_at >= ${time(now.getTime() - 86_400_000)}`,
    ),
  )

export interface AgentFailureRow {
  readonly agent_id: string
  readonly failures: number
}

/** How often agents entered the state failed in the last half hour. */
export const agentFailures = (db: Db, now: Date): Promise<AgentFailureRow[]> =>
  db.rows<AgentFailureRow>(
    `SELECT agent_id, count(DISTINCT since)::INTEGER AS failures FROM agent_state_events
     WHERE state = 'failed' AND event_at >= ${time(now.getTime() - 1_800_000)} AND since >= ${time(now.getTime() - 1_800_000)}
     GROUP BY agent_id`,
  )

export interface CrashRow {
  readonly machine_id: string
  readonly cli: string
  readonly place: string
  readonly crashes: number
}

/**
 * Agents that failed and ended in the last half hour within five minutes of being first seen, by CLI and folder. A short
 * life alone is no crash: whoever runs an agent once for one question has many of them.
 */
export const shortLives = (db: Db, now: Date): Promise<CrashRow[]> =>
  unlessEmpty(db, ['agents'], () =>
    db.rows<CrashRow>(
      `SELECT a.machine_id, a.cli, coalesce(a.cwd, 'an unknown folder') AS place, count(*)::INTEGER AS crashes FROM agents a
       WHERE a.ended >= ${time(now.getTime() - 1_800_000)} AND a.ended - a.first_seen <= INTERVAL 5 MINUTE AND (
         EXISTS (SELECT 1 FROM agent_state_events e WHERE e.agent_id = a.agent_id AND e.state = 'failed'
           AND e.event_at >= ${time(now.getTime() - 2_400_000)})
         OR EXISTS (SELECT 1 FROM agent_sessions s WHERE s.machine_id = a.machine_id AND s.cli = a.cli AND s.session_id = a.session_id
           AND s.last_error_at >= a.first_seen AND s.last_error_at <= a.ended + INTERVAL 1 MINUTE))
       GROUP BY ALL`,
    ),
  )

export interface EnospcRow {
  readonly machine_id: string
  readonly sessions: number
}

export const enospcSessions = (db: Db, now: Date): Promise<EnospcRow[]> =>
  unlessEmpty(db, ['agent_sessions'], () =>
    db.rows<EnospcRow>(
      `SELECT machine_id, count(*)::INTEGER AS sessions FROM agent_sessions
       WHERE last_error_at >= ${time(now.getTime() - 3_600_000)} AND last_error LIKE '%ENOSPC%' GROUP BY machine_id`,
    ),
  )

export interface OrphanRow {
  readonly machine_id: string
  readonly processes: number
  readonly rss_bytes: number
}

/** Root processes of agents that init inherited and no terminal shows; background servers of a CLI are meant to be so. */
export const orphanAgents = (db: Db): Promise<OrphanRow[]> =>
  unlessEmpty(db, ['agent_processes'], () =>
    remembered<OrphanRow>(
      db,
      ['agent_processes', 'agent_process_samples'],
      `SELECT p.machine_id, count(*)::INTEGER AS processes, sum(s.rss_bytes)::BIGINT AS rss_bytes
       FROM latest_agent_processes p JOIN latest_agent_process_samples s
         ON s.machine_id = p.machine_id AND s.root_pid = p.pid AND s.root_start_ticks = p.start_ticks
       WHERE NOT p.gone AND NOT p.detached AND p.pid = p.root_pid AND p.ppid = 1 AND p.tty IS NULL
       GROUP BY p.machine_id`,
    ),
  )

export interface DcgHourRow {
  readonly machine_id: string
  readonly denies: number
  readonly new_critical: readonly string[]
}

/** Refusals of the last hour; rules called critical whose first event ever lies in it. */
export const dcgHour = async (db: Db, now: Date): Promise<DcgHourRow[]> => {
  const from = time(now.getTime() - 3_600_000)
  const rows = await unlessEmpty(db, ['dcg_events'], () =>
    db.rows<{ machine_id: string; denies: number; new_critical: string }>(
      `SELECT machine_id, (count(*) FILTER (decision = 'deny'))::INTEGER AS denies,
         to_json(coalesce(list(DISTINCT rule_id) FILTER (severity = 'critical' AND rule_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM dcg_events o WHERE o.rule_id = e.rule_id AND o.machine_id = e.machine_id AND o.ts < ${from})), []))::VARCHAR AS new_critical
       FROM dcg_events e WHERE ts >= ${from} AND ts <= ${time(now)} GROUP BY machine_id`,
    ),
  )
  return rows.map((row) => ({ ...row, new_critical: JSON.parse(row.new_critical) as string[] }))
}

export interface UnknownNetworkRow {
  readonly machine_id: string
  readonly connections: number
  readonly examples: string
}

/** Connections of the last hour that rano can give to no provider it knows. */
export const unknownConnections = (db: Db, now: Date): Promise<UnknownNetworkRow[]> =>
  unlessEmpty(db, ['rano_events'], () =>
    db.rows<UnknownNetworkRow>(
      `SELECT machine_id, count(*)::INTEGER AS connections,
         coalesce(string_agg(DISTINCT coalesce(domain, remote_ip), ' ' ORDER BY coalesce(domain, remote_ip)), '') AS examples
       FROM rano_events WHERE event = 'connect' AND provider = 'unknown' AND NOT coalesce(remote_is_private, false)
         AND ts >= ${time(now.getTime() - 3_600_000)} AND ts <= ${time(now)} GROUP BY machine_id`,
    ),
  )

export interface MailCountRow {
  readonly machine_id: string
  readonly urgent_unread: number
  readonly overdue_acks: number
}

export const mailCounts = (db: Db, now: Date): Promise<MailCountRow[]> =>
  unlessEmpty(db, ['mail_recipients'], () =>
    db.rows<MailCountRow>(
      `SELECT machine_id, (count(*) FILTER (importance = 'urgent' AND read_at IS NULL))::INTEGER AS urgent_unread,
         (count(*) FILTER (ack_required AND ack_at IS NULL AND message_created_at <= ${time(now.getTime() - 3_600_000)}))::INTEGER AS overdue_acks
       FROM mail_recipients WHERE retired_at IS NULL GROUP BY machine_id`,
    ),
  )

export interface RchNowRow {
  readonly machine_id: string
  readonly queue_depth: number | null
  readonly workers_available: number | null
}

export const rchNow = (db: Db): Promise<RchNowRow[]> =>
  remembered<RchNowRow>(
    db,
    ['rch_status_snapshots'],
    'SELECT machine_id, queue_depth, workers_available FROM latest_rch_status_snapshots',
  )

export interface CassNowRow {
  readonly machine_id: string
  readonly state: string
  readonly last_index_at: string | null
}

export const cassNow = (db: Db): Promise<CassNowRow[]> =>
  remembered<CassNowRow>(
    db,
    ['cass_index_status'],
    'SELECT machine_id, state, last_index_at FROM latest_cass_index_status',
  )

export interface RetentionWordsRow {
  readonly machine_id: string
  readonly warnings_json: string | null
}

export const retentionWords = (db: Db): Promise<RetentionWordsRow[]> =>
  db.rows<RetentionWordsRow>("SELECT machine_id, warnings_json FROM latest_scrapes WHERE source = 'retention'")

export interface SpentRow {
  readonly day_microusd: number
  readonly month_microusd: number
  readonly day_unpriced_tokens: number
  readonly month_unpriced_tokens: number
}

/** Spent since two moments, by the hour; not what a clock that is ahead dates later than `until`. */
export const spentSince = async (
  db: Db,
  { day, month, until }: { readonly day: Date; readonly month: Date; readonly until: Date },
): Promise<SpentRow | null> => {
  const since = time(Math.min(day.getTime(), month.getTime()))
  const inDay = `FILTER (bucket_at >= ${time(day)})`
  const [row] = await db.rows<SpentRow>(
    `SELECT coalesce(sum(cost_microusd) ${inDay}, 0)::BIGINT AS day_microusd, coalesce(sum(cost_microusd), 0)::BIGINT AS month_microusd,
       coalesce(sum(unpriced_tokens) ${inDay}, 0)::BIGINT AS day_unpriced_tokens, coalesce(sum(unpriced_tokens), 0)::BIGINT AS month_unpriced_tokens
     FROM usage_1h WHERE bucket_at >= ${since} AND bucket_at <= ${time(until)}`,
  )
  return row ?? null
}

export interface UnpricedRow {
  readonly provider: string
  readonly model: string | null
  readonly tokens: number
}

export const unpricedSince = (db: Db, since: Date): Promise<UnpricedRow[]> =>
  db.rows<UnpricedRow>(
    `SELECT provider, model, sum(unpriced_tokens)::BIGINT AS tokens FROM usage_1h
     WHERE bucket_at >= ${time(since)} AND unpriced_tokens > 0 GROUP BY provider, model ORDER BY provider, model`,
  )

export interface OwnCostRow {
  readonly cpu_ms: number
  readonly span_ms: number
  readonly rss_bytes: number
}

/** What the running vc used over the last ten minutes, children included; null before it was measured twice. */
export const ownCostSince = async (db: Db, since: Date): Promise<OwnCostRow | null> => {
  const [row] = await db.rows<OwnCostRow>(
    `SELECT sum(cpu_ms + coalesce(children_cpu_ms, 0))::BIGINT AS cpu_ms,
       (epoch_ms(max(collected_at)) - epoch_ms(min(collected_at)) + 60000)::BIGINT AS span_ms,
       arg_max(rss_bytes, collected_at) AS rss_bytes
     FROM self_samples WHERE collected_at >= ${time(since)}
       AND pid = (SELECT arg_max(pid, collected_at) FROM self_samples WHERE collected_at >= ${time(since)})
     HAVING count(*) > 1`,
  )
  return row ?? null
}
