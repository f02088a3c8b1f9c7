import type { Db } from '../db.ts'
import { time } from '../sql.ts'

/** One reply of a model as the ledger keeps it: figures, no words. */
export interface ReplyRow {
  readonly ts: string
  readonly session_id: string
  readonly is_sidechain: boolean
  readonly model: string | null
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly cost_microusd: number | null
}

/** The newest replies of a session and of what it started, in [since, until], newest first. */
export const sessionReplies = (
  db: Db,
  question: {
    readonly machineId: string
    readonly cli: string
    readonly sessionId: string
    readonly since: Date
    readonly until: Date
    readonly limit: number
  },
): Promise<ReplyRow[]> =>
  db.rows<ReplyRow>(
    `SELECT ts, session_id, is_sidechain, model, input_tokens, output_tokens, cache_read_tokens,
       cache_write_5m_tokens + cache_write_1h_tokens AS cache_write_tokens, cost_microusd
     FROM agent_usage
     WHERE ts >= ${time(question.since)} AND ts <= ${time(question.until)} AND machine_id = $machine AND cli = $cli
       AND (session_id = $session OR parent_session_id = $session)
     ORDER BY ts DESC, message_key LIMIT ${Math.trunc(question.limit)}`,
    { machine: question.machineId, cli: question.cli, session: question.sessionId },
  )
