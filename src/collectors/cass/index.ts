import type { Answer } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { RowBatch } from '../../core/rows.ts'
import {
  parseSections,
  type Section,
  type ToolText,
  toolPath,
  toolScript,
  toolVersion,
  troubleOf,
  warnUnknown,
  warnUntested,
} from '../tool-sections.ts'
import { parseCassError, parseHealth, parseStats } from './parse.ts'
import {
  type CassCursor,
  type CassPart,
  decodeCursor,
  doubled,
  duePart,
  halved,
  nextWindow,
  sinceAfter,
  timelineAskedAt,
  type Window,
} from './plan.ts'
import { CASS_BODY } from './script.ts'
import { parseTimeline } from './timeline.ts'

const TESTED = '0.6.25'
const CURSOR = 'cass'

/** Readiness, totals and session starts of cass's archive. Only reports are asked for; cass indexes when somebody tells it to. */
export const cass = defineCollector({
  name: 'cass',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['cass_index_status', 'cass_stats_snapshots', 'session_timeline_buckets'],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 70_000,
  needs: [['cass']],
  tested: { cass: TESTED },
  reads: {
    commands: [
      'cass health --json',
      'cass stats --json',
      'cass timeline --json --since FROM --until TO --group-by none',
    ],
  },
  about: 'Session search: state and age of the index each 5 min, session starts per hour each 15, totals each 30',
  async collect(ctx) {
    const cursor = decodeCursor(ctx.cursors.get(CURSOR))
    const nowMs = ctx.startedAt.getTime()
    const [part, window] = [duePart(cursor, nowMs), nextWindow(cursor, nowMs)]
    const answer = await ctx.run({
      script: toolScript('cass.reports', CASS_BODY),
      args: [toolPath(ctx, 'cass'), part, iso(window.sinceMs), iso(window.untilMs)],
      timeoutMs: 60_000,
      maxBytes: 8 * 1024 * 1024,
      slow: true,
    })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'cass')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [] }
    const version = await toolVersion(ctx, 'cass')
    warnUntested(ctx, 'cass', version, TESTED)
    const result = read(ctx, { answer, text: parsed, part, window, cursor })
    return version === null ? result : { ...result, sourceVersion: version }
  },
})

const iso = (ms: number): string => new Date(ms).toISOString()

interface Reading {
  readonly answer: Answer
  readonly text: ToolText
  readonly part: CassPart
  readonly window: Window
  readonly cursor: CassCursor
}

const read = (ctx: CollectContext, reading: Reading): CollectResult => {
  const { text, cursor, part } = reading
  const section = text.sections.get('health')
  const health = section === undefined ? null : parseHealth(section.out, cursor.counted)
  if (section === undefined || section.code === null || health === null)
    return unread('health', section, reading.answer)
  const batches: RowBatch[] = [{ table: 'cass_index_status', rows: [health] }]
  const seen = { ...cursor, state: String(health.state) }
  if (part === 'none') return { batches, cursors: [{ key: CURSOR, value: seen }] }
  const more = part === 'stats' ? readStats(ctx, reading, seen) : readTimeline(ctx, reading, seen)
  return { ...more, batches: [...batches, ...more.batches] }
}

const readStats = (ctx: CollectContext, { answer, text }: Reading, cursor: CassCursor): CollectResult => {
  const asked = { ...cursor, statsMs: ctx.startedAt.getTime() }
  const section = text.sections.get('stats')
  const stats = section?.code === 0 ? parseStats(section.out, cursor.counted) : null
  if (stats === null) return { ...unread('stats', section, answer), partial: true, cursors: keep(asked) }
  warnUnknown(ctx, 'cass stats', stats.unknown)
  return {
    batches: [{ table: 'cass_stats_snapshots', rows: [stats.row] }],
    cursors: keep({ ...asked, counted: stats.counted }),
  }
}

const readTimeline = (ctx: CollectContext, reading: Reading, cursor: CassCursor): CollectResult => {
  const { answer, text, window } = reading
  const nowMs = ctx.startedAt.getTime()
  const asked = { ...cursor, timelineMs: nowMs }
  const section = text.sections.get('timeline')
  const timeline = section?.code === 0 ? parseTimeline(section.out, window.sinceMs) : null
  if (timeline === null) {
    // too much for one answer: the next window is half as long
    const cut = answer.truncated || answer.fault === 'truncated' || answer.fault === 'timeout'
    const next = cut ? { ...asked, windowMs: halved(window.untilMs - window.sinceMs) } : asked
    return { ...unread('timeline', section, answer), partial: true, cursors: keep(next) }
  }
  warnUnknown(ctx, 'cass timeline', timeline.unknown)
  if (timeline.unplaced > 0)
    ctx.warn(
      'cass_unplaced',
      `${timeline.unplaced} sessions of cass carry no start time`,
      'nothing to do; they are in its totals',
    )
  const sinceMs = sinceAfter(window, timeline.newestStartMs, nowMs)
  return {
    batches: [{ table: 'session_timeline_buckets', rows: timeline.rows }],
    cursors: keep({
      ...asked,
      sinceMs,
      windowMs: doubled(cursor.windowMs),
      timelineMs: timelineAskedAt(window, nowMs),
    }),
  }
}

const keep = (value: CassCursor) => [{ key: CURSOR, value }]

// Indexing at this moment, or never indexed: what health says of it is the whole truth, not a broken source.
const PASSING = new Set(['missing-db', 'missing-index', 'index-busy', 'db-open'])

const unread = (what: string, section: Section | undefined, answer: Answer): CollectResult => {
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  if (section === undefined || section.code === null)
    return { batches: [], fault: 'truncated', detail: `cass ${what} was cut off` }
  if (section.code === 124 || section.code === 137)
    return { batches: [], fault: 'timeout', detail: `cass ${what} gave no answer in time` }
  const error = parseCassError(section)
  if (error !== null && what !== 'health' && (error.retryable || PASSING.has(error.kind))) return { batches: [] }
  if (error !== null)
    return { batches: [], fault: 'exit_code', detail: `cass ${what}: ${error.kind}: ${error.message}` }
  return section.code > 1
    ? { batches: [], fault: 'exit_code', detail: `cass ${what} ended with ${section.code}` }
    : { batches: [], fault: 'bad_output', detail: `cass ${what} printed something else` }
}
