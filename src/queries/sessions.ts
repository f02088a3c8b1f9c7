import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, type QueryContext, warning } from './define.ts'
import { where } from './fleet-rows.ts'
import { type NothingThere, nothingWarnings } from './nothing-there.ts'
import { atParam, cliParam, momentOf, parseMoment, TRANSCRIPT_SOURCES } from './params.ts'
import { count, isoTime } from './shapes.ts'

const sessionLine = z.object({
  machine: z.string(),
  cli: z.string(),
  session: z.string(),
  parent: z.string().nullable(),
  subagent: z.boolean(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  cwd: z.string().nullable(),
  git_branch: z.string().nullable(),
  cli_version: z.string().nullable(),
  started: isoTime.nullable(),
  last_activity: isoTime.nullable(),
  context_tokens: count.nullable(),
  context_window_tokens: count.nullable(),
  last_error: z.string().nullable(),
  transcript: z.string().nullable(),
  transcript_gone: z.boolean().describe('the file vanished; its totals stay'),
})

const noSessions = (cli: string | undefined): NothingThere => ({
  what: 'sessions',
  sources: cli === undefined ? TRANSCRIPT_SOURCES : [cli],
  none: [
    'no_sessions',
    `no ${cli ?? 'agent CLI'} has written a transcript where vc looks`,
    'start an agent; one with another home: vc doctor',
  ],
})

/** An empty window is no empty history: which session was active last before it. */
const beforeWindow = async (ctx: QueryContext, since: Date, wanted: read.SessionQuestion): Promise<string[]> => {
  const [newest] = await read.agentSessions(ctx.db, { ...wanted, activeSince: new Date(0), limit: 1 })
  if (!newest?.last_activity_at)
    return nothingWarnings(ctx, wanted.at ?? null, wanted.machineId, noSessions(wanted.cli))
  const message = `none was active since ${since.toISOString()}; the newest was at ${newest.last_activity_at}`
  return [warning('outside_window', message, `vc robot sessions --since ${newest.last_activity_at}`)]
}

export const sessions = defineQuery({
  name: 'sessions',
  version: 1,
  summary: 'Sessions of the agent CLIs, newest activity first',
  sources: TRANSCRIPT_SOURCES,
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    cli: cliParam,
    since: z.string().default('7d').describe('active since: age such as 24h, or ISO time'),
    limit: z.coerce.number().int().min(1).max(5000).default(50),
  }),
  data: z.object({ sessions: z.array(sessionLine), total: count.describe('matching sessions, before limit') }),
  example: { since: '24h' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const since = parseMoment(params.since, at ?? ctx.now)
    const wanted = { ...where(at, params.machine), cli: params.cli }
    const question = { ...wanted, activeSince: since }
    const [rows, total] = await Promise.all([
      read.agentSessions(ctx.db, { ...question, limit: params.limit }),
      read.countSessions(ctx.db, question),
    ])
    return {
      warnings: rows.length > 0 ? [] : await beforeWindow(ctx, since, wanted),
      data: {
        sessions: rows.map((row) => ({
          machine: row.machine_id,
          cli: row.cli,
          session: row.session_id,
          parent: row.parent_session_id,
          subagent: row.is_subagent,
          provider: row.provider,
          model: row.model,
          cwd: row.cwd,
          git_branch: row.git_branch,
          cli_version: row.cli_version,
          started: row.started_at,
          last_activity: row.last_activity_at,
          context_tokens: row.context_tokens,
          context_window_tokens: row.context_window_tokens,
          last_error: row.last_error,
          transcript: row.transcript_path,
          transcript_gone: row.source_gone,
        })),
        total,
      },
    }
  },
})
