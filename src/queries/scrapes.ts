import * as z from 'zod'
import { SOURCE_STANDINGS, sourceStanding } from '../core/faults.ts'
import { defineQuery } from './define.ts'
import { readScrapes } from './fleet-rows.ts'
import { atParam, flag, limitParam, momentOf, refuseUnknownSource } from './params.ts'
import { count, isoTime } from './shapes.ts'

const scrapeLine = z.object({
  machine: z.string(),
  source: z.string(),
  up: z.boolean(),
  standing: z
    .enum(SOURCE_STANDINGS)
    .describe('absent: its tool is not there, or there is nothing to look at; no trouble'),
  fault: z.string().nullable(),
  detail: z.string().nullable(),
  partial: z.boolean(),
  at: isoTime.describe('start of the newest attempt'),
  last_ok: isoTime.nullable(),
  ok_age_s: count.nullable(),
  failures_in_a_row: count,
  interval_s: count
    .nullable()
    .describe('between looks, as they are taken now; null: no longer planned on this machine'),
  interval_factor: count
    .nullable()
    .describe(
      'times the configured interval: 2 or 4 while a source that no critical alert needs keeps showing the same',
    ),
  duration_ms: count,
  bytes: count,
  rows: count,
  cpu_ms: count,
  version: z.string(),
  warnings: z.array(z.string()),
})

const warningsOf = (json: string | null): string[] => {
  if (json === null) return []
  const value: unknown = JSON.parse(json)
  if (!Array.isArray(value)) return []
  return value.map((w: { code?: string; message?: string; fix?: string }) => `${w.code}: ${w.message} (${w.fix})`)
}

export const scrapes = defineQuery({
  name: 'scrapes',
  version: 1,
  summary: 'The newest run of every source on every machine: up or why not, and what it cost',
  sources: [],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional(),
    source: z.string().optional(),
    down: flag.describe('only those that are not up'),
    limit: limitParam(200, 'most runs listed, failing ones first'),
  }),
  data: z.object({
    scrapes: z.array(scrapeLine),
    total: count.describe('sources on machines, before limit'),
    down: count.describe('those that are not up, before limit: failing ones, and the absent'),
    absent: count.describe('of these: their tool is not there, or there is nothing to look at; no trouble'),
  }),
  example: {},
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now) ?? ctx.now
    const rows = await readScrapes(ctx, momentOf(params, ctx.now), params.machine)
    refuseUnknownSource(params.source, ctx.plan, rows)
    const planned = new Map(
      ctx.plan.machines.flatMap((m) => m.sources.map((s) => [`${m.machineId} ${s.source}`, s] as const)),
    )
    const planOf = (row: (typeof rows)[number]) => planned.get(`${row.machine_id} ${row.source}`)
    const asked = rows.filter(
      (row) => (params.source === undefined || row.source === params.source) && (!params.down || !row.up),
    )
    const failing = asked.filter((row) => !row.up)
    return {
      data: {
        total: asked.length,
        down: failing.length,
        absent: failing.filter((row) => sourceStanding(row) === 'absent').length,
        scrapes: [...failing, ...asked.filter((row) => row.up)].slice(0, params.limit).map((row) => ({
          machine: row.machine_id,
          source: row.source,
          up: row.up,
          standing: sourceStanding(row),
          fault: row.fault,
          detail: row.detail,
          partial: row.partial,
          at: row.collected_at,
          last_ok: row.last_ok_at,
          ok_age_s:
            row.last_ok_at === null
              ? null
              : Math.max(0, Math.floor((at.getTime() - Date.parse(row.last_ok_at)) / 1000)),
          failures_in_a_row: row.consecutive_failures,
          interval_s: planOf(row)?.intervalS ?? null,
          interval_factor: planOf(row) ? (planOf(row)?.stretch?.factor ?? 1) : null,
          duration_ms: row.duration_ms,
          bytes: row.bytes,
          rows: row.rows,
          cpu_ms: row.cpu_ms,
          version: row.source_version,
          warnings: warningsOf(row.warnings_json),
        })),
      },
    }
  },
})
