import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery } from './define.ts'
import { ofLooked, where } from './fleet-rows.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { count, isoTime, unit } from './shapes.ts'
import { sourceAges } from './source-ages.ts'

const decision = z.string().describe('deny | warn | bypass')

const ruleLine = z.object({
  machine: z.string(),
  rule: z.string().nullable().describe('null: let pass without a rule'),
  decision,
  count,
  last: isoTime,
})

const refusalLine = z.object({
  machine: z.string(),
  ts: isoTime,
  decision,
  rule: z.string().nullable(),
  severity: z.string().nullable().describe('as dcg says it; null where it does not'),
  cwd: z.string().nullable(),
  program: z.string().nullable().describe('first word of the command; the command itself is not stored'),
  command_chars: count.nullable(),
  command_hash: z.string().nullable().describe('same hash, same command (after its own redaction)'),
})

export const findingLine = z.object({
  machine: z.string(),
  pid: count,
  comm: z.string().nullable(),
  advice: z.string().nullable().describe('what process triage would do: kill | review | spare; vc does nothing of it'),
  severity: z.string().nullable().describe('low | medium | high | critical'),
  confidence: unit.nullable(),
  seen: isoTime,
})

const lookLine = z.object({
  machine: z.string(),
  seen: isoTime,
  found: count.describe('0: process triage looked and found nothing'),
  kill: count,
  review: count,
})

type Finding = Awaited<ReturnType<typeof read.triageFindings>>[number]

export const findingOf = (row: Finding) => ({
  machine: row.machine_id,
  pid: row.pid,
  comm: row.comm,
  advice: row.action,
  severity: row.severity,
  confidence: row.confidence,
  seen: row.collected_at,
})

type Refusal = Awaited<ReturnType<typeof read.dcgEvents>>[number]

const rulesOf = (rows: readonly Refusal[]) =>
  [...Map.groupBy(rows, (row) => [row.machine_id, row.rule_id ?? '', row.decision].join('\u0001')).values()]
    .flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      // Newest first, as they are read.
      return [
        {
          machine: first.machine_id,
          rule: first.rule_id,
          decision: first.decision,
          count: group.length,
          last: first.ts,
        },
      ]
    })
    .sort((a, b) => b.count - a.count || b.last.localeCompare(a.last))

const refusalOf = (row: Refusal) => ({
  machine: row.machine_id,
  ts: row.ts,
  decision: row.decision,
  rule: row.rule_id,
  severity: row.severity,
  cwd: row.cwd,
  program: row.command_program,
  command_chars: row.command_chars,
  command_hash: row.command_hash,
})

/** What stood in the way of agents, and processes that look left behind. */
export const guards = defineQuery({
  name: 'guards',
  version: 1,
  summary: 'Commands the guard refused or let pass, and processes that look abandoned',
  sources: [],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    since: z.string().default('24h').describe('commands since then: age or ISO time'),
    limit: z.coerce.number().int().min(0).max(1000).default(50).describe('most commands listed, newest first'),
  }),
  data: z.object({
    rules: z.array(ruleLine),
    commands: z.array(refusalLine),
    processes: z.array(findingLine),
    looks: z.array(lookLine),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const since = parseMoment(params.since, at ?? ctx.now)
    const [refusals, findings, looks, ages] = await Promise.all([
      read.dcgEvents(ctx.db, { since, until: at ?? undefined, machineId: params.machine, limit: 20_000 }),
      ofLooked(ctx, at, params.machine, read.triageFindings(ctx.db, where(at, params.machine))),
      ofLooked(ctx, at, params.machine, read.triageSnapshots(ctx.db, where(at, params.machine))),
      sourceAges(ctx, at, ['dcg', 'pt'], params.machine),
    ])
    return {
      data: {
        rules: rulesOf(refusals),
        commands: refusals.slice(0, params.limit).map(refusalOf),
        processes: findings.map(findingOf),
        looks: looks.map((row) => ({
          machine: row.machine_id,
          seen: row.collected_at,
          found: row.findings,
          kill: row.kill_recommendations,
          review: row.review_recommendations,
        })),
      },
      staleness: ages.staleness,
      warnings: ages.warnings,
    }
  },
})
