import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { momentWords, parseMoment } from '../core/moment.ts'
import { defineQuery, warning } from './define.ts'
import { momentOf } from './params.ts'
import { type AlertWords, alertsBetween, type Moment, readMoment } from './rows-diff.ts'
import { count, isoTime } from './shapes.ts'

const change = z.enum(['appeared', 'vanished', 'changed'])
const alertLine = z.object({
  alert: z.string(),
  machine: z.string().nullable(),
  severity: z.string(),
  title: z.string(),
})
const nullableText = z.string().nullable()

interface Pair<Words> {
  readonly key: string
  readonly before: Words | null
  readonly after: Words | null
  readonly change: z.infer<typeof change>
}

/** What differs between two maps, by name. Unknown on one side is a difference of knowledge and stands as null. */
const pairs = <Words>(
  before: ReadonlyMap<string, Words>,
  after: ReadonlyMap<string, Words>,
  same: (a: Words, b: Words) => boolean,
): Pair<Words>[] =>
  [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
    const [a, b] = [before.get(key) ?? null, after.get(key) ?? null]
    if (a !== null && b !== null && same(a, b)) return []
    return [{ key, before: a, after: b, change: a === null ? 'appeared' : b === null ? 'vanished' : 'changed' }]
  })

const alertsOf = (before: ReadonlyMap<string, AlertWords>, after: ReadonlyMap<string, AlertWords>) =>
  [...after].filter(([id]) => !before.has(id)).map(([alert, words]) => ({ alert, ...words }))

/** An alert that only nobody judges any more was not seen to end. */
const endOf = <Line extends { readonly alert: string; readonly title: string }>(
  line: Line,
  notJudged: ReadonlyMap<string, string>,
): Line => {
  const why = notJudged.get(line.alert)
  return why === undefined ? line : { ...line, title: `${line.title} (not judged any more: ${why})` }
}

const machinesOf = (a: Moment, b: Moment) =>
  pairs(a.machines, b.machines, (x, y) => x.status === y.status).map((one) => ({
    machine: one.key,
    change: one.change,
    from: one.before?.status ?? null,
    to: one.after?.status ?? null,
    score_from: one.before?.score ?? null,
    score_to: one.after?.score ?? null,
    why: one.after === null ? 'nobody looks at it any more: it is disabled or left vc.toml' : one.after.why,
  }))

const agentsOf = (a: Moment, b: Moment) =>
  pairs(a.agents, b.agents, (x, y) => x.state === y.state).map((one) => ({
    agent: one.key,
    machine: (one.after ?? one.before)?.machine ?? '',
    change: one.change,
    from: one.before?.state ?? null,
    to: one.after?.state ?? null,
    reason: one.after?.reason ?? null,
  }))

const reposOf = (a: Moment, b: Moment) =>
  pairs(a.repos, b.repos, (x, y) => x.dirty === y.dirty && x.branch === y.branch && x.ahead === y.ahead).map((one) => {
    const { machine = '', path = '' } = one.after ?? one.before ?? {}
    const dirty = { from: one.before?.dirty ?? null, to: one.after?.dirty ?? null }
    const became =
      dirty.from === dirty.to || dirty.to === null ? null : dirty.to ? ('dirtied' as const) : ('cleaned' as const)
    return {
      machine,
      path,
      change: one.change,
      became: one.change === 'changed' ? became : null,
      branch_from: one.before?.branch ?? null,
      branch_to: one.after?.branch ?? null,
      ahead_from: one.before?.ahead ?? null,
      ahead_to: one.after?.ahead ?? null,
    }
  })

const accountsOf = (a: Moment, b: Moment) =>
  pairs(a.accounts, b.accounts, (x, y) => x.usedPct === y.usedPct).map((one) => {
    const { provider = '', account = '', window = '' } = one.after ?? one.before ?? {}
    return {
      provider,
      account,
      window,
      used_pct_from: one.before?.usedPct ?? null,
      used_pct_to: one.after?.usedPct ?? null,
    }
  })

const versionsOf = (a: Moment, b: Moment) =>
  pairs(a.versions, b.versions, (x, y) => x === y).map((one) => {
    const cut = one.key.indexOf('/')
    return { machine: one.key.slice(0, cut), what: one.key.slice(cut + 1), from: one.before, to: one.after }
  })

const spanOf = (params: { from: string; to?: string | undefined }, now: Date): { from: Date; to: Date | null } => {
  const from = parseMoment(params.from, now)
  const to = momentOf({ at: params.to }, now)
  if (from.getTime() < (to ?? now).getTime()) return { from, to: params.to?.trim() === 'now' ? null : to }
  throw usageError(
    'bad_range',
    `${from.toISOString()} is not before ${(to ?? now).toISOString()}`,
    'name the earlier time first',
  )
}

