import type { Fault } from '../core/faults.ts'
import { nameList } from '../core/nearest.ts'
import { intervalAt, type MachinePlan } from '../core/plan.ts'
import type { MachineView } from '../oracle/fleet-picture.ts'
import { fleetHealth, type HealthSeverity, isUnseen, type MachineHealth, machineHealth } from '../oracle/health.ts'
import {
  ENDS_NOTHING,
  endsNothing,
  isTransportFault,
  LATE_AFTER_TURNS,
  machineStatus,
  redReason,
  type SourcePicture,
} from '../oracle/status.ts'
import type { QueryContext } from './define.ts'
import { warning } from './define.ts'
import { type FleetRows, type MachineRow, readFleetRows, type ScrapeRow, type SysRow } from './fleet-rows.ts'
import { staleWarnings } from './stale.ts'
import { strainsOf } from './strain.ts'

/** One machine as every surface shows it. */
export interface MachineState {
  readonly view: MachineView
  readonly health: MachineHealth
  readonly hostname: string | null
  /** ISO; for a machine never reached, when vc first knew of it. */
  readonly lastSeen: string
  readonly agentCount: number
  readonly agentsByState: Readonly<Record<string, number>>
  readonly sys: SysRow | null
  readonly machine: MachineRow
}

export interface FleetPicture {
  readonly at: Date
  readonly score: number
  readonly severity: HealthSeverity
  /** Worst first. */
  readonly machines: readonly MachineState[]
  readonly rows: FleetRows
  /** Configured and enabled, but nothing has looked at them since they were. */
  readonly notYetKnown: readonly string[]
  /** Nothing new is kept at the moment: no look can change this picture. */
  readonly paused?: boolean
}

const seconds = (from: string | null, to: Date): number | null =>
  from === null ? null : Math.max(0, Math.floor((to.getTime() - Date.parse(from)) / 1000))

const share = (used: number | null, total: number | null): number | null =>
  used === null || !total ? null : (100 * used) / total

/** Percentages as surfaces print them: one decimal, inside 0–100, null stays null. */
export const roundPct = (value: number | null): number | null =>
  value === null ? null : Math.min(100, Math.max(0, Math.round(value * 10) / 10))

/** Loads, scores and rates: more digits are what a short float leaves over. */
export const roundTo = (value: number | null, digits: number): number | null =>
  value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits

const sourcePictures = (plan: MachinePlan | undefined, scrapes: readonly ScrapeRow[], at: Date): SourcePicture[] =>
  scrapes.flatMap((row) => {
    const planned = plan?.sources.find((source) => source.source === row.source)
    // A source that was switched off is history, not a fault.
    if (plan && !planned) return []
    return [
      {
        source: row.source,
        up: row.up,
        fault: row.fault as Fault | null,
        detail: row.detail,
        okAgeS: seconds(row.last_ok_at, at),
        intervalS: planned ? intervalAt(planned, at) : 300,
        consecutiveFailures: row.consecutive_failures,
        bytes: row.bytes,
      },
    ]
  })

const LIVE_SOURCES_SLOWEST_S = 60

// How old the newest answer may be before the machine itself counts as stale: its most frequent sources set the pace.
const staleAfter = (plan: MachinePlan | undefined): number => {
  const pace = Math.min(LIVE_SOURCES_SLOWEST_S, ...(plan?.sources.map((source) => source.intervalS) ?? [30]))
  return Math.max(15, pace * LATE_AFTER_TURNS + 5)
}

interface Parts {
  readonly plan: MachinePlan | undefined
  /** Rows of this machine alone. */
  readonly rows: Pick<FleetRows, 'scrapes' | 'sys' | 'filesystems' | 'agents'>
  readonly at: Date
  readonly strain?: ReturnType<typeof strainsOf> | undefined
}

const transportOf = (
  scrapes: readonly ScrapeRow[],
): { failures: number; fault: string | null; reason: string | null } => {
  const broken = scrapes.filter((row) => !row.up && isTransportFault(row.fault as Fault | null, row.bytes))
  const answeredLater = scrapes.some((row) => row.up && broken.every((bad) => bad.collected_at <= row.collected_at))
  if (broken.length === 0 || answeredLater) return { failures: 0, fault: null, reason: null }
  const worst = broken.reduce((a, b) => (b.consecutive_failures > a.consecutive_failures ? b : a))
  return { failures: worst.consecutive_failures, fault: worst.fault, reason: worst.detail ?? worst.fault }
}

