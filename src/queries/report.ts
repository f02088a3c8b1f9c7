import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { historyReaches } from '../store/index.ts'
import { readAccountLabels } from './account-facts.ts'
import { defineQuery, warning } from './define.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { readMoment } from './rows-diff.ts'
import { figuresOf, readWindow, type WindowFacts } from './rows-report.ts'
import type { UsageTotals } from './rows-usage.ts'
import { count, isoTime, microusd, tokens } from './shapes.ts'

const spend = z.object({
  key: z.string().nullable().describe('null: not known'),
  label: z.string().nullable().optional().describe('of an account: what people call it; null: not known'),
  tokens,
  cost_microusd: microusd,
  unpriced_tokens: tokens,
  messages: count,
})
const trendLine = z.object({
  figure: z.string(),
  now: z.number(),
  before: z.number().nullable().describe('the window before; null: vc did not look all through it'),
  change_pct: z.number().nullable().describe('null: there is nothing to compare with'),
})

const TOP = 5

const top = (rows: readonly UsageTotals[]): z.input<typeof spend>[] =>
  [...rows]
    .sort((a, b) => b.cost_microusd - a.cost_microusd || b.total_tokens - a.total_tokens)
    .slice(0, TOP)
    .map((row) => ({
      key: row.key,
      tokens: row.total_tokens,
      cost_microusd: row.cost_microusd,
      unpriced_tokens: row.unpriced_tokens,
      messages: row.messages,
    }))

/** Of the same kind and place told once, with how often. */
const tally = <Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): { readonly row: Row; readonly times: number }[] =>
  [...Map.groupBy(rows, keyOf).values()]
    .map((same) => ({ row: same[0] as Row, times: same.length }))
    .sort((a, b) => b.times - a.times)
    .slice(0, TOP * 2)

const trends = (now: WindowFacts, before: WindowFacts | null): z.input<typeof trendLine>[] => {
  const then = before === null ? null : figuresOf(before)
  return Object.entries(figuresOf(now)).map(([figure, value]) => {
    const past = then === null ? null : then[figure as keyof typeof then]
    const change = past === null || past === 0 ? null : Math.round((1000 * (value - past)) / past) / 10
    return { figure, now: value, before: past, change_pct: change }
  })
}

const shape = z.object({
  since: isoTime,
  until: isoTime,
  ran: z.object({ agents: count, sessions: count, machines: count, messages: count, by_machine: z.array(spend) }),
  cost: z.object({
    tokens,
    cost_microusd: microusd.describe('of the priced tokens only'),
    unpriced_tokens: tokens,
    by_model: z.array(spend),
    by_account: z.array(spend),
  }),
  wrong: z.object({
    alerts: z.array(
      z.object({ title: z.string(), severity: z.string(), machine: z.string().nullable(), times: count }),
    ),
    incidents: z.array(
      z.object({
        incident: z.string(),
        title: z.string(),
        severity: z.string(),
        status: z.string(),
        opened_at: isoTime,
      }),
    ),
    agents: z.array(z.object({ agent: z.string(), state: z.string(), times: count })),
    sources: z.array(
      z.object({ machine: z.string(), source: z.string(), failed: count, runs: count, fault: z.string().nullable() }),
    ),
  }),
  done: z.object({
    repos: z.array(
      z.object({
        machine: z.string(),
        path: z.string(),
        changes: count.describe('times its newest commit changed: commits, pulls, switches'),
      }),
    ),
    beads: z.array(z.object({ bead: z.string(), title: z.string().nullable(), closed_at: isoTime })),
    beads_closed: count,
  }),
  top_repos: z.array(spend).describe('by what was spent in them'),
  accounts: z.array(
    z.object({ provider: z.string(), account: z.string(), window: z.string(), used_pct: z.number().nullable() }),
  ),
  trends: z.array(trendLine),
})

const wrongOf = (now: WindowFacts): z.input<typeof shape>['wrong'] => ({
  alerts: tally(
    now.alerts.filter((row) => row.severity !== 'info'),
    (row) => row.alert_id,
  ).map(({ row, times }) => ({ title: row.title, severity: row.severity, machine: row.machine_id, times })),
  incidents: now.incidents.map((row) => ({
    incident: row.incident_id,
    title: row.title,
    severity: row.severity,
    status: row.status,
    opened_at: row.opened_at,
  })),
  agents: tally(now.agentTrouble, (row) => `${row.agent_id} ${row.state}`).map(({ row, times }) => ({
    agent: row.agent_id,
    state: row.state,
    times,
  })),
  sources: now.failures.map(({ machine_id, ...row }) => ({ machine: machine_id, ...row })),
})

const doneOf = (now: WindowFacts): z.input<typeof shape>['done'] => ({
  repos: tally(now.moved, (row) => `${row.machine_id} ${row.path}`).map(({ row, times }) => ({
    machine: row.machine_id,
    path: row.path,
    changes: times,
  })),
  beads: now.closed
    .slice(0, TOP * 2)
    .map((row) => ({ bead: row.issue_id, title: row.title, closed_at: row.closed_at })),
  beads_closed: now.closed.length,
})

const WINDOW = /^0*[1-9]\d*\s*[mhdw]$/

/** A digest of a window beside the one before it. */
export const report = defineQuery({
  name: 'report',
  version: 1,
  summary: 'A digest: what ran, what it cost, what went wrong, what was done, against the window before',
  params: z.strictObject({ ...atParam, window: z.string().default('24h').describe('length, such as 24h or 7d') }),
  data: shape,
  example: { window: '24h' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const until = at ?? ctx.now
    if (!WINDOW.test(params.window.trim()))
      throw usageError('bad_window', 'a window is a length of time', 'write 24h, 7d or 4w')
    const since = parseMoment(params.window, until)
    const earlier = { since: parseMoment(params.window, since), until: since }
    const wholeBefore = await historyReaches(ctx.db, earlier.since)
    const [now, before, moment, labelOf] = await Promise.all([
      readWindow(ctx, { since, until }),
      wholeBefore ? readWindow(ctx, earlier) : null,
      readMoment(ctx, at),
      readAccountLabels(ctx, at),
    ])
    const figures = figuresOf(now)
    const warnings = [
      ...(wholeBefore
        ? []
        : [
            warning(
              'no_history',
              'vc did not look all through the window before, so there is no trend',
              'ask for a shorter window',
            ),
          ]),
      ...(figures.unpriced_tokens > 0
        ? [
            warning(
              'unpriced',
              `${figures.unpriced_tokens} tokens have no known price and are not in the cost`,
              'set [prices."provider/model"] in vc.toml',
            ),
          ]
        : []),
    ]
    return {
      data: {
        since: since.toISOString(),
        until: until.toISOString(),
        ran: {
          agents: figures.agents,
          sessions: figures.sessions,
          machines: figures.machines,
          messages: figures.messages,
          by_machine: top(now.usage.machine),
        },
        cost: {
          tokens: figures.tokens,
          cost_microusd: figures.cost_microusd,
          unpriced_tokens: figures.unpriced_tokens,
          by_model: top(now.usage.model),
          by_account: top(now.usage.account).map((row) => ({ ...row, label: labelOf(row.key) })),
        },
        wrong: wrongOf(now),
        done: doneOf(now),
        top_repos: top(now.usage.project),
        accounts: [...moment.accounts.values()]
          .sort((a, b) => (b.usedPct ?? -1) - (a.usedPct ?? -1))
          .slice(0, TOP * 2)
          .map(({ usedPct, ...window }) => ({ ...window, used_pct: usedPct })),
        trends: trends(now, before),
      },
      warnings,
    }
  },
})
