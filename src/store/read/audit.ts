import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { AuditRow } from './rows/audit.ts'

const COLUMNS = names(Object.keys(AuditRow.shape))

export interface AuditQuestion {
  readonly since: Date
  readonly until?: Date | undefined
  readonly machineId?: string | undefined
  readonly agentId?: string | undefined
  /** The newest so many actions. */
  readonly limit: number
}

/** The last row of each action of a span, newest first: its result, its refusal, or its intent while nothing more is known. */
export const auditedActions = (db: Db, question: AuditQuestion): Promise<AuditRow[]> => {
  const until = question.until ? `AND ts <= ${time(question.until)}` : ''
  return db.rows<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_events
     WHERE ts >= ${time(question.since)} ${until}
       AND ($machine IS NULL OR machine_id = $machine) AND ($agent IS NULL OR agent_id = $agent)
     QUALIFY row_number() OVER (PARTITION BY audit_id ORDER BY step = 'intent', ts DESC) = 1
     ORDER BY ts DESC, audit_id LIMIT ${Math.trunc(question.limit)}`,
    { machine: question.machineId ?? null, agent: question.agentId ?? null },
  )
}

/** All rows of the actions whose id begins so, oldest first. */
export const auditRows = (db: Db, idPrefix: string): Promise<AuditRow[]> =>
  db.rows<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_events WHERE starts_with(audit_id, $id) ORDER BY ts, audit_id, step LIMIT 200`,
    { id: idPrefix },
  )

/** Intents that never got a result. Whoever opens the store finds those of an owner that died. */
export const openIntents = (db: Db): Promise<AuditRow[]> =>
  db.rows<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_events WHERE step = 'intent'
       AND audit_id NOT IN (SELECT audit_id FROM audit_events WHERE step = 'result')
     ORDER BY ts, audit_id`,
  )

/** Rows of a span, oldest first: what `vc watch` streams. */
export const auditChanges = (
  db: Db,
  question: { readonly since: Date; readonly until?: Date | undefined; readonly limit: number },
): Promise<AuditRow[]> => {
  const until = question.until ? `AND collected_at <= ${time(question.until)}` : ''
  return db.rows<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_events WHERE collected_at >= ${time(question.since)} ${until}
     ORDER BY collected_at, audit_id, step LIMIT ${Math.trunc(question.limit)}`,
  )
}