const pct = z.number().nullable()

/** What changed between two moments; what flickered in between stands under `passed`. */
export const diff = defineQuery({
  name: 'diff',
  version: 1,
  summary: 'What changed between two times: machines, agents, alerts, repositories, accounts, versions',
  params: z.strictObject({
    from: z
      .string()
      .default('24h')
      .describe('the earlier moment: ISO time, age such as 2h, or clock time such as 03:12'),
    to: z.string().optional().describe('the later moment; default now'),
    machine: z.string().optional().describe('only this machine'),
    limit: z.coerce.number().int().min(0).max(100_000).default(100).describe('most changes listed of each kind'),
  }),
  data: z.object({
    from: isoTime,
    to: isoTime,
    totals: z
      .object({
        ...{ machines: count, agents: count, opened: count, resolved: count, passed: count },
        ...{ repos: count, accounts: count, versions: count },
      })
      .describe('changes of each kind, before limit'),
    machines: z.array(
      z.object({
        machine: z.string(),
        change,
        from: nullableText,
        to: nullableText,
        score_from: pct,
        score_to: pct,
        why: nullableText,
      }),
    ),
    agents: z.array(
      z.object({
        agent: z.string(),
        machine: z.string(),
        change,
        from: nullableText,
        to: nullableText,
        reason: nullableText,
      }),
    ),
    alerts: z.object({
      opened: z.array(alertLine),
      resolved: z.array(alertLine),
      passed: z.array(alertLine).describe('fired and gone again in between'),
    }),
    repos: z.array(
      z.object({
        machine: z.string(),
        path: z.string(),
        change,
        became: z.enum(['dirtied', 'cleaned']).nullable(),
        branch_from: nullableText,
        branch_to: nullableText,
        ahead_from: pct,
        ahead_to: pct,
      }),
    ),
    accounts: z.array(
      z.object({ provider: z.string(), account: z.string(), window: z.string(), used_pct_from: pct, used_pct_to: pct }),
    ),
    versions: z.array(z.object({ machine: z.string(), what: z.string(), from: nullableText, to: nullableText })),
  }),
  example: { from: '15s' },
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const { from, to } = spanOf(params, ctx.now)
    const [a, b, { fired, notJudged }] = await Promise.all([
      readMoment(ctx, from),
      readMoment(ctx, to),
      alertsBetween(ctx, from, to ?? ctx.now),
    ])
    const mine = <Line extends { readonly machine: string | null }>(lines: readonly Line[]): Line[] =>
      lines.filter((line) => params.machine === undefined || line.machine === params.machine)
    const passed = new Map(
      fired
        .filter((row) => !a.alerts.has(row.alert_id) && !b.alerts.has(row.alert_id))
        .map((row) => [row.alert_id, { machine: row.machine_id, severity: row.severity, title: row.title }]),
    )
    const all = {
      machines: mine(machinesOf(a, b)),
      agents: mine(agentsOf(a, b)),
      opened: mine(alertsOf(a.alerts, b.alerts)),
      resolved: mine(alertsOf(b.alerts, a.alerts)).map((line) => endOf(line, notJudged)),
      passed: mine(alertsOf(new Map(), passed)),
      repos: mine(reposOf(a, b)),
      // Accounts belong to no machine.
      accounts: params.machine === undefined ? accountsOf(a, b) : [],
      versions: mine(versionsOf(a, b)),
    }
    const few = <Line>(lines: readonly Line[]): Line[] => lines.slice(0, params.limit)
    return {
      data: {
        from: from.toISOString(),
        to: (to ?? ctx.now).toISOString(),
        totals: {
          ...{ machines: all.machines.length, agents: all.agents.length, opened: all.opened.length },
          ...{ resolved: all.resolved.length, passed: all.passed.length, repos: all.repos.length },
          ...{ accounts: all.accounts.length, versions: all.versions.length },
        },
        machines: few(all.machines),
        agents: few(all.agents),
        alerts: { opened: few(all.opened), resolved: few(all.resolved), passed: few(all.passed) },
        repos: few(all.repos),
        accounts: few(all.accounts),
        versions: few(all.versions),
      },
      warnings: [
        warning(
          'past',
          `this compares ${momentWords(from, ctx.now)}, with ${to === null ? 'now' : momentWords(to, ctx.now)}`,
          'vc diff A B',
        ),
      ],
    }
  },
})
