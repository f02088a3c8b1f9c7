import type * as z from 'zod'
import type { Db } from '../db.ts'
import type { TableName } from '../registry.ts'
import type { At } from './history.ts'
import { picture } from './history.ts'
import { keptRows } from './kept.ts'
import { shownMeter, shownProcesses } from './meters.ts'
import { AccountUsageRow } from './rows/accounts.ts'
import { AgentProcessRow, AgentProcessSampleRow, SightingRow } from './rows/agents.ts'
import { FilesystemRow, PressureRow, SelfRow, SysRow, TopProcessRow } from './rows/system.ts'
import { PaneRow, PendingDialogRow, PtySessionRow } from './rows/terminals.ts'

export interface MachineQuestion extends At {
  readonly machineId?: string | undefined
}

export type MachinePicture<Row> = (db: Db, question?: MachineQuestion) => Promise<Row[]>

/** Most pictures differ in table and order only. */
export const ofMachine =
  <Schema extends z.ZodObject>(table: TableName, schema: Schema, orderBy: string): MachinePicture<z.infer<Schema>> =>
  (db, question = {}) =>
    picture<z.infer<Schema>>(db, table, schema, {
      at: question.at,
      where: '$machine IS NULL OR machine_id = $machine',
      params: { machine: question.machineId ?? null },
      orderBy: `machine_id, ${orderBy}`,
    })

/** The same for tables that each judgement reads: now comes from what the owner wrote last. */
const kept =
  <Schema extends z.ZodObject>(
    table: 'sys_samples' | 'sys_filesystems' | 'sys_pressure',
    schema: Schema,
    orderBy: readonly string[],
  ): MachinePicture<z.infer<Schema>> =>
  (db, question = {}) =>
    question.at === undefined
      ? keptRows(db, `latest_${table}`, Object.keys(schema.shape), question.machineId, ['machine_id', ...orderBy])
      : ofMachine(table, schema, orderBy.join(', '))(db, question)

const everySys = kept('sys_samples', SysRow, ['source'])
/** The last sample of each machine; its age is `collected_at`, its source's health is in `latestScrapes`. */
export const latestSys: MachinePicture<SysRow> = async (db, question) => shownMeter(await everySys(db, question))
export const filesystems = kept('sys_filesystems', FilesystemRow, ['mount', 'source'])
export const pressure = kept('sys_pressure', PressureRow, ['resource', 'kind', 'source'])
const everyProcess = ofMachine('sys_top_processes', TopProcessRow, 'cpu_pct DESC NULLS LAST, pid')
export const topProcesses: MachinePicture<TopProcessRow> = async (db, question) =>
  shownProcesses(await everyProcess(db, question))
export const panes = ofMachine('pty_panes', PaneRow, 'socket, session_name, window_index, pane_index, pane_id')
export const ptySessions = ofMachine('pty_sessions', PtySessionRow, 'socket, session_name, session_id')
/** Now only: the text of a dialog is not history. A dialog still stands while its pane shows the same `dialog_hash`. */
export const pendingDialogs = ofMachine('pending_dialogs', PendingDialogRow, 'socket, pane_id')
export const agentProcesses = ofMachine('agent_processes', AgentProcessRow, 'root_pid, pid')
export const agentProcessSamples = ofMachine('agent_process_samples', AgentProcessSampleRow, 'root_pid')
export const agentSightings = ofMachine('agent_sightings', SightingRow, 'subject, sighting_source')
/** The newest observation per account, limit, window and observer, on each machine. */
export const accountUsage = ofMachine(
  'account_usage_snapshots',
  AccountUsageRow,
  'provider, account_key, limit_id, window_name, source_rank, observed_source',
)
export const selfSamples = ofMachine('self_samples', SelfRow, 'pid')
