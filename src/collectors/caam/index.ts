import type { SqliteAnswer } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { sha256 } from '../../core/ids.ts'
import type { CursorChange, Row, RowBatch } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { afterRefusal, backOffOf, isThrottled } from '../accounts/back-off.ts'
import { identityBatches, type KnownIdentity } from '../accounts/index.ts'
import { parseSections, type ToolText, toolPath, troubleOf, warnUnknown, warnUntested } from '../tool-sections.ts'
import { historyCursorOf, historySql, parseHistory } from './history.ts'
import { identitiesFrom } from './identities.ts'
import { type Limits, parseLimits } from './limits.ts'
import { type ProfileList, parseList, parseRobotStatus, profileRows } from './profiles.ts'
import { caamScript } from './script.ts'

const TESTED = '0.1.9'
const LIMITS_EVERY_MS = 10 * 60_000
// Two ticks of 300 s never lie exactly 600 s apart.
const SLACK_MS = 30_000

/** Which login is active where, and the limits of every vaulted profile. */
export const caam = defineCollector({
  name: 'caam',
  version: '1.0.0',
  schemaVersion: 1,
  tables: [
    'account_profile_snapshots',
    'account_limits_snapshots',
    'account_usage_snapshots',
    'account_status_events',
    'accounts',
    'account_aliases',
  ],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 110_000,
  needs: [['caam']],
  tested: { caam: TESTED },
  reads: {
    commands: ['caam robot status --compact', 'caam ls --json', 'caam limits --format json'],
    files: ['~/.caam/data/caam.db, read-only'],
  },
  about:
    'Profiles of caam with health and cool-down, every ten minutes the limits of each (waits longer after HTTP 429), and its log of switches and limit hits',
  async collect(ctx) {
    const due = limitsDue(ctx)
    const args = [toolPath(ctx, 'caam'), due ? 'limits' : 'list']
    const answer = await ctx.run({
      script: caamScript(),
      args,
      timeoutMs: 95_000,
      maxBytes: 2 * 1024 * 1024,
      slow: true,
    })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'caam')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [], fault: 'bad_output' }
    const db = parsed.sections.get('db')?.out.trim() ?? ''
    if (parsed.complete && !parsed.sections.has('status'))
      return { batches: [], fault: 'not_configured', detail: `caam was never used there: no ${displayText(db, 200)}` }
    return resultOf(ctx, parsed, db)
  },
})

const limitsDue = (ctx: CollectContext): boolean => {
  const now = ctx.startedAt.getTime()
  const last = ctx.cursors.get('limits_at')
  const waited = typeof last !== 'number' || now - last >= LIMITS_EVERY_MS - SLACK_MS
  return waited && now >= backOffOf(ctx.cursors.get('back_off')).notBeforeMs
}

const resultOf = async (ctx: CollectContext, text: ToolText, db: string): Promise<CollectResult> => {
  const status = text.sections.get('status')
  const data = status === undefined ? 'caam left no answer' : parseRobotStatus(status.out)
  if (typeof data === 'string') {
    if (status?.code === 124 || status?.code === null)
      return { batches: [], fault: 'timeout', detail: 'caam took too long' }
    return { batches: [], fault: status?.code === 0 ? 'bad_output' : 'exit_code', detail: data }
  }
  const list = parseList(text.sections.get('list')?.out)
  const before = identitiesFrom(ctx.cursors.get('identities'))
  const expiries = list === null ? await storedExpiries(ctx) : new Map<string, Date>()
  const seen = { machineId: ctx.machine.id, startedAt: ctx.startedAt, before, list, expiries }
  const profiles = profileRows(data, seen)
  warnUntested(ctx, 'caam', profiles.version, TESTED)
  const limits = limitsOf(ctx, text, profiles)
  const history = await historyOf(ctx, db, profiles)
  const identity = identityBatches([...profiles.known, ...history.known], {
    by: 'caam',
    machineId: ctx.machine.id,
    at: ctx.startedAt,
  })
  const batches: RowBatch[] = [
    { table: 'account_profile_snapshots', rows: profiles.rows },
    ...identity,
    ...limits.batches,
    { table: 'account_status_events', rows: [...limits.events, ...history.events] },
  ].filter((batch) => batch.rows.length > 0 || batch.table === 'account_profile_snapshots')
  const cursors = [{ key: 'identities', value: profiles.identities }, ...limits.cursors, ...history.cursors]
  const version = profiles.version === null ? {} : { sourceVersion: profiles.version }
  return { batches, cursors, ...version, ...(limits.detail === null ? {} : { partial: true, detail: limits.detail }) }
}

