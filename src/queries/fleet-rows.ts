import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'

/** The rows a fleet picture is assembled from, as the store keeps them. */
export type MachineRow = Awaited<ReturnType<typeof read.machines>>[number]
export type ScrapeRow = Awaited<ReturnType<typeof read.latestScrapes>>[number]
export type SysRow = Awaited<ReturnType<typeof read.latestSys>>[number]
export type FilesystemRow = Awaited<ReturnType<typeof read.filesystems>>[number]
export type AlertRow = Awaited<ReturnType<typeof read.activeAlerts>>[number] & { readonly severity: Severity }

/** An agent with its newest verdict beside it; null state: never judged. */
export interface AgentRow extends Omit<read.AgentRow, never> {
  readonly state: string | null
  readonly reason: string | null
  readonly since: string | null
  readonly until_at: string | null
  readonly rule: string | null
  readonly judged_at: string | null
}

export interface RepoRow {
  readonly machine_id: string
  readonly repo_id: string
  readonly path: string
  readonly name: string | null
  readonly url: string | null
  readonly state: string | null
  readonly branch: string | null
  readonly dirty: boolean | null
  readonly untracked: number | null
  readonly conflicted: number | null
  readonly ahead: number | null
  readonly behind: number | null
  readonly stashes: number | null
  readonly last_commit_at: string | null
  readonly commits_7d: number | null
  readonly commits_30d: number | null
  readonly collected_at: string | null
}

export interface FleetRows {
  readonly machines: readonly MachineRow[]
  readonly scrapes: readonly ScrapeRow[]
  readonly sys: readonly SysRow[]
  readonly filesystems: readonly FilesystemRow[]
  readonly agents: readonly AgentRow[]
  readonly alerts: readonly AlertRow[]
  readonly repos: readonly RepoRow[]
}

const when = (at: Date | null): { at: Date } | Record<string, never> => (at === null ? {} : { at })
const where = (at: Date | null, machineId: string | undefined) => ({
  ...when(at),
  ...(machineId === undefined ? {} : { machineId }),
})

export const readAgents = async (
  ctx: QueryContext,
  at: Date | null,
  machineId?: string,
  ended = true,
): Promise<AgentRow[]> => {
  const rows = await read.agents(ctx.db, { ...where(at, machineId), ended })
  return rows.map(({ verdict, ...agent }) => ({
    ...agent,
    state: verdict?.state ?? null,
    reason: verdict?.reason ?? null,
    since: verdict?.since ?? null,
    until_at: verdict?.until_at ?? null,
    rule: verdict?.rule ?? null,
    judged_at: verdict?.judged_at ?? null,
  }))
}

export const readRepos = async (ctx: QueryContext, at: Date | null, machineId?: string): Promise<RepoRow[]> => {
  const rows = await read.reposWithStatus(ctx.db, where(at, machineId))
  return rows.map(({ status, ...repo }) => ({
    machine_id: repo.machine_id,
    repo_id: repo.repo_id,
    path: repo.path,
    name: repo.name,
    url: repo.url,
    state: status?.state ?? null,
    branch: status?.branch ?? null,
    dirty: status?.dirty ?? null,
    untracked: status?.untracked ?? null,
    conflicted: status?.conflicted ?? null,
    ahead: status?.ahead ?? null,
    behind: status?.behind ?? null,
    stashes: status?.stashes ?? null,
    last_commit_at: status?.last_commit_at ?? null,
    commits_7d: status?.commits_7d ?? null,
    commits_30d: status?.commits_30d ?? null,
    collected_at: status?.collected_at ?? null,
  }))
}

export const readFleetRows = async (ctx: QueryContext, at: Date | null, only?: string): Promise<FleetRows> => {
  const place = where(at, only)
  const [machines, scrapes, sys, filesystems, agents, alerts, repos] = await Promise.all([
    read.machines(ctx.db, when(at)),
    read.latestScrapes(ctx.db, place),
    read.latestSys(ctx.db, place),
    read.filesystems(ctx.db, place),
    readAgents(ctx, at, only, false),
    read.activeAlerts(ctx.db, when(at)),
    readRepos(ctx, at, only),
  ])
  return {
    machines: only === undefined ? machines : machines.filter((machine) => machine.machine_id === only),
    scrapes,
    sys,
    filesystems,
    agents,
    alerts: alerts as AlertRow[],
    repos,
  }
}

export const readSessions = (
  ctx: QueryContext,
  at: Date | null,
  question: { readonly since: Date; readonly machine: string | undefined; readonly cli: string | undefined },
) =>
  read
    .agentSessions(ctx.db, { ...where(at, question.machine), activeSince: question.since })
    .then((rows) => rows.filter((row) => question.cli === undefined || row.cli === question.cli))

export const readPanes = (ctx: QueryContext, at: Date | null, machineId?: string) =>
  read.panes(ctx.db, where(at, machineId))
export const readPressure = (ctx: QueryContext, at: Date | null, machineId: string) =>
  read.pressure(ctx.db, where(at, machineId))
export const readTopProcesses = (ctx: QueryContext, at: Date | null, machineId: string) =>
  read.topProcesses(ctx.db, where(at, machineId))
export const readTools = (ctx: QueryContext, at: Date | null, machineId: string) =>
  read.toolCapabilities(ctx.db, where(at, machineId))
export const readScrapes = (ctx: QueryContext, at: Date | null, machineId?: string) =>
  read.latestScrapes(ctx.db, where(at, machineId))
export const readAccounts = (ctx: QueryContext, at: Date | null) => read.accountUsage(ctx.db, when(at))

