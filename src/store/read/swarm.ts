import { across } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { type At, picture } from './history.ts'
import { AgentProfileRow, SwarmLookRow, SwarmPatternRow } from './rows/swarm.ts'

export interface Span {
  readonly since: Date
  /** Exclusive. */
  readonly until: Date
}

/** What an agent did with one model in one project in one hour. `agent_id` null: its session was never joined to an agent. */
export interface AgentHourRow {
  readonly hour_at: string
  readonly machine_id: string
  readonly agent_id: string | null
  readonly cli: string
  readonly model: string | null
  readonly project: string | null
  readonly turns: number
  /** Input that was read anew, from the cache, and written into it. */
  readonly context_tokens: number
  readonly cache_read_tokens: number
  readonly output_tokens: number
  readonly total_tokens: number
  /** Five-minute slots with at least one message. */
  readonly active_slots: number
}

/** Work by agent and hour, from the ledger, oldest first. */
export const agentHours = (db: Db, span: Span): Promise<AgentHourRow[]> =>
  db.rows<AgentHourRow>(
    `SELECT date_trunc('hour', u.ts) AS hour_at, u.machine_id, a.agent_id, u.cli, u.model, u.project, count(*) AS turns,
       sum(u.input_tokens + u.cache_read_tokens + u.cache_write_5m_tokens + u.cache_write_1h_tokens)::BIGINT AS context_tokens,
       sum(u.cache_read_tokens)::BIGINT AS cache_read_tokens, sum(u.output_tokens)::BIGINT AS output_tokens,
       sum(u.total_tokens)::BIGINT AS total_tokens, count(DISTINCT time_bucket(INTERVAL 5 MINUTE, u.ts)) AS active_slots
     FROM agent_usage AS u LEFT JOIN agent_aliases AS a
       ON a.machine_id = u.machine_id AND a.alias = 'session:' || u.cli || ':' || u.session_id
     WHERE u.ts >= ${time(span.since)} AND u.ts < ${time(span.until)}
     GROUP BY ALL ORDER BY hour_at, u.machine_id, a.agent_id, u.cli, u.model, u.project`,
  )

export interface AgentErrorRow {
  readonly failed_at: string
  readonly machine_id: string
  readonly agent_id: string
  /** When it worked again; null: not yet. */
  readonly working_at: string | null
}

/** Each time an agent came into the state `failed`, oldest first. */
export const agentErrors = (db: Db, span: Span): Promise<AgentErrorRow[]> =>
  db.rows<AgentErrorRow>(
    `SELECT event_at AS failed_at, machine_id, agent_id, working_at FROM (
       SELECT event_at, machine_id, agent_id, state, lag(state) OVER trail AS before,
         min(CASE WHEN state = 'working' THEN event_at END) OVER (PARTITION BY agent_id ORDER BY event_at
           ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS working_at
       FROM agent_state_events WHERE event_at >= ${time(span.since)} AND event_at < ${time(span.until)}
       WINDOW trail AS (PARTITION BY agent_id ORDER BY event_at))
     WHERE state = 'failed' AND before IS DISTINCT FROM 'failed' ORDER BY failed_at, agent_id`,
  )

export const agentProfiles = (db: Db, question: At = {}): Promise<AgentProfileRow[]> =>
  picture(db, 'agent_profiles', AgentProfileRow, { at: question.at, orderBy: 'active_hours DESC, profile_key' })

export const swarmPatterns = (db: Db, question: At = {}): Promise<SwarmPatternRow[]> =>
  picture(db, 'swarm_patterns', SwarmPatternRow, { at: question.at, orderBy: 'p_adjusted, pattern_key' })

/** The newest look of a kind at or before a time; null: nobody looked yet. */
export const lastSwarmLook = async (
  db: Db,
  question: { readonly kind: 'dna' | 'patterns'; readonly until: Date },
): Promise<SwarmLookRow | null> => {
  const newest = async (from: string): Promise<SwarmLookRow | null> => {
    const rows = await db.rows<SwarmLookRow>(
      `SELECT ${names(Object.keys(SwarmLookRow.shape))} FROM ${from}
       WHERE kind = $kind AND looked_at <= ${time(question.until)} ORDER BY looked_at DESC LIMIT 1`,
      { kind: question.kind },
    )
    return rows[0] ?? null
  }
  const live = await newest('swarm_looks')
  // Only days older than all live rows are in the archive alone.
  const all = across(db, 'swarm_looks', 'looked_at', null, question.until.getTime())
  return live ?? (all.startsWith('(') ? newest(all) : null)
}

export interface OwnedBeadRow {
  readonly agent_id: string
  readonly issue_type: string
}

/**
 * Issues that an agent works on or finished since a time, each once. Trackers name agents as they like: by id, by its end, or
 * by the terminal session; what several bear names nobody.
 */
export const ownedBeads = (db: Db, question: { readonly since: Date }): Promise<OwnedBeadRow[]> =>
  db.rows<OwnedBeadRow>(
    `WITH owned AS (SELECT repo_id, issue_id, any_value(issue_type) AS issue_type, any_value(assignee) AS assignee
       FROM latest_beads_issues
       WHERE assignee IS NOT NULL AND issue_type IS NOT NULL AND standing IN ('done', 'in_progress')
         AND coalesce(closed_at, started_at, updated_at) >= ${time(question.since)}
       GROUP BY repo_id, issue_id),
     named AS (SELECT agent_id, unnest([agent_id, substr(agent_id, strpos(agent_id, '/') + 1), session_name]) AS name FROM agents),
     known AS (SELECT name, min(agent_id) AS agent_id FROM named SEMI JOIN owned ON owned.assignee = named.name
       GROUP BY name HAVING count(DISTINCT agent_id) = 1)
     SELECT agent_id, issue_type FROM owned JOIN known ON known.name = owned.assignee ORDER BY repo_id, issue_id`,
  )
