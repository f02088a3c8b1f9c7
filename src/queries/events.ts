import { z } from 'zod'
import { defineQuery } from './define.ts'
import { flag, parseMoment } from './params.ts'
import { readEvents } from './rows-events.ts'
import { isoTime } from './shapes.ts'

export const EVENT_TYPES = ['alert', 'agent', 'machine', 'security'] as const

const eventLine = z.object({
  ts: isoTime,
  type: z.enum(EVENT_TYPES),
  machine: z.string().nullable(),
  subject: z.string().describe('alert id, agent id or machine id'),
  severity: z.enum(['critical', 'warning', 'info']),
  change: z.string().describe('what it became: firing, resolved, working, offline, …'),
  text: z.string(),
})

const RANK = { critical: 0, warning: 1, info: 2 } as const

/** Changes, oldest first: what `vc watch` streams. `next` is where to go on; nothing at or before it comes again. */
export const events = defineQuery({
  name: 'events',
  version: 1,
  summary: 'Changes of alerts, agent states and machines since a moment',
  params: z.strictObject({
    since: z.string().default('1h').describe('age such as 1h, or ISO time; later events only'),
    type: z
      .string()
      .optional()
      .describe(`comma-separated: ${EVENT_TYPES.join(',')}`),
    machine: z.string().optional().describe('comma-separated machine ids'),
    severity: z.enum(['critical', 'warning', 'info']).default('info').describe('least severity'),
    limit: z.coerce.number().int().min(1).max(10_000).default(1000),
    tail: flag.describe('the newest instead of the oldest when there are more than limit'),
  }),
  data: z.object({ events: z.array(eventLine), next: isoTime, more: z.boolean() }),
  example: { since: '24h' },
  async load(params, ctx) {
    const since = parseMoment(params.since, ctx.now)
    const types = params.type?.split(',').map((t) => t.trim())
    const machines = params.machine?.split(',').map((m) => m.trim())
    const rows = (await readEvents(ctx, { since, limit: 20_000 })).filter(
      (row) =>
        RANK[row.severity] <= RANK[params.severity] &&
        (types === undefined || types.includes(row.type)) &&
        (machines === undefined || (row.machine !== null && machines.includes(row.machine))),
    )
    const shown = params.tail ? rows.slice(-params.limit) : rows.slice(0, params.limit)
    const more = rows.length > shown.length
    return { data: { events: shown, next: (params.tail ? rows : shown).at(-1)?.ts ?? since.toISOString(), more } }
  },
})
