import * as z from 'zod'
import type { SourcePlan } from '../core/plan.ts'
import { defineQuery } from './define.ts'
import { readScrapes, readTools, type ScrapeRow } from './fleet-rows.ts'
import { atParam, flag, limitParam, momentOf, refuseUnknownSource } from './params.ts'
import { count, isoTime } from './shapes.ts'

type ToolRow = Awaited<ReturnType<typeof readTools>>[number]

const toolLine = z.object({
  tool: z.string(),
  present: z.boolean().nullable().describe('null: nobody looked yet, or it is not looked for'),
  version: z.string().nullable(),
  tested_up_to: z.string().nullable(),
})

const collectorLine = z.object({
  machine: z.string(),
  collector: z.string(),
  interval_s: count,
  due_in_s: count
    .nullable()
    .describe('seconds until its next turn, 0: now or late; null: its tools are absent, or the past was asked about'),
  last_run: isoTime.nullable().describe('start of the newest run; null: never ran'),
  last_ok: isoTime.nullable(),
  fault: z.string().nullable(),
  detail: z.string().nullable(),
  rows: count.nullable().describe('of the newest run'),
  bytes: count.nullable(),
  duration_ms: count.nullable(),
  version: z.string().nullable().describe('whose words the newest run brought: of the tool where it says one'),
  tools: z.array(toolLine),
  absent: z.array(z.string()).describe('what it needs and is not there, one of each group; it then costs nothing'),
})

/** What the probe saw of the tools of one machine; null before its first look. */
const presence = (tools: readonly ToolRow[]): ((tool: string) => boolean | null) => {
  const seen = new Map(tools.map((row) => [row.tool_name, row.available]))
  return (tool) => (tools.length === 0 ? null : (seen.get(tool) ?? false))
}

const toolLines = ({ needs = [], tested = {} }: SourcePlan, tools: readonly ToolRow[]) => {
  const needed = new Set(needs.flat())
  const present = presence(tools)
  return [...new Set([...needed, ...Object.keys(tested)])].map((tool) => {
    const row = tools.find((one) => one.tool_name === tool)
    return {
      tool,
      present: row === undefined && !needed.has(tool) ? null : present(tool),
      version: row?.version ?? null,
      tested_up_to: tested[tool] ?? null,
    }
  })
}

const absentOf = ({ needs = [] }: SourcePlan, tools: readonly ToolRow[]): readonly string[] => {
  const present = presence(tools)
  return needs.filter((anyOf) => anyOf.every((tool) => present(tool) === false)).map((anyOf) => anyOf.join(' or '))
}

const lineOf = (
  machine: string,
  source: SourcePlan,
  row: ScrapeRow | undefined,
  tools: readonly ToolRow[],
  now: Date | null,
): z.input<typeof collectorLine> => {
  const absent = absentOf(source, tools)
  const ageS = row === undefined || now === null ? null : (now.getTime() - Date.parse(row.collected_at)) / 1000
  const dueInS = ageS === null ? 0 : Math.max(0, Math.round(source.intervalS - ageS))
  return {
    machine,
    collector: source.source,
    interval_s: Math.round(source.intervalS),
    due_in_s: absent.length > 0 || now === null ? null : dueInS,
    last_run: row?.collected_at ?? null,
    last_ok: row?.last_ok_at ?? null,
    fault: row?.fault ?? null,
    detail: row?.detail ?? null,
    rows: row?.rows ?? null,
    bytes: row?.bytes ?? null,
    duration_ms: row?.duration_ms ?? null,
    version: row?.source_version ?? null,
    tools: toolLines(source, tools),
    absent: [...absent],
  }
}

const isFailing = ({ fault, absent }: z.input<typeof collectorLine>): boolean => fault !== null && absent.length === 0

/** Every collector on every machine: what it needs there, whether that is there, and how its newest run went. */
export const collectors = defineQuery({
  name: 'collectors',
  version: 1,
  summary: 'Every collector on every machine: due when, last run, tools present, versions, and up to which tested',
  sources: [],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional(),
    collector: z.string().optional(),
    absent: flag.describe('only those whose tools are absent'),
    limit: limitParam(200, 'most listed, failing ones first'),
  }),
  data: z.object({
    collectors: z.array(collectorLine),
    total: count.describe('collectors on machines, before limit'),
    failing: count.describe('before limit; absent tools are no failure'),
  }),
  example: {},
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const machines = ctx.plan.machines.filter(
      ({ machineId, enabled }) => enabled && (params.machine === undefined || machineId === params.machine),
    )
    const scrapes = await readScrapes(ctx, at, params.machine)
    refuseUnknownSource(params.collector, ctx.plan, scrapes)
    const runs = new Map(scrapes.map((row) => [`${row.machine_id} ${row.source}`, row]))
    const lines = await Promise.all(
      machines.map(async ({ machineId, sources }) => {
        const tools = await readTools(ctx, at, machineId)
        return sources
          .filter(({ source }) => params.collector === undefined || source === params.collector)
          .map((source) =>
            lineOf(machineId, source, runs.get(`${machineId} ${source.source}`), tools, at === null ? ctx.now : null),
          )
      }),
    )
    const all = lines.flat().filter(({ absent }) => !params.absent || absent.length > 0)
    const failing = all.filter(isFailing)
    return {
      data: {
        collectors: [...failing, ...all.filter((line) => !isFailing(line))].slice(0, params.limit),
        total: all.length,
        failing: failing.length,
      },
    }
  },
})
