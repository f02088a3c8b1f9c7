import * as z from 'zod'
import { envelope, maybe, number, text, time } from './columns.ts'

export const AuditRow = z.object({
  ...envelope,
  audit_id: text,
  step: text,
  ts: time,
  verb: text,
  class: text,
  agent_id: maybe(text),
  subject: maybe(text),
  origin: text,
  actor: text,
  caller_pid: maybe(number),
  caller_agent: maybe(text),
  mandate: maybe(text),
  why: text,
  params_json: text,
  dialog_hash: maybe(text),
  outcome: maybe(text),
  code: maybe(text),
  detail: maybe(text),
  effects_json: text,
})
export type AuditRow = z.infer<typeof AuditRow>
