import * as z from 'zod'
import { OUTCOMES } from '../core/action.ts'
import { usageError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import * as read from '../store/index.ts'
import { defineQuery } from './define.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { count, isoTime } from './shapes.ts'

const effect = z.object({
  what: z.string(),
  observed: z.boolean().describe('vc saw it itself'),
  evidence: z.string().nullable().describe('where it was seen'),
})

const actionLine = z.object({
  audit: z.string().describe('audit id'),
  ts: isoTime.describe('of its last step'),
  machine: z.string(),
  agent: z.string().nullable(),
  subject: z.string().nullable(),
  verb: z.string(),
  class: z.enum(['read', 'reversible', 'irreversible']),
  outcome: z.enum(OUTCOMES).nullable().describe('null: under way'),
  code: z.string().nullable().describe('why it was refused or is not known'),
  detail: z.string().nullable(),
  effects: z.array(effect),
  why: z.string(),
  params: z.record(z.string(), z.unknown()).describe('text that was delivered stands as length and hash'),
  dialog: z.string().nullable().describe('hash of the dialog it answered'),
  origin: z.enum(['person', 'agent', 'guardian']),
  actor: z.string(),
  caller_pid: count.nullable(),
  caller_agent: z.string().nullable().describe("agent CLI among the caller's ancestors; null: none"),
  mandate: z.string().nullable().describe('audit id of the action that granted it'),
})

const stepLine = z.object({
  step: z.enum(['refused', 'intent', 'result']),
  ts: isoTime,
  outcome: z.enum(OUTCOMES).nullable(),
})

type Line = z.input<typeof actionLine>
export type AuditLine = z.output<typeof actionLine>

const lineOf = (row: read.AuditRow): Line => ({
  audit: row.audit_id,
  ts: row.ts,
  machine: row.machine_id,
  agent: row.agent_id,
  subject: row.subject,
  verb: row.verb,
  class: row.class as Line['class'],
  outcome: row.outcome as Line['outcome'],
  code: row.code,
  detail: row.detail,
  effects: JSON.parse(row.effects_json) as Line['effects'],
  why: row.why,
  params: JSON.parse(row.params_json) as Record<string, unknown>,
  dialog: row.dialog_hash,
  origin: row.origin as Line['origin'],
  actor: row.actor,
  caller_pid: row.caller_pid,
  caller_agent: row.caller_agent,
  mandate: row.mandate,
})

/** The one action an id, or the beginning of one, means. Throws a usage error for none and for several. */
const rowsOf = async (db: read.Db, id: string): Promise<read.AuditRow[]> => {
  const rows = await read.auditRows(db, id)
  const ids = [...new Set(rows.map((row) => row.audit_id))]
  const [only] = ids.includes(id) ? [id] : ids
  if (only === undefined)
    throw usageError('unknown_audit', `no action is called “${displayText(id, 40)}”`, 'vc audit list')
  if (only !== id && ids.length > 1)
    throw usageError(
      'ambiguous_audit',
      `${ids.length} actions are called “${displayText(id, 40)}”`,
      `write more of it: ${ids.slice(0, 5).join(', ')}`,
    )
  return rows.filter((row) => row.audit_id === only)
}

/** What was done to machines and agents, newest first. With an id: its steps. */
export const audit = defineQuery({
  name: 'audit',
  version: 1,
  summary: 'What was done: who wanted them, whether they were let through, what was seen of them',
  params: z.strictObject({
    ...atParam,
    id: z.string().optional().describe('one action, or the beginning of its id'),
    since: z.string().default('7d').describe('age such as 2h, or ISO time'),
    machine: z.string().optional(),
    agent: z.string().optional().describe('agent id'),
    outcome: z.enum([...OUTCOMES, 'under_way']).optional(),
    limit: z.coerce.number().int().min(1).max(10_000).default(100),
  }),
  data: z.object({
    actions: z.array(actionLine),
    refused: count,
    unknown: count.describe('outcome_unknown: it may have happened'),
    steps: z.array(stepLine).nullable().describe('of the one action asked for'),
  }),
  example: { since: '24h' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const one = params.id === undefined ? null : await rowsOf(ctx.db, params.id)
    const found =
      one === null
        ? await read.auditedActions(ctx.db, {
            since: parseMoment(params.since, at ?? ctx.now),
            until: at ?? undefined,
            machineId: params.machine,
            agentId: params.agent,
            limit: 10_000,
          })
        : one.slice(-1)
    const wanted = found.filter(
      (row) => params.outcome === undefined || (row.outcome ?? 'under_way') === params.outcome,
    )
    return {
      data: {
        actions: wanted.slice(0, params.limit).map(lineOf),
        refused: wanted.filter((row) => row.outcome === 'refused').length,
        unknown: wanted.filter((row) => row.outcome === 'outcome_unknown').length,
        steps:
          one?.map((row) => ({
            step: row.step as 'refused' | 'intent' | 'result',
            ts: row.ts,
            outcome: row.outcome as Line['outcome'],
          })) ?? null,
      },
    }
  },
})
