import type { Db } from '../db.ts'
import { time } from '../sql.ts'

export interface AgentWatchRow {
  readonly agent_id: string
  readonly machine_id: string
  readonly cli: string
  readonly state: string | null
  readonly reason: string | null
  readonly since: string | null
  readonly last_activity_at: string | null
  readonly cpu_max_pct: number | null
  readonly cpu_looks: number
  readonly processes: number | null
  readonly context_tokens: number | null
  readonly context_window_tokens: number | null
  readonly context_per_hour: number | null
  readonly failures: number
  readonly successes: number
  readonly crashes: number
}

const HALF_HOUR_MS = 30 * 60_000
const TEN_MIN_MS = 10 * 60_000

/** Every living agent with what speaks for and against its being stuck, as of now. */
export const agentWatches = (db: Db, { now }: { readonly now: Date }): Promise<AgentWatchRow[]> => {
  const [half, ten] = [time(now.getTime() - HALF_HOUR_MS), time(now.getTime() - TEN_MIN_MS)]
  return db.rows<AgentWatchRow>(
    `WITH turns AS (
       SELECT agent_id, (count(*) FILTER (state = 'failed'))::INTEGER AS failures,
         (count(*) FILTER (state = 'turn_finished'))::INTEGER AS successes
       FROM agent_state_events WHERE event_at >= ${half} AND event_at <= ${time(now)} GROUP BY agent_id),
     looks AS (
       SELECT machine_id, root_pid, root_start_ticks, max(cpu_pct) AS cpu_max_pct, count(*)::INTEGER AS cpu_looks,
         max(processes) AS processes
       FROM agent_process_samples WHERE collected_at >= ${ten} AND collected_at <= ${time(now)} AND NOT cpu_lifetime AND cpu_pct IS NOT NULL
       GROUP BY machine_id, root_pid, root_start_ticks),
     growth AS (
       SELECT machine_id, cli, session_id,
         (max(context_tokens) - min(context_tokens)) * 3600 / nullif(epoch(max(event_at) - min(event_at)), 0) AS context_per_hour
       FROM agent_session_events WHERE event_at >= ${half} AND event_at <= ${time(now)} AND context_tokens IS NOT NULL
       GROUP BY machine_id, cli, session_id
       -- Where it was emptied in between, no pace can be told.
       HAVING arg_max(context_tokens, event_at) = max(context_tokens)),
     crashed AS (
       SELECT machine_id, cli, cwd, count(*)::INTEGER AS crashes FROM agents
       WHERE ended >= ${half} AND ended <= ${time(now)} AND ended - first_seen < INTERVAL 10 MINUTE AND cwd IS NOT NULL
       GROUP BY machine_id, cli, cwd)
     SELECT g.agent_id, g.machine_id, g.cli, s.state, s.reason, s.since, n.last_activity_at, l.cpu_max_pct,
       coalesce(l.cpu_looks, 0) AS cpu_looks, l.processes, n.context_tokens, n.context_window_tokens, w.context_per_hour,
       coalesce(t.failures, 0) AS failures, coalesce(t.successes, 0) AS successes, coalesce(c.crashes, 0) AS crashes
     FROM agents AS g
     LEFT JOIN latest_agent_states AS s USING (agent_id)
     LEFT JOIN agent_sessions AS n ON n.machine_id = g.machine_id AND n.cli = g.cli AND n.session_id = g.session_id
     LEFT JOIN growth AS w ON w.machine_id = g.machine_id AND w.cli = g.cli AND w.session_id = g.session_id
     LEFT JOIN looks AS l ON l.machine_id = g.machine_id AND l.root_pid = g.root_pid AND l.root_start_ticks = g.root_start_ticks
     LEFT JOIN turns AS t USING (agent_id)
     LEFT JOIN crashed AS c ON c.machine_id = g.machine_id AND c.cli = g.cli AND c.cwd = g.cwd
     WHERE g.ended IS NULL ORDER BY g.machine_id, g.agent_id`,
  )
}

export interface AfterWarningRow {
  readonly watched: boolean
  readonly failed: boolean
  readonly progressed: boolean
  readonly context_turned: boolean
  readonly crashed: boolean
}

/** What happened to one agent in (since, until]. */
export const afterWarning = async (
  db: Db,
  question: { readonly agentId: string; readonly since: Date; readonly until: Date },
): Promise<AfterWarningRow | null> => {
  const [from, to] = [time(question.since), time(question.until)]
  const [row] = await db.rows<AfterWarningRow>(
    `WITH g AS (SELECT * FROM agents WHERE agent_id = $agent)
     SELECT (g.ended IS NOT NULL OR EXISTS (SELECT 1 FROM latest_agent_states WHERE agent_id = $agent AND judged_at >= ${to})) AS watched,
       EXISTS (SELECT 1 FROM agent_state_events WHERE agent_id = $agent AND event_at > ${from} AND event_at <= ${to} AND state = 'failed') AS failed,
       (EXISTS (SELECT 1 FROM agent_state_events WHERE agent_id = $agent AND event_at > ${from} AND event_at <= ${to}
          AND state IN ('turn_finished', 'idle', 'asked_question', 'needs_approval'))
        OR EXISTS (SELECT 1 FROM agent_usage AS u WHERE u.machine_id = g.machine_id AND u.cli = g.cli AND u.session_id = g.session_id
          AND u.ts > ${from} AND u.ts <= ${to})) AS progressed,
       coalesce((SELECT max(context_tokens) >= 0.97 * max(context_window_tokens) OR min(context_tokens) < 0.7 * max(context_tokens)
          FROM agent_session_events AS e WHERE e.machine_id = g.machine_id AND e.cli = g.cli AND e.session_id = g.session_id
          AND e.event_at > ${from} AND e.event_at <= ${to}), false) AS context_turned,
       EXISTS (SELECT 1 FROM agents AS o WHERE o.machine_id = g.machine_id AND o.cli = g.cli AND o.cwd = g.cwd
          AND o.ended > ${from} AND o.ended <= ${to} AND o.ended - o.first_seen < INTERVAL 10 MINUTE) AS crashed
     FROM g`,
    { agent: question.agentId },
  )
  return row ?? null
}