const viewOf = (machine: MachineRow, { plan, rows, at, strain }: Parts): { view: MachineView; sys: SysRow | null } => {
  const id = machine.machine_id
  const { scrapes } = rows
  const sources = sourcePictures(plan, scrapes, at)
  const sys = rows.sys[0] ?? null
  const transport = transportOf(scrapes)
  const lastOk = scrapes.reduce<string | null>(
    (newest, row) => (row.last_ok_at && (!newest || row.last_ok_at > newest) ? row.last_ok_at : newest),
    null,
  )
  const status = machineStatus(lastOk !== null, transport.failures, sources)
  const redSources = sources.flatMap((source) => {
    const why = redReason(source)
    return why === null ? [] : [{ source: source.source, why, late: source.up }]
  })
  const hangs = endsNothing(sources)
  const view: MachineView = {
    machineId: id,
    enabled: machine.enabled,
    status,
    statusReason: transport.reason ?? (hangs ? ENDS_NOTHING : null),
    hangs,
    transportFailures: transport.failures,
    transportFault: transport.fault,
    ageS: seconds(lastOk, at),
    staleAfterS: staleAfter(plan),
    cores: sys?.cores ?? null,
    cpuPct: sys?.cpu_pct ?? null,
    load5: sys?.load5 ?? null,
    memUsedPct: share(sys?.mem_used_bytes ?? null, sys?.mem_total_bytes ?? null),
    filesystems: rows.filesystems.map((fs) => ({
      mount: fs.mount,
      usedPct: fs.used_pct,
      inodesUsedPct: fs.inodes_total && fs.inodes_free !== null ? 100 * (1 - fs.inodes_free / fs.inodes_total) : null,
    })),
    redSources,
    dueSources: sources.length,
    strain: strain?.(id, sys, rows.agents),
    sources,
  }
  return { view, sys }
}

const byState = (rows: Parts['rows']): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const agent of rows.agents) {
    if (agent.ended !== null || agent.state === 'dead') continue
    const state = agent.state ?? 'unknown'
    counts[state] = (counts[state] ?? 0) + 1
  }
  return counts
}

const stateOf = (machine: MachineRow, parts: Parts): MachineState => {
  const { view, sys } = viewOf(machine, parts)
  const agentsByState = byState(parts.rows)
  const newestOk =
    view.ageS === null ? machine.first_seen_at : new Date(parts.at.getTime() - view.ageS * 1000).toISOString()
  return {
    view,
    health: machineHealth(view),
    hostname: machine.hostname,
    lastSeen: newestOk,
    agentCount: Object.values(agentsByState).reduce((sum, n) => sum + n, 0),
    agentsByState,
    sys,
    machine,
  }
}

// Grouped once: looking through the rows of all machines for each of them grows with the square of the fleet.
const rowsByMachine = (rows: FleetRows): ((machineId: string) => Parts['rows']) => {
  const grouped = {
    scrapes: Map.groupBy(rows.scrapes, (row) => row.machine_id),
    sys: Map.groupBy(rows.sys, (row) => row.machine_id),
    filesystems: Map.groupBy(rows.filesystems, (row) => row.machine_id),
    agents: Map.groupBy(rows.agents, (row) => row.machine_id),
  }
  return (id) => ({
    scrapes: grouped.scrapes.get(id) ?? [],
    sys: grouped.sys.get(id) ?? [],
    filesystems: grouped.filesystems.get(id) ?? [],
    agents: grouped.agents.get(id) ?? [],
  })
}

/** Pure half of the picture: rows and plan in, judged machines out, worst first. */
export const assemblePicture = (rows: FleetRows, plan: QueryContext['plan'], at: Date): FleetPicture => {
  const plans = new Map(plan.machines.map((machine) => [machine.machineId, machine]))
  const rowsOf = rowsByMachine(rows)
  const strain = rows.strains === undefined ? undefined : strainsOf(rows.strains, at)
  const machines = rows.machines
    .filter((machine) => machine.enabled && machine.removed_at === null)
    .map((machine) =>
      stateOf(machine, { plan: plans.get(machine.machine_id), rows: rowsOf(machine.machine_id), at, strain }),
    )
    .sort((a, b) => a.health.score - b.health.score || a.view.machineId.localeCompare(b.view.machineId))
  // Right after a start nothing is known of most: what was seen is judged, and the rest is named.
  const fleet = fleetHealth(machines.filter(({ view }) => !isUnseen(view)).map((machine) => machine.health))
  const stored = new Set(rows.machines.map((machine) => machine.machine_id))
  const notYetKnown = plan.machines.filter((m) => m.enabled && !stored.has(m.machineId)).map((m) => m.machineId)
  return { at, ...fleet, machines, rows, notYetKnown }
}

