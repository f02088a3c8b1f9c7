import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { suggestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { EVENT_TYPES, eventLine } from './event-shapes.ts'
import { atParam, flag, momentOf, namesIn, parseMoment } from './params.ts'
import { changesInPieces, type WatchRow } from './rows-oracle-events.ts'
import { isoTime } from './shapes.ts'

const RANK = { critical: 0, warning: 1, info: 2 } as const

/** Names that were given before and are still understood. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map([['agent', 'agent_state']])

const typesOf = (text: string | undefined): readonly string[] | undefined => {
  const types = text?.split(',').map((type) => OLD_NAMES.get(type.trim()) ?? type.trim())
  for (const type of types ?? [])
    if (!EVENT_TYPES.some((known) => known === type))
      throw usageError(
        'unknown_event_type',
        `there is no event type “${displayText(type, 40)}”`,
        suggestName(type, EVENT_TYPES),
      )
  return types
}

// `next` names a moment, so the events of one moment are never torn apart, though that may be more than the limit.
const firstOf = <Line extends { readonly ts: string }>(rows: readonly Line[], limit: number): readonly Line[] => {
  const last = rows[limit - 1]?.ts
  if (last === undefined) return rows
  const end = rows.findIndex((row, at) => at >= limit && row.ts !== last)
  return end === -1 ? rows : rows.slice(0, end)
}

/** So many of a kind are read at once: a few where each of them is told, more where what is asked for is searched. */
const TOLD_AT_ONCE = 5_000
const SEARCHED_AT_ONCE = 20_000
/** So many are read for one answer; more is for the next. */
const MOST_READ = 8 * SEARCHED_AT_ONCE

interface Wanted {
  readonly since: Date
  readonly until?: Date | undefined
  readonly limit: number
  readonly tail: boolean
  /** Null: every change. */
  readonly isAsked: ((row: WatchRow) => boolean) | null
}

const shownOf = (rows: readonly WatchRow[], { limit, tail }: Wanted): readonly WatchRow[] =>
  tail ? rows.slice(-limit) : firstOf(rows, limit)

/** As much of a span as the answer needs: from its beginning, or with `tail` from its end. */
const readEnough = async (ctx: QueryContext, wanted: Wanted) => {
  const { since, until, limit, tail, isAsked } = wanted
  const atOnce = isAsked === null ? Math.max(TOLD_AT_ONCE, limit) : SEARCHED_AT_ONCE
  const joined = <Row>(before: readonly Row[], piece: readonly Row[]): readonly Row[] =>
    tail ? [...piece, ...before] : [...before, ...piece]
  let all: readonly WatchRow[] = []
  let rows: readonly WatchRow[] = []
  for await (const piece of changesInPieces(ctx, { since, until, limit: atOnce, newestFirst: tail })) {
    all = joined(all, piece)
    rows = joined(rows, isAsked === null ? piece : piece.filter(isAsked))
    const shown = shownOf(rows, wanted)
    if (shown.length < rows.length || all.length >= MOST_READ) return { all, rows, shown, more: true }
  }
  return { all, rows, shown: shownOf(rows, wanted), more: false }
}

/** What is asked for by type, machine or severity; null: every change. */
const askedFor = (params: {
  readonly type?: string | undefined
  readonly machine?: string | undefined
  readonly severity: keyof typeof RANK
}): Wanted['isAsked'] => {
  const types = typesOf(params.type)
  const machines = params.machine === undefined ? undefined : namesIn(params.machine)
  if (types === undefined && machines === undefined && params.severity === 'info') return null
  return (row) =>
    RANK[row.severity] <= RANK[params.severity] &&
    (types === undefined || types.includes(row.type)) &&
    (machines === undefined || (row.machine !== null && machines.includes(row.machine)))
}

/** Changes, oldest first: what `vc watch` streams. `next` is where to go on; nothing at or before it comes again. */
export const events = defineQuery({
  name: 'events',
  version: 1,
  summary:
    'Changes since a moment: alerts, forecasts, opportunities, health, sources, agent states, actions, machines, refused commands, suspect processes and connections',
  manyMachines: true,
  params: z.strictObject({
    ...atParam,
    since: z.string().default('1h').describe('age such as 1h, or ISO time; later events only'),
    type: z
      .string()
      .optional()
      .describe(`comma-separated: ${EVENT_TYPES.join(',')}`),
    machine: z.string().optional().describe('comma-separated machine ids'),
    severity: z.enum(['critical', 'warning', 'info']).default('info').describe('least severity'),
    limit: z.coerce.number().int().min(1).max(10_000).default(200),
    tail: flag.describe('the newest instead of the oldest when there are more than limit'),
  }),
  data: z.object({ events: z.array(eventLine), next: isoTime, more: z.boolean() }),
  example: { since: '24h' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const since = parseMoment(params.since, at ?? ctx.now)
    const wanted = { ...params, since, until: at ?? undefined, isAsked: askedFor(params) }
    const { all, rows, shown, more } = await readEnough(ctx, wanted)
    // What nobody asked for is behind us too.
    const last = rows.length > shown.length && !params.tail ? shown.at(-1) : all.at(-1)
    return { data: { events: [...shown], next: last?.ts ?? since.toISOString(), more } }
  },
})
