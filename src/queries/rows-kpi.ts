import type { Row } from '../core/rows.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { ofLooked, readPanes } from './fleet-rows.ts'
import { fleetPicture } from './picture.ts'
import { readUsage } from './rows-usage.ts'

export const KPI_EVERY_MS = 5 * 60_000

/** Start of the five minutes a moment lies in. */
export const kpiBucket = (at: Date): Date => new Date(Math.floor(at.getTime() / KPI_EVERY_MS) * KPI_EVERY_MS)

const LEDGER_SOURCES = new Set(['claude', 'codex', 'gemini', 'opencode'])
const WAITING = new Set(['needs_approval', 'asked_question'])
const TROUBLE = new Set(['failed', 'stalled', 'rate_limited'])
const HOUR_MS = 3_600_000

const agentCounts = (agents: readonly { readonly state: string | null; readonly ended: string | null }[]) => {
  const standing = agents.filter((agent) => agent.ended === null && agent.state !== 'dead')
  const of = (wanted: (state: string) => boolean): number =>
    standing.filter((agent) => agent.state !== null && wanted(agent.state)).length
  return {
    agents_active: of((state) => state === 'working'),
    agents_idle: of((state) => state === 'idle' || state === 'turn_finished'),
    agents_waiting: of((state) => WAITING.has(state)),
    agents_trouble: of((state) => TROUBLE.has(state)),
  }
}

const usageFigures = async (ctx: QueryContext, known: boolean) => {
  const none = {
    tokens_today: null,
    cost_today_microusd: null,
    unpriced_tokens_today: null,
    burn_rate_microusd_per_h: null,
  }
  if (!known) return none
  const midnight = new Date(Date.UTC(ctx.now.getUTCFullYear(), ctx.now.getUTCMonth(), ctx.now.getUTCDate()))
  const hourAgo = new Date(ctx.now.getTime() - HOUR_MS)
  const [today, hour] = await Promise.all([
    readUsage(ctx, { since: midnight, until: ctx.now, groupBy: 'provider' }),
    readUsage(ctx, { since: hourAgo, until: ctx.now, groupBy: 'provider' }),
  ])
  const sum = (rows: typeof today, name: 'total_tokens' | 'cost_microusd' | 'unpriced_tokens'): number =>
    rows.reduce((total, row) => total + row[name], 0)
  return {
    tokens_today: sum(today, 'total_tokens'),
    cost_today_microusd: sum(today, 'cost_microusd'),
    unpriced_tokens_today: sum(today, 'unpriced_tokens'),
    burn_rate_microusd_per_h: sum(hour, 'cost_microusd'),
  }
}

/** Panes in which an agent works, of all panes; null where no terminal is known. */
const ptyUtilization = (
  panes: readonly read.PaneRow[],
  agents: readonly { readonly machine_id: string; readonly pane_key: string | null; readonly state: string | null }[],
): number | null => {
  if (panes.length === 0) return null
  const busy = new Set(
    agents
      .filter((agent) => agent.state === 'working' && agent.pane_key !== null)
      .map((agent) => `${agent.machine_id} ${agent.pane_key}`),
  )
  return Math.min(100, Math.round((1000 * busy.size) / panes.length) / 10)
}

/** The key figures of now as a row of `kpi_snapshots`. What no source tells stays null. */
export const readKpi = async (ctx: QueryContext): Promise<Row> => {
  const [fleet, panes, beads, towns, convoys, incidents] = await Promise.all([
    fleetPicture(ctx, null),
    readPanes(ctx, null),
    read.beadsCounts(ctx.db, { closedSince: new Date(ctx.now.getTime() - 15 * 60_000) }),
    ofLooked(ctx, null, undefined, read.gastownTowns(ctx.db)),
    ofLooked(ctx, null, undefined, read.gastownConvoys(ctx.db)),
    read.countIncidents(ctx.db),
  ])
  const { rows } = fleet
  const ledgerKnown = rows.scrapes.some((row) => LEDGER_SOURCES.has(row.source) && row.last_ok_at !== null)
  const firing = rows.alerts.filter((alert) => alert.status === 'firing')
  return {
    ts: kpiBucket(ctx.now),
    machines_total: fleet.machines.length,
    machines_online: fleet.machines.filter((m) => m.view.status === 'online' || m.view.status === 'degraded').length,
    health_score: fleet.score,
    ...agentCounts(rows.agents),
    beads_active: beads.projects === 0 ? null : beads.inProgress,
    beads_completed_15m: beads.projects === 0 ? null : beads.closed,
    // Beads are open or done: no tracker vc reads knows a failed one.
    beads_failed_15m: null,
    convoys_active: towns.length === 0 ? null : convoys.filter((row) => row.status !== 'closed').length,
    ...(await usageFigures(ctx, ledgerKnown)),
    pty_utilization_pct: ptyUtilization(panes, rows.agents),
    patrol_ok: fleet.machines.every((m) => m.view.ageS !== null && m.view.ageS <= m.view.staleAfterS),
    alerts_critical: firing.filter((alert) => alert.severity === 'critical').length,
    alerts_warning: firing.filter((alert) => alert.severity === 'warning').length,
    incidents_open: incidents.open,
  }
}
