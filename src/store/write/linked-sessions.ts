import type { DuckDBConnection } from '@duckdb/node-api'

/**
 * A fork may replay its parent's messages with new times, weeks later. So the sessions in a batch are joined with
 * their ancestors and descendants, whose stored messages are then compared without time bounds. A transcript copied with
 * new times is its own relative: so is a session of the batch that was seen long before or after, farther than `withinMs`.
 * Fills `ledger_linked`; false when nothing in the batch is related to anything stored.
 */
export const linkedSessions = async (connection: DuckDBConnection, withinMs: number): Promise<boolean> => {
  const near = `INTERVAL ${Math.trunc(withinMs)} MILLISECOND`
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ledger_linked AS
     WITH RECURSIVE
       batch AS (SELECT session_id, parent_session_id, min(ts) AS first_ts, max(ts) AS last_ts FROM stage_agent_usage GROUP BY ALL),
       again AS (SELECT session_id AS found FROM batch JOIN (
                   SELECT session_id, started_at, last_activity_at FROM agent_sessions
                   UNION ALL SELECT session_id, started_at, last_activity_at FROM agent_session_events) USING (session_id)
                 WHERE started_at < first_ts - ${near} OR last_activity_at > last_ts + ${near}),
       related AS (SELECT session_id, parent_session_id FROM agent_sessions WHERE parent_session_id IS NOT NULL
                   UNION SELECT session_id, parent_session_id FROM batch WHERE parent_session_id IS NOT NULL),
       up AS (SELECT parent_session_id AS found FROM related SEMI JOIN batch USING (session_id)
              UNION SELECT r.parent_session_id FROM up JOIN related AS r ON r.session_id = up.found),
       down AS (SELECT r.session_id AS found FROM related AS r SEMI JOIN batch AS b ON r.parent_session_id = b.session_id
                UNION SELECT r.session_id FROM down JOIN related AS r ON r.parent_session_id = down.found)
     SELECT found AS session_id FROM up UNION SELECT found FROM down UNION SELECT found FROM again`,
  )
  const rows = await connection.runAndReadAll('SELECT count(*) FROM ledger_linked')
  return Number(rows.getRows()[0]?.[0] ?? 0) > 0
}
