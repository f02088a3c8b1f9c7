import { endedBecause } from '../oracle/evaluate.ts'
import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { systemChanges } from './reboots.ts'
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
/** All else that is told of keys wants a look at once. */
const SECURITY_SEVERITY: Record<string, Severity> = { trust: 'warning', host_key_right_again: 'info' }

// The title says what is; of one that ended it was, unless it ended only because nobody looks any more.
const alertText = ({ status, title, evidence_json }: read.AlertEventRow): string => {
  const because = endedBecause({ status, evidence: JSON.parse(evidence_json) as Record<string, unknown> })
  if (because !== null) return `not judged any more: ${title} (${because})`
  return status === 'resolved' ? `over: ${title}` : title
}

/** What became of a machine: that nobody looks at it is said before what it was when somebody last did. */
const machineChange = (row: read.MachineEventRow): string =>
  row.removed_at ? 'removed' : row.enabled === false ? 'disabled' : (row.status ?? 'unknown')

// Agents and terminals that ran there are gone with it.
const rebootText = (row: read.MachineEventRow): string => {
  const before = { os_version: row.os_version_before, kernel: row.kernel_before }
  const changes = systemChanges(before, row)
  return `${row.machine_id} was started anew${changes.length === 0 ? '' : `: ${changes.join(', ')}`}`
}

const machineText = (row: read.MachineEventRow): string => {
  const change = machineChange(row)
  const why = change === 'disabled' || change === 'removed' ? 'nobody looks at it any more' : row.status_reason
  return `${row.machine_id} is ${change}${why ? `: ${why}` : ''}`
}

const machineRows = (row: read.MachineEventRow): EventRow[] => {
  const about = { ts: row.event_at, type: 'machine' as const, machine: row.machine_id, subject: row.machine_id }
  const change = machineChange(row)
  const turn = { ...about, severity: MACHINE_SEVERITY[change] ?? ('info' as const), change, text: machineText(row) }
  const reboot = { ...about, severity: 'warning' as const, change: 'rebooted', text: rebootText(row) }
  return [...(row.rebooted ? [reboot] : []), ...(row.turned ? [turn] : [])]
}

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
      text: alertText(row),
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
    ...machines.flatMap(machineRows),
    ...security.map((row) => ({
      ts: row.collected_at,
      type: 'security' as const,
      machine: row.machine_id,
      subject: row.machine_id,
      severity: SECURITY_SEVERITY[row.kind] ?? ('critical' as const),
      change: row.kind,
      text: row.detail ?? row.kind,
    })),
    ...guards,
  ]
  return rows.sort((a, b) => a.ts.localeCompare(b.ts) || a.subject.localeCompare(b.subject))
}
