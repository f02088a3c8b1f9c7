import type { Db } from '../db.ts'
import { time } from '../sql.ts'

export interface MachineEventRow {
  readonly event_at: string
  readonly machine_id: string
  readonly status: string | null
  readonly status_reason: string | null
  readonly removed_at: string | null
  readonly enabled: boolean | null
  readonly os_version: string | null
  readonly kernel: string | null
  /** Its status, or whether anybody looks at it, is another than before. */
  readonly turned: boolean
  /** The same host, started anew since it was seen before. */
  readonly rebooted: boolean
  readonly os_version_before: string | null
  readonly kernel_before: string | null
}

interface Since {
  readonly since: Date
  readonly limit?: number
}

const TOLD = ['status', 'status_reason', 'removed_at', 'enabled'] as const
const SYSTEM = ['boot_id', 'hostname', 'os_version', 'kernel'] as const

/** Changes of the inventory and of what machines are, oldest first. */
export const machineEvents = (db: Db, question: Since): Promise<MachineEventRow[]> =>
  db.rows<MachineEventRow>(
    // What was before is asked of those machines alone that changed, and only as it was last.
    `WITH inside AS (SELECT event_at, rowid AS nth, machine_id, ${[...TOLD, ...SYSTEM].join(', ')} FROM machine_events
       WHERE event_at >= ${time(question.since)}),
     told AS (SELECT * FROM inside UNION ALL
       SELECT max(event_at), -1, machine_id, ${TOLD.map((name) => `arg_max_null(${name}, (event_at, rowid))`).join(', ')},
         ${SYSTEM.map((name) => `arg_max(${name}, (event_at, rowid))`).join(', ')}
       FROM machine_events SEMI JOIN inside USING (machine_id) WHERE event_at < ${time(question.since)} GROUP BY machine_id)
     SELECT event_at, machine_id, ${TOLD.join(', ')}, os_version, kernel, os_version_before, kernel_before,
       first OR ${TOLD.map((name) => `${name} IS DISTINCT FROM ${name}_before`).join(' OR ')} AS turned,
       coalesce(boot_id <> boot_id_before AND hostname = hostname_before, false) AS rebooted
     FROM (SELECT *, row_number() OVER seen = 1 AS first,
         ${TOLD.map((name) => `lag(${name}) OVER seen AS ${name}_before`).join(', ')},
         ${SYSTEM.map((name) => `lag(${name} IGNORE NULLS) OVER seen AS ${name}_before`).join(', ')}
       FROM told WINDOW seen AS (PARTITION BY machine_id ORDER BY event_at, nth))
     WHERE event_at >= ${time(question.since)} AND (turned OR rebooted)
     ORDER BY event_at, machine_id LIMIT ${Math.trunc(question.limit ?? 1000)}`,
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
