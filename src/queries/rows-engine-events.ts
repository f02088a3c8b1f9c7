import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import type { WatchRow } from './rows-oracle-events.ts'

const SEVERITY: Readonly<Record<string, Severity>> = {
  crash: 'warning',
  lost: 'warning',
  hold: 'warning',
  give_up: 'critical',
}

const WORDS: Readonly<Record<string, string>> = {
  spawn: 'was started',
  crash: 'ended unasked',
  restart: 'was started again',
  health: 'changed its health',
  task_start: 'began a mission',
  task_complete: 'ended a mission',
  readopt: 'was found again',
  stop: 'was stopped',
  lost: 'was lost with a reboot',
  recover: 'was recovered',
  hold: 'is held',
  give_up: 'is given up',
  queue: 'waits for a place',
  pause: 'was paused',
  unpause: 'is paused no more',
}

/** What happened to agents that vc keeps, by the moment it was stored. */
export const engineChanges = async (ctx: QueryContext, span: read.ChangeSpan): Promise<WatchRow[]> =>
  (await read.engineEvents(ctx.db, span)).map((row) => ({
    ts: row.collected_at,
    type: 'engine',
    machine: row.machine_id,
    subject: row.agent_id,
    severity: SEVERITY[row.type] ?? 'info',
    change: row.type,
    text: `${row.agent_id} ${WORDS[row.type] ?? row.type}${row.detail === null ? '' : `: ${row.detail}`}`,
    data: {
      ...(JSON.parse(row.data_json) as Record<string, unknown>),
      event: row.event_id,
      at: row.ts,
      detail: row.detail,
    },
  }))
