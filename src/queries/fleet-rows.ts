import type { Severity } from '../oracle/rule.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { readStrains, type StrainRows } from './strain.ts'

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
  readonly source: string | null
  /** ru's own word and opinion, also where git is shown. */
  readonly ru_status: string | null
  readonly mismatch: boolean | null
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
  /** What strains machines beyond their meters; absent: nobody looked. */
  readonly strains?: StrainRows
}

export const when = (at: Date | null): { at: Date } | Record<string, never> => (at === null ? {} : { at })

const MINUTE_MS = 60_000

/**
 * Up to when rows count: `at`, or the end of the minute that is now. Nothing lies further ahead than that minute, and all
 * questions of one minute read the same span, so that the store remembers their answers until something is written.
 */
export const untilOf = (ctx: Pick<QueryContext, 'now'>, at: Date | null): Date =>
  at ?? new Date(Math.ceil(ctx.now.getTime() / MINUTE_MS) * MINUTE_MS)

export const where = (at: Date | null, machineId: string | undefined) => ({
  ...when(at),
  ...(machineId === undefined ? {} : { machineId }),
})

/** The inventory, machines that were removed left out. */
export const readMachines = async (ctx: QueryContext, at: Date | null): Promise<MachineRow[]> => {
  const rows = await read.machines(ctx.db, when(at))
  if (at !== null || ctx.inventoryOfPlan === undefined) return rows
  const planned = new Map(ctx.plan.machines.map((machine) => [machine.machineId, machine]))
  return rows.flatMap((row) => {
    const machine = planned.get(row.machine_id)
    return machine === undefined ? [] : [{ ...row, enabled: machine.enabled }]
  })
}

/**
 * Machines that left the configuration or are disabled in it: nobody sees any more what becomes of their agents, checkouts and
 * issues, so these are not now. None where one machine is asked for by name: then what was last seen of it is the answer.
 */
export const leftMachines = async (
  ctx: QueryContext,
  at: Date | null,
  asked?: string,
): Promise<ReadonlySet<string>> => {
  if (asked !== undefined) return new Set()
  const [ever, there] = await Promise.all([read.machineIdsEverKnown(ctx.db), readMachines(ctx, at)])
  const looked = new Set(there.flatMap((machine) => (machine.enabled ? [machine.machine_id] : [])))
  return new Set(ever.filter((id) => !looked.has(id)))
}

/** Of a picture of how things are: what machines tell that are looked at. History is not narrowed so. */
export const ofLooked = async <Row extends { readonly machine_id: string | null }>(
  ctx: QueryContext,
  at: Date | null,
  asked: string | undefined,
  rows: Promise<readonly Row[]>,
): Promise<Row[]> => {
  const [all, left] = await Promise.all([rows, leftMachines(ctx, at, asked)])
  return all.filter((row) => row.machine_id === null || !left.has(row.machine_id))
}

const withState = ({ verdict, ...agent }: read.AgentWithState): AgentRow => ({
  ...agent,
  state: verdict?.state ?? null,
  reason: verdict?.reason ?? null,
  since: verdict?.since ?? null,
  until_at: verdict?.until_at ?? null,
  rule: verdict?.rule ?? null,
  judged_at: verdict?.judged_at ?? null,
})

/** Agents that have not ended, of machines that are looked at. */
export const readAgents = async (ctx: QueryContext, at: Date | null, machineId?: string): Promise<AgentRow[]> =>
  (await ofLooked(ctx, at, machineId, read.agents(ctx.db, where(at, machineId)))).map(withState)

/** Those and the `limit` that ended last, of machines nobody looks at, too; and how many there are by state without a limit. */
export const readAgentsEver = async (
  ctx: QueryContext,
  at: Date | null,
  asked: Pick<read.ListedQuestion, 'machineId' | 'cli' | 'states'> & { readonly limit: number },
): Promise<{ readonly rows: readonly AgentRow[]; readonly byState: ReadonlyMap<string, number> }> => {
  const question = { ...asked, ...when(at), left: await leftMachines(ctx, at, asked.machineId) }
  const [rows, byState] = await Promise.all([read.agentsLately(ctx.db, question), read.agentsByState(ctx.db, question)])
  return { rows: rows.map(withState), byState }
}

