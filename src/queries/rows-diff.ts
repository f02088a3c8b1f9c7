import { limitName } from '../core/limit-name.ts'
import type { AccountStanding } from '../oracle/account-standing.ts'
import { endedBecause } from '../oracle/evaluate.ts'
import * as read from '../store/index.ts'
import { readStandings } from './account-facts.ts'
import type { QueryContext } from './define.ts'
import { ofLooked, when } from './fleet-rows.ts'
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

/** As the screen of accounts tells them: joined over machines, and unknown where the window that was seen is over. */
const windows = (standings: readonly AccountStanding[]): Map<string, WindowWords> =>
  new Map(
    standings.flatMap((one) =>
      one.windows.map(({ provider, account, limit_id, window_name, usedPct }) => [
        [provider, account, limit_id, window_name].join('\u0001'),
        {
          provider,
          account: one.label ?? account,
          window: limitName(provider, limit_id, window_name),
          usedPct,
        },
      ]),
    ),
  )

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
  const [fleet, standings, tools] = await Promise.all([
    fleetPicture(ctx, at),
    readStandings(ctx, at),
    ofLooked(ctx, at, undefined, read.toolCapabilities(ctx.db, when(at))),
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
    accounts: windows(standings),
    versions: versionsOf(
      tools,
      rows.machines.filter((machine) => machine.enabled),
    ),
  }
}

/** What began and ended of alerts between two moments: neither picture shows those that fired and were gone again. */
export const alertsBetween = async (
  ctx: QueryContext,
  from: Date,
  to: Date,
): Promise<{ readonly fired: readonly read.AlertEventRow[]; readonly notJudged: ReadonlyMap<string, string> }> => {
  const events = await read.alertTurns(ctx.db, { since: from, until: to, limit: 10_000 })
  // Newest first: one that came back and ended otherwise keeps its last end.
  const ends = events.toReversed().filter((row) => row.status === 'resolved')
  const because = ends.map(
    ({ alert_id, status, evidence_json }) =>
      [alert_id, endedBecause({ status, evidence: JSON.parse(evidence_json) as Record<string, unknown> })] as const,
  )
  return {
    fired: events.filter((row) => row.status === 'firing'),
    notJudged: new Map([...new Map(because)].flatMap(([id, why]) => (why === null ? [] : [[id, why] as const]))),
  }
}
