import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import type { WatchRow } from './rows-oracle-events.ts'

// Somebody should look at what was refused to an agent, and at what nobody knows the end of.
const severityOf = ({ outcome, caller_agent }: read.AuditRow): Severity =>
  outcome === 'outcome_unknown' || (outcome === 'refused' && caller_agent !== null) ? 'warning' : 'info'

const textOf = (row: read.AuditRow): string => {
  const what = `${row.verb} of ${row.agent_id ?? row.subject ?? row.machine_id} by ${row.actor}`
  const end = row.outcome === null ? 'is under way' : `is ${row.outcome}`
  return `${what} ${end}${row.detail === null ? '' : `: ${row.detail}`}`
}

/** Actions on machines and agents, step by step, by the moment they were stored. */
export const auditEvents = async (ctx: QueryContext, span: read.ChangeSpan): Promise<WatchRow[]> =>
  (await read.auditChanges(ctx.db, span)).map((row) => ({
    ts: row.collected_at,
    type: 'action',
    machine: row.machine_id,
    subject: row.agent_id ?? row.subject ?? row.audit_id,
    severity: severityOf(row),
    change: row.outcome ?? row.step,
    text: textOf(row),
    data: {
      audit: row.audit_id,
      verb: row.verb,
      step: row.step,
      outcome: row.outcome,
      code: row.code,
      actor: row.actor,
      origin: row.origin,
    },
  }))
