import type * as z from 'zod'
import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import type { TableName } from '../registry.ts'
import { names, time } from '../sql.ts'
import { picture } from './history.ts'
import type { MachinePicture, MachineQuestion } from './pictures.ts'
import {
  GastownAgentRow,
  GastownConvoyRow,
  GastownEventRow,
  GastownHookRow,
  GastownMailRow,
  GastownMergeRequestRow,
  GastownQueueRow,
  GastownTownRow,
  NtmActivityRow,
  NtmEventRow,
  NtmSessionRow,
} from './rows/orchestrators.ts'

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

const ofMachine =
  <Schema extends z.ZodObject>(table: TableName, schema: Schema, orderBy: string): MachinePicture<z.infer<Schema>> =>
  (db, question = {}) =>
    picture<z.infer<Schema>>(db, table, schema, {
      at: question.at,
      where: ON_MACHINE,
      params: { machine: question.machineId ?? null },
      orderBy: `machine_id, ${orderBy}`,
    })

export const ntmSessions = ofMachine('ntm_sessions_snapshot', NtmSessionRow, 'session_name')
export const ntmActivity = ofMachine('ntm_activity_snapshot', NtmActivityRow, 'source')
export const gastownTowns = ofMachine('gastown_towns', GastownTownRow, 'town')
/** Roles of a town's agents; `pane_key` joins them to vc's agents. */
export const gastownAgents = ofMachine('gastown_agents', GastownAgentRow, 'town, rig NULLS FIRST, role, address')
export const gastownHooks = ofMachine('gastown_hooks', GastownHookRow, 'town, address')
export const gastownQueues = ofMachine('gastown_merge_queues', GastownQueueRow, 'town, rig')
export const gastownMergeRequests = ofMachine(
  'gastown_merge_requests',
  GastownMergeRequestRow,
  'town, rig, priority NULLS LAST, request_id',
)
export const gastownConvoys = ofMachine('gastown_convoys', GastownConvoyRow, 'town, status DESC, created_at, convoy_id')

export interface FeedQuestion extends MachineQuestion {
  readonly since: Date
  readonly limit: number
}

/** The newest lines of a feed since a moment, newest first. */
const feedOf =
  <Schema extends z.ZodObject>(table: TableName, schema: Schema, then: string) =>
  (db: Db, { since, at, limit, machineId }: FeedQuestion): Promise<z.infer<Schema>[]> =>
    db.rows<z.infer<Schema>>(
      `SELECT ${names(Object.keys(schema.shape))} FROM ${spanned(db, table, 'ts', { since, until: at })}
       WHERE ts >= ${time(since)} ${at ? `AND ts <= ${time(at)}` : ''} AND ${ON_MACHINE}
       ORDER BY ts DESC, machine_id, ${then} LIMIT ${Math.trunc(limit)}`,
      { machine: machineId ?? null },
    )

export const ntmEvents = feedOf('ntm_events', NtmEventRow, 'cursor DESC')
export const gastownMail = feedOf('gastown_mail', GastownMailRow, 'line_hash')
export const gastownEvents = feedOf('gastown_events', GastownEventRow, 'line_hash')
