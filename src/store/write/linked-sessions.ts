import type { DuckDBConnection } from '@duckdb/node-api'

/**
 * A fork may replay its parent's messages with new times, weeks later. So the sessions in a batch are joined with
 * their ancestors and descendants, whose stored messages are then compared without time bounds.
 * Fills `ledger_linked`; false when nothing in the batch is related to another session.
 */
export const linkedSessions = async (connection: DuckDBConnection): Promise<boolean> => {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ledger_linked AS
     WITH RECURSIVE
       batch AS (SELECT DISTINCT session_id, parent_session_id FROM stage_agent_usage),
       related AS (SELECT session_id, parent_session_id FROM agent_sessions WHERE parent_session_id IS NOT NULL
                   UNION SELECT session_id, parent_session_id FROM batch WHERE parent_session_id IS NOT NULL),
       up AS (SELECT parent_session_id AS found FROM related SEMI JOIN batch USING (session_id)
              UNION SELECT r.parent_session_id FROM up JOIN related AS r ON r.session_id = up.found),
       down AS (SELECT r.session_id AS found FROM related AS r SEMI JOIN batch AS b ON r.parent_session_id = b.session_id
                UNION SELECT r.session_id FROM down JOIN related AS r ON r.parent_session_id = down.found)
     SELECT found AS session_id FROM up UNION SELECT found FROM down`,
  )
  const rows = await connection.runAndReadAll('SELECT count(*) FROM ledger_linked')
  return Number(rows.getRows()[0]?.[0] ?? 0) > 0
}
