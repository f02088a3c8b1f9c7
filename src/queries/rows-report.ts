import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { readUsage, type UsageTotals } from './rows-usage.ts'

export interface Span {
  readonly since: Date
  readonly until: Date
}

const GROUPS = ['model', 'account', 'project', 'machine', 'agent', 'session'] as const
type Group = (typeof GROUPS)[number]

/** What one window held, as counted from rows; two of them make a trend. */
export interface WindowFacts {
  readonly usage: Readonly<Record<Group, readonly UsageTotals[]>>
  /** Each alert once per time it fired, newest first. */
  readonly alerts: readonly read.AlertEventRow[]
  readonly agentTrouble: readonly { readonly agent_id: string; readonly state: string }[]
  readonly incidents: readonly read.IncidentRow[]
  readonly failures: readonly read.ScrapeFailures[]
  readonly moved: readonly read.RepoHeadRow[]
  readonly closed: readonly read.ClosedBead[]
}

const MOST = 20_000
const TROUBLE = new Set(['failed', 'stalled', 'rate_limited', 'dead'])

const within = (iso: string | null, { since, until }: Span): boolean => {
  const at = iso === null ? Number.NaN : Date.parse(iso)
  return at >= since.getTime() && at < until.getTime()
}

const firedIn = (rows: readonly read.AlertEventRow[], span: Span): read.AlertEventRow[] => {
  const once = new Map<string, read.AlertEventRow>()
  for (const row of rows)
    if (within(row.fired_at, span) && !once.has(`${row.alert_id} ${row.fired_at}`))
      once.set(`${row.alert_id} ${row.fired_at}`, row)
  return [...once.values()]
}

export const readWindow = async (ctx: QueryContext, span: Span): Promise<WindowFacts> => {
  const [usage, alerts, states, incidents, failures, moved, closed] = await Promise.all([
    Promise.all(GROUPS.map(async (groupBy) => [groupBy, await readUsage(ctx, { ...span, groupBy })] as const)),
    read.alertEvents(ctx.db, { ...span, limit: MOST }),
    read.agentStateEvents(ctx.db, { ...span, limit: MOST }),
    read.incidentsBegun(ctx.db, span),
    read.scrapeFailures(ctx.db, { ...span, limit: 1_000 }),
    read.repoHeads(ctx.db, { ...span, limit: MOST }),
    read.closedBeads(ctx.db, { ...span, limit: MOST }),
  ])
  return {
    usage: Object.fromEntries(usage) as unknown as Record<Group, readonly UsageTotals[]>,
    alerts: firedIn(alerts, span),
    agentTrouble: states.filter((row) => TROUBLE.has(row.state)),
    incidents,
    failures,
    moved,
    closed,
  }
}

const sum = (
  rows: readonly UsageTotals[],
  name: 'messages' | 'total_tokens' | 'cost_microusd' | 'unpriced_tokens',
): number => rows.reduce((total, row) => total + row[name], 0)

/** The window as plain figures. */
export const figuresOf = (facts: WindowFacts) => ({
  agents: facts.usage.agent.filter((row) => row.key !== null).length,
  sessions: facts.usage.session.length,
  machines: facts.usage.machine.length,
  messages: sum(facts.usage.model, 'messages'),
  tokens: sum(facts.usage.model, 'total_tokens'),
  cost_microusd: sum(facts.usage.model, 'cost_microusd'),
  unpriced_tokens: sum(facts.usage.model, 'unpriced_tokens'),
  alerts_critical: facts.alerts.filter((row) => row.severity === 'critical').length,
  alerts_warning: facts.alerts.filter((row) => row.severity === 'warning').length,
  incidents: facts.incidents.length,
  agent_troubles: facts.agentTrouble.length,
  repos_moved: new Set(facts.moved.map((row) => `${row.machine_id} ${row.path}`)).size,
  head_changes: facts.moved.length,
  beads_closed: facts.closed.length,
})

export type Figures = ReturnType<typeof figuresOf>
