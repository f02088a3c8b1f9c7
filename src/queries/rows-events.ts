import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { guardEvents } from './rows-guard-events.ts'

export interface EventRow {
  readonly ts: string
  readonly type: 'alert' | 'agent' | 'machine' | 'security' | 'guard' | 'process' | 'network'
  readonly machine: string | null
  readonly subject: string
  readonly severity: Severity
  readonly change: string
  readonly text: string
  /** Details by type, as `EVENT_DATA` describes them. */
  readonly data?: Readonly<Record<string, unknown>>
}

const AGENT_SEVERITY: Record<string, Severity> = {
  needs_approval: 'warning',
  asked_question: 'warning',
  failed: 'warning',
  stalled: 'warning',
  rate_limited: 'warning',
}

const MACHINE_SEVERITY: Record<string, Severity> = { offline: 'critical', degraded: 'warning' }

/** Changes after `since`, oldest first. */
export const readEvents = async (
  ctx: QueryContext,
  question: { readonly since: Date; readonly until?: Date | undefined; readonly limit: number },
): Promise<EventRow[]> => {
  const after = { since: new Date(question.since.getTime() + 1), until: question.until, limit: question.limit }
  const [alerts, states, machines, security, guards] = await Promise.all([
    read.alertTurns(ctx.db, after),
    read.agentStateEvents(ctx.db, after),
    read.machineEvents(ctx.db, after),
    read.securityEvents(ctx.db, after),
    guardEvents(ctx, after),
  ])
  const rows: EventRow[] = [
    ...alerts.map((row) => ({
      ts: row.event_at,
      type: 'alert' as const,
      machine: row.machine_id,
      subject: row.alert_id,
      severity: row.severity as Severity,
      change: row.status,
      // The title says what is; here it was.
      text: row.status === 'resolved' ? `over: ${row.title}` : row.title,
      data: {
        rule: row.rule,
        status: row.status,
        since: row.since,
        fired_at: row.fired_at,
        resolved_at: row.resolved_at,
      },
    })),
    ...states.map((row) => ({
      ts: row.event_at,
      type: 'agent' as const,
      machine: row.machine_id,
      subject: row.agent_id,
      severity: AGENT_SEVERITY[row.state] ?? ('info' as const),
      change: row.state,
      text: `${row.agent_id} is ${row.state}${row.reason ? `: ${row.reason}` : ''}`,
      data: { state: row.state, reason: row.reason, since: row.since, until: row.until_at, rule: row.rule },
    })),
    ...machines.map((row) => ({
      ts: row.event_at,
      type: 'machine' as const,
      machine: row.machine_id,
      subject: row.machine_id,
      severity: MACHINE_SEVERITY[row.status ?? ''] ?? ('info' as const),
      change: row.removed_at ? 'removed' : (row.status ?? 'unknown'),
      text: `${row.machine_id} is ${row.removed_at ? 'removed' : (row.status ?? 'unknown')}${row.status_reason ? `: ${row.status_reason}` : ''}`,
    })),
    ...security.map((row) => ({
      ts: row.collected_at,
      type: 'security' as const,
      machine: row.machine_id,
      subject: row.machine_id,
      severity: 'critical' as const,
      change: row.kind,
      text: row.detail ?? row.kind,
    })),
    ...guards,
  ]
  return rows.sort((a, b) => a.ts.localeCompare(b.ts) || a.subject.localeCompare(b.subject))
}