export interface UsageTotals {
  readonly key: string | null
  readonly messages: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly reasoning_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly total_tokens: number
  readonly cost_microusd: number
  readonly unpriced_tokens: number
}

export const readUsage = async (
  ctx: QueryContext,
  question: { readonly since: Date; readonly until: Date; readonly groupBy: read.UsageGroup },
): Promise<UsageTotals[]> => {
  const rows = await read.usageTotals(ctx.db, question)
  return rows.map(({ group, ...row }) => ({ key: group, ...row }))
}

export interface Coverage {
  readonly machines: number
  readonly machinesReporting: number
  readonly lastWeekSharePct: number | null
}

const LEDGER_SOURCES = new Set(['claude', 'codex', 'gemini', 'opencode'])

/** How much of the fleet a sum stands for: machines whose transcripts were read in time, and their share of last week. */
export const readUsageCoverage = async (ctx: QueryContext): Promise<Coverage> => {
  const until = ctx.now
  const [shares, scrapes] = await Promise.all([
    read.usageCoverage(ctx.db, { since: new Date(until.getTime() - 7 * 86_400_000), until }),
    read.latestScrapes(ctx.db),
  ])
  const reporting = new Set(
    ctx.plan.machines
      .filter((machine) => machine.enabled)
      .filter((machine) =>
        scrapes.some((row) => {
          const planned = machine.sources.find((source) => source.source === row.source)
          if (
            row.machine_id !== machine.machineId ||
            !planned ||
            !LEDGER_SOURCES.has(row.source) ||
            row.last_ok_at === null
          )
            return false
          return until.getTime() - Date.parse(row.last_ok_at) <= (planned.intervalS * 3 + 60) * 1000
        }),
      )
      .map((machine) => machine.machineId),
  )
  const known = shares.filter((row) => row.last_week_share_pct !== null)
  const covered = known
    .filter((row) => reporting.has(row.machine_id))
    .reduce((sum, row) => sum + (row.last_week_share_pct ?? 0), 0)
  return {
    machines: ctx.plan.machines.filter((machine) => machine.enabled).length,
    machinesReporting: reporting.size,
    lastWeekSharePct: known.length ? Math.min(100, Math.round(covered * 10) / 10) : null,
  }
}

export interface EventRow {
  readonly ts: string
  readonly type: 'alert' | 'agent' | 'machine' | 'security'
  readonly machine: string | null
  readonly subject: string
  readonly severity: Severity
  readonly change: string
  readonly text: string
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
  question: { readonly since: Date; readonly limit: number },
): Promise<EventRow[]> => {
  const after = { since: new Date(question.since.getTime() + 1), limit: question.limit }
  const [alerts, states, machines, security] = await Promise.all([
    read.alertEvents(ctx.db, after),
    read.agentStateEvents(ctx.db, after),
    read.machineEvents(ctx.db, after),
    read.securityEvents(ctx.db, after),
  ])
  const rows: EventRow[] = [
    ...alerts.map((row) => ({
      ts: row.event_at,
      type: 'alert' as const,
      machine: row.machine_id,
      subject: row.alert_id,
      severity: row.severity as Severity,
      change: row.status,
      text: row.title,
    })),
    ...states.map((row) => ({
      ts: row.event_at,
      type: 'agent' as const,
      machine: row.machine_id,
      subject: row.agent_id,
      severity: AGENT_SEVERITY[row.state] ?? ('info' as const),
      change: row.state,
      text: `${row.agent_id} is ${row.state}${row.reason ? `: ${row.reason}` : ''}`,
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
  ]
  return rows.sort((a, b) => a.ts.localeCompare(b.ts) || a.subject.localeCompare(b.subject))
}

export const readSelf = (ctx: QueryContext) => read.selfSamples(ctx.db)

/** Every agent with the names it also goes by. */
export const readAgentNames = async (ctx: QueryContext, at: Date | null) => {
  const [agents, aliases] = await Promise.all([
    read.agents(ctx.db, { ...when(at), ended: true }),
    read.agentAliases(ctx.db, when(at)),
  ])
  const names = Map.groupBy(aliases, (row) => row.agent_id)
  return agents.map((row) => ({
    agentId: row.agent_id,
    ended: row.ended !== null,
    names: (names.get(row.agent_id) ?? []).map((alias) => alias.alias),
  }))
}

const paneKey = (row: { socket: string; server_start_epoch_s: number | null; pane_id: string }): string =>
  `${row.socket}:${row.server_start_epoch_s ?? ''}:${row.pane_id}`

/** What the store knows about one agent: its verdict, its pane, its processes, its session, its aliases. */
export const readAgentEvidence = async (ctx: QueryContext, at: Date | null, agentId: string) => {
  const all = await read.agents(ctx.db, { ...when(at), ended: true })
  const found = all.find((row) => row.agent_id === agentId)
  if (!found) throw new Error(`${agentId} vanished while it was read`)
  const { verdict, ...agent } = found
  const place = where(at, agent.machine_id)
  const [panes, processes, sessions, aliases] = await Promise.all([
    read.panes(ctx.db, place),
    read.agentProcesses(ctx.db, place),
    agent.session_id === null ? [] : read.agentSessions(ctx.db, { ...place, sessionId: agent.session_id }),
    read.agentAliases(ctx.db, place),
  ])
  return {
    agent,
    state: verdict,
    pane: panes.find((row) => paneKey(row) === agent.pane_key) ?? null,
    processes: processes.filter(
      (row) => row.root_pid === agent.root_pid && row.root_start_ticks === agent.root_start_ticks,
    ),
    session: sessions.find((row) => row.cli === agent.cli) ?? null,
    aliases: aliases.filter((row) => row.agent_id === agentId),
  }
}
