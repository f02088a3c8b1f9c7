import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import type { EventRow } from './rows-events.ts'

/** A first look may bring weeks of history: what is this much older than the look is no event of now. */
const OLD_MS = 86_400_000

interface Span {
  readonly since: Date
  readonly limit: number
}

const isRecent = (row: { readonly ts: string; readonly collected_at: string }): boolean =>
  Date.parse(row.collected_at) - Date.parse(row.ts) <= OLD_MS

const guardRows = async (ctx: QueryContext, span: Span): Promise<EventRow[]> => {
  const rows = await read.dcgEvents(ctx.db, { ...span, by: 'seen' })
  return rows.filter(isRecent).map((row) => ({
    ts: row.collected_at,
    type: 'guard' as const,
    machine: row.machine_id,
    subject: row.rule_id ?? row.pack_id ?? row.machine_id,
    severity: row.decision === 'warn' ? ('info' as const) : ('warning' as const),
    change: row.decision,
    text: [
      `${GUARD_WORDS[row.decision] ?? row.decision} ${row.command_program ?? 'a command'}`,
      row.cwd === null ? '' : ` in ${row.cwd}`,
      ` (${row.rule_id ?? row.pack_id ?? 'no rule'})`,
      ` at ${row.ts}`,
    ].join(''),
  }))
}

const GUARD_WORDS: Record<string, string> = { deny: 'refused', warn: 'warned about', bypass: 'let pass' }

const triageRows = async (ctx: QueryContext, span: Span): Promise<EventRow[]> => {
  const rows = await read.triageChanges(ctx.db, { ...span, by: 'seen' })
  return rows.map((row) => ({
    ts: row.collected_at,
    type: 'process' as const,
    machine: row.machine_id,
    subject: `${row.machine_id}/${row.pid}`,
    severity:
      !row.gone && (row.severity === 'critical' || row.severity === 'high') ? ('warning' as const) : ('info' as const),
    change: row.gone ? 'gone' : (row.action ?? 'found'),
    text: row.gone
      ? `process triage finds ${row.comm ?? 'a process'} (${row.pid}) no more`
      : `process triage would ${row.action ?? 'look at'} ${row.comm ?? 'a process'} (${row.pid}), ${confidenceWords(row.confidence)}`,
  }))
}

const confidenceWords = (confidence: number | null): string =>
  confidence === null ? 'how sure is unknown' : `${Math.round(confidence * 100)} % sure`

const networkRows = async (ctx: QueryContext, span: Span): Promise<EventRow[]> => {
  const rows = await read.notableConnections(ctx.db, { ...span, by: 'seen' })
  return rows.filter(isRecent).map((row) => ({
    ts: row.collected_at,
    type: 'network' as const,
    machine: row.machine_id,
    subject: `${row.machine_id}/${row.remote_ip ?? '?'}`,
    severity: row.alert === true ? ('warning' as const) : ('info' as const),
    change: row.alert === true ? 'alert' : 'connect',
    text: `${row.comm ?? 'a process'} of ${row.provider ?? 'unknown'} connected to ${row.domain ?? row.remote_ip ?? '?'}:${row.remote_port ?? '?'} at ${row.ts}`,
  }))
}

/**
 * What guards saw, by the moment vc learned of it: a stream that goes on from a moment would else miss what happened
 * before it and became known after it.
 */
export const guardEvents = async (ctx: QueryContext, span: Span): Promise<EventRow[]> =>
  (await Promise.all([guardRows(ctx, span), triageRows(ctx, span), networkRows(ctx, span)])).flat()