const storedExpiries = async (ctx: CollectContext): Promise<ReadonlyMap<string, Date>> => {
  const rows = await ctx.known('latest_account_profile_snapshots')
  return new Map(
    rows.flatMap((row) =>
      row.health_expires_at instanceof Date
        ? [[`${String(row.tool)}/${String(row.profile_name)}`, row.health_expires_at] as const]
        : [],
    ),
  )
}

interface LimitsPart {
  readonly batches: readonly RowBatch[]
  readonly events: readonly Row[]
  readonly cursors: readonly CursorChange[]
  readonly detail: string | null
}

const NOTHING: LimitsPart = { batches: [], events: [], cursors: [], detail: null }

const limitsOf = (ctx: CollectContext, text: ToolText, profiles: ProfileList): LimitsPart => {
  const section = text.sections.get('limits')
  if (section === undefined) return NOTHING
  const now = ctx.startedAt.getTime()
  const asked = { key: 'limits_at', value: now }
  const limits = section.code === null ? null : parseLimits(section.out, ctx.machine.id, profiles.identities)
  if (limits === null) {
    const why = section.code === 124 || section.code === null ? 'took too long' : 'printed something else than its list'
    return { ...NOTHING, cursors: [asked], detail: `caam limits ${why}` }
  }
  warnUnknown(ctx, 'caam', limits.unknown)
  const { events, cursor } = errorEvents(ctx, limits)
  const throttled = limits.answers.some((one) => one.error !== null && isThrottled(one.error))
  const backOff = throttled ? afterRefusal(backOffOf(ctx.cursors.get('back_off')), now) : null
  return {
    batches: [
      { table: 'account_limits_snapshots', rows: limits.rows },
      { table: 'account_usage_snapshots', rows: limits.observations.map((one) => ({ ...one })) },
    ],
    events,
    cursors: [asked, cursor, { key: 'back_off', value: backOff }],
    detail: null,
  }
}

/** A profile that begins or ceases to fail is an event; one that goes on failing is not. */
const errorEvents = (ctx: CollectContext, limits: Limits): { events: readonly Row[]; cursor: CursorChange } => {
  const before = (ctx.cursors.get('errors') ?? {}) as Readonly<Record<string, string>>
  const now: Record<string, string> = {}
  const events = limits.answers.flatMap((one): Row[] => {
    const place = `${one.tool}/${one.profile}`
    if (one.error !== null) now[place] = one.error
    const [was, is] = [before[place] === undefined ? 'none' : 'failed', one.error === null ? 'none' : 'failed']
    if (was === is) return []
    return [
      {
        event_key: sha256(`${place}|${is}|${one.observedAt.toISOString()}`).slice(0, 32),
        ts: one.observedAt,
        provider: one.provider,
        account_key: one.accountKey,
        profile_name: one.profile,
        kind: 'fetch_error',
        status_before: was,
        status: is,
        detail: one.error,
        until_at: null,
      },
    ]
  })
  return { events, cursor: { key: 'errors', value: now } }
}

const historyOf = async (
  ctx: CollectContext,
  db: string,
  profiles: ProfileList,
): Promise<{ events: readonly Row[]; known: readonly KnownIdentity[]; cursors: readonly CursorChange[] }> => {
  const before = historyCursorOf(ctx.cursors.get('history'))
  const answer: SqliteAnswer = db.startsWith('/') ? await ctx.sqlite(db, historySql(before)) : { is: 'missing' }
  if (answer.is !== 'rows') {
    const why = answer.is === 'missing' ? 'is missing' : `cannot be read (${answer.detail ?? answer.fault})`
    const fix =
      answer.is === 'fault' && answer.fault === 'tool_missing' ? 'install sqlite3 or python3 there' : 'look at the file'
    ctx.warn('caam_history', `caam's log of switches and limit hits ${displayText(why, 160)}`, fix)
    return { events: [], known: [], cursors: [] }
  }
  const { events, known, cursor } = parseHistory(answer.rows, before, {
    machineId: ctx.machine.id,
    identities: profiles.identities,
  })
  return { events, known, cursors: [{ key: 'history', value: cursor }] }
}
