import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { when } from './fleet-rows.ts'
import { fleetPicture } from './picture.ts'

/** What is compared of one moment: everything by a name, as short words. */
export interface Moment {
  readonly machines: ReadonlyMap<string, MachineWords>
  readonly agents: ReadonlyMap<string, AgentWords>
  readonly alerts: ReadonlyMap<string, AlertWords>
  readonly repos: ReadonlyMap<string, RepoWords>
  readonly accounts: ReadonlyMap<string, WindowWords>
  /** `machine/tool` to version. */
  readonly versions: ReadonlyMap<string, string>
}

export interface MachineWords {
  readonly status: string
  readonly score: number
  readonly why: string | null
}
export interface AgentWords {
  readonly machine: string
  readonly state: string
  readonly reason: string | null
}
export interface AlertWords {
  readonly machine: string | null
  readonly severity: string
  readonly title: string
}
export interface RepoWords {
  readonly machine: string
  readonly path: string
  readonly branch: string | null
  readonly dirty: boolean | null
  readonly ahead: number | null
}
export interface WindowWords {
  readonly provider: string
  readonly account: string
  readonly window: string
  readonly usedPct: number | null
}

const windows = (rows: readonly read.AccountUsageRow[]): Map<string, WindowWords> => {
  const best = new Map<string, read.AccountUsageRow>()
  for (const row of rows) {
    const key = [row.provider, row.account_key, row.limit_id, row.window_name].join('\u0001')
    const held = best.get(key)
    if (held === undefined || row.observed_at > held.observed_at) best.set(key, row)
  }
  return new Map(
    [...best].map(([key, row]) => [
      key,
      {
        provider: row.provider,
        account: row.account_label ?? row.account_key,
        window: row.limit_id === '' ? row.window_name : `${row.limit_id} ${row.window_name}`,
        usedPct: row.used_pct,
      },
    ]),
  )
}

const versionsOf = (
  tools: readonly read.ToolCapabilityRow[],
  machines: readonly read.MachineRow[],
): Map<string, string> => {
  const out = new Map<string, string>()
  for (const tool of tools)
    if (tool.available && tool.version !== null) out.set(`${tool.machine_id}/${tool.tool_name}`, tool.version)
  for (const machine of machines) {
    if (machine.kernel !== null) out.set(`${machine.machine_id}/kernel`, machine.kernel)
    if (machine.os_version !== null)
      out.set(`${machine.machine_id}/os`, `${machine.os ?? ''} ${machine.os_version}`.trim())
  }
  return out
}

/** The fleet at a moment, or now. Throws `no_history` where the past cannot be told. */
export const readMoment = async (ctx: QueryContext, at: Date | null): Promise<Moment> => {
  const [fleet, usage, tools] = await Promise.all([
    fleetPicture(ctx, at),
    read.accountUsage(ctx.db, when(at)),
    read.toolCapabilities(ctx.db, when(at)),
  ])
  const { rows } = fleet
  return {
    machines: new Map(
      fleet.machines.map((m) => [
        m.view.machineId,
        { status: m.view.status, score: m.health.score, why: m.view.statusReason ?? m.health.topIssue },
      ]),
    ),
    agents: new Map(
      rows.agents
        .filter((agent) => agent.ended === null && agent.state !== 'dead')
        .map((agent) => [
          agent.agent_id,
          { machine: agent.machine_id, state: agent.state ?? 'unknown', reason: agent.reason },
        ]),
    ),
    alerts: new Map(
      rows.alerts
        .filter((alert) => alert.status === 'firing')
        .map((alert) => [alert.alert_id, { machine: alert.machine_id, severity: alert.severity, title: alert.title }]),
    ),
    repos: new Map(
      rows.repos.map((repo) => [
        `${repo.machine_id}:${repo.path}`,
        { machine: repo.machine_id, path: repo.path, branch: repo.branch, dirty: repo.dirty, ahead: repo.ahead },
      ]),
    ),
    accounts: windows(usage),
    versions: versionsOf(tools, rows.machines),
  }
}

/** Alerts that fired and were gone again between two moments: neither picture shows them. */
export const alertsBetween = async (ctx: QueryContext, from: Date, to: Date): Promise<read.AlertEventRow[]> => {
  const events = await read.alertTurns(ctx.db, { since: from, until: to, limit: 10_000 })
  return events.filter((row) => row.status === 'firing')
}
