import type { Db } from '../db.ts'
import { time } from '../sql.ts'

export interface MachineEventRow {
  readonly event_at: string
  readonly machine_id: string
  readonly status: string | null
  readonly status_reason: string | null
  readonly removed_at: string | null
  readonly enabled: boolean | null
}

interface Since {
  readonly since: Date
  readonly limit?: number
}

/** Changes of the inventory and of what machines are, oldest first. */
export const machineEvents = (db: Db, question: Since): Promise<MachineEventRow[]> =>
  db.rows<MachineEventRow>(
    `SELECT event_at, machine_id, status, status_reason, removed_at, enabled FROM machine_events
     WHERE event_at >= ${time(question.since)} ORDER BY event_at, machine_id LIMIT ${Math.trunc(question.limit ?? 1000)}`,
  )

export interface SecurityEventRow {
  readonly collected_at: string
  readonly machine_id: string
  readonly kind: string
  readonly detail: string | null
  readonly actor: string | null
}

/** What a person or the network did to the trust in a machine, oldest first. */
export const securityEvents = (db: Db, question: Since): Promise<SecurityEventRow[]> =>
  db.rows<SecurityEventRow>(
    `SELECT collected_at, machine_id, kind, detail, actor FROM security_events
     WHERE collected_at >= ${time(question.since)} ORDER BY collected_at, machine_id LIMIT ${Math.trunc(question.limit ?? 1000)}`,
  )