export const readRepos = async (ctx: QueryContext, at: Date | null, machineId?: string): Promise<RepoRow[]> => {
  const rows = await ofLooked(ctx, at, machineId, read.reposWithStatus(ctx.db, where(at, machineId)))
  return rows.map(({ status, ru, ...repo }) => ({
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
    source: status?.source ?? null,
    ru_status: ru?.status ?? null,
    mismatch: ru?.mismatch ?? null,
    collected_at: status?.collected_at ?? null,
  }))
}

const narrowed = (rows: FleetRows, only: ReadonlySet<string> | undefined): FleetRows => {
  if (only === undefined) return rows
  const mine = <Row extends { readonly machine_id: string | null }>(all: readonly Row[]): readonly Row[] =>
    all.filter((row) => row.machine_id !== null && only.has(row.machine_id))
  return {
    machines: mine(rows.machines),
    scrapes: mine(rows.scrapes),
    sys: mine(rows.sys),
    filesystems: mine(rows.filesystems),
    agents: mine(rows.agents),
    alerts: mine(rows.alerts),
    repos: mine(rows.repos),
    ...(rows.strains === undefined ? {} : { strains: rows.strains }),
  }
}

/** The rows of the fleet, or of these machines alone. */
export const readFleetRows = async (
  ctx: QueryContext,
  at: Date | null,
  these?: readonly string[],
): Promise<FleetRows> => {
  const named = these === undefined ? undefined : new Set(these)
  if (at === null && ctx.ready !== undefined) return narrowed(await ctx.ready(), named)
  const only = these?.length === 1 ? these[0] : undefined
  const place = where(at, only)
  const [machines, scrapes, sys, filesystems, agents, alerts, repos, strains] = await Promise.all([
    readMachines(ctx, at),
    read.latestScrapes(ctx.db, place),
    read.latestSys(ctx.db, place),
    read.filesystems(ctx.db, place),
    readAgents(ctx, at, only),
    ofLooked(ctx, at, only, read.activeAlerts(ctx.db, when(at))),
    readRepos(ctx, at, only),
    readStrains(ctx, at),
  ])
  return narrowed({ machines, scrapes, sys, filesystems, agents, alerts: alerts as AlertRow[], repos, strains }, named)
}

export const readPanes = (ctx: QueryContext, at: Date | null, machineId?: string) =>
  ofLooked(ctx, at, machineId, read.panes(ctx.db, where(at, machineId)))
export const readPressure = (ctx: QueryContext, at: Date | null, machineId: string) =>
  read.pressure(ctx.db, where(at, machineId))
export const readTopProcesses = (ctx: QueryContext, at: Date | null, machineId: string) =>
  read.topProcesses(ctx.db, where(at, machineId))
export const readTools = (ctx: QueryContext, at: Date | null, machineId: string) =>
  read.toolCapabilities(ctx.db, where(at, machineId))
export const readFindings = (ctx: QueryContext, at: Date | null, machineId: string) =>
  read.triageFindings(ctx.db, where(at, machineId))
export const readScrapes = (ctx: QueryContext, at: Date | null, machineId?: string) =>
  ofLooked(ctx, at, machineId, read.latestScrapes(ctx.db, where(at, machineId)))
export const readAccounts = (ctx: QueryContext, at: Date | null) => read.accountUsage(ctx.db, when(at))

export const readSelf = (ctx: QueryContext) => read.selfSamples(ctx.db)

export const readRepoCommits = (ctx: QueryContext, at: Date | null, machineId?: string) =>
  read.repoCommits(ctx.db, where(at, machineId))
export const readGithubRepos = (ctx: QueryContext, at: Date | null) => read.githubRepos(ctx.db, when(at))
export const readGithubItems = (ctx: QueryContext, at: Date | null, repoIds: readonly string[]) =>
  read.githubItems(ctx.db, { ...when(at), repoIds })
export const readAgentConfig = (ctx: QueryContext, at: Date | null, machineId?: string) =>
  ofLooked(ctx, at, machineId, read.agentConfig(ctx.db, where(at, machineId)))
export const readAgentConfigFiles = (ctx: QueryContext, at: Date | null, machineId?: string) =>
  ofLooked(ctx, at, machineId, read.agentConfigFiles(ctx.db, where(at, machineId)))