/** The fleet at a moment; `only` narrows it to one machine, or to some. */
export const fleetPicture = async (
  ctx: QueryContext,
  at: Date | null,
  only?: string | readonly string[],
): Promise<FleetPicture> => {
  const these = typeof only === 'string' ? [only] : only
  const rows = await readFleetRows(ctx, at, these)
  const plan =
    these === undefined ? ctx.plan : { machines: ctx.plan.machines.filter((m) => these.includes(m.machineId)) }
  const paused = ctx.keepsNothing?.() ?? false
  const picture = { ...assemblePicture(rows, plan, at ?? ctx.now), paused }
  // What is configured now says nothing about the past.
  if (at !== null) return { ...picture, notYetKnown: [] }
  // However well it was when it was last seen: whatever becomes of it now, nobody learns.
  return paused ? { ...picture, severity: 'critical' } : picture
}

export const alertCounts = (fleet: FleetPicture): { critical: number; warning: number; info: number } => {
  const counts = { critical: 0, warning: 0, info: 0 }
  for (const alert of fleet.rows.alerts) if (alert.status === 'firing') counts[alert.severity]++
  return counts
}

/** Per source: seconds since its oldest last success on any machine where it is due and has ever answered. */
export const pictureStaleness = (fleet: FleetPicture): Record<string, number> => {
  const ages: Record<string, number> = {}
  for (const machine of fleet.machines)
    for (const source of machine.view.sources)
      if (source.okAgeS !== null) ages[source.source] = Math.max(ages[source.source] ?? 0, source.okAgeS)
  return ages
}

/** Machines at which no look has ended yet. */
export const unseenIn = (fleet: FleetPicture): readonly string[] =>
  fleet.machines.flatMap(({ view }) => (isUnseen(view) ? [view.machineId] : []))

const LOOK_FIX = 'vc daemon --detach, or once: vc collect'

/** Why nobody has looked somewhere, and what to do. */
export const unlookedWords = (paused = false): { readonly because: string; readonly fix: string } =>
  paused ? { because: ', because nothing new can be kept', fix: 'vc doctor' } : { because: '', fix: LOOK_FIX }

const notLookedWarning = ({ notYetKnown, paused }: FleetPicture): string => {
  const { because, fix } = unlookedWords(paused)
  return warning('not_looked_yet', `nothing has looked yet at ${nameList(notYetKnown)}${because}`, fix)
}

/** What the picture lacks, in words; `sources` are those whose lateness alone makes it old. */
export const pictureWarnings = (fleet: FleetPicture, sources: readonly string[] = ['probe']): string[] => {
  const out = fleet.machines
    .filter(({ view }) => view.ageS === null && !isUnseen(view))
    .map((m) =>
      warning(
        'never_reached',
        `${m.view.machineId} never answered${m.view.statusReason ? `: ${m.view.statusReason}` : ''}; last_seen is when vc first knew of it`,
        `vc machines probe ${m.view.machineId}`,
      ),
    )
  const unseen = unseenIn(fleet)
  if (unseen.length > 0)
    out.push(
      warning(
        'first_look',
        `no look has ended yet at ${nameList(unseen)}`,
        'ask again in some seconds; without a daemon: vc collect',
      ),
    )
  for (const m of fleet.machines.filter((x) => x.view.status === 'offline'))
    out.push(
      warning(
        'offline',
        `${m.view.machineId} is offline (${m.view.statusReason ?? 'no answer'}); its values are ${m.view.ageS ?? '?'} s old`,
        `vc machines probe ${m.view.machineId}`,
      ),
    )
  out.push(...staleWarnings(fleet, sources))
  if (fleet.notYetKnown.length > 0) out.push(notLookedWarning(fleet))
  else if (fleet.machines.length === 0)
    out.push(warning('no_machines', 'no machine is configured or enabled', 'vc machines add <id> <ssh target>'))
  return out
}
