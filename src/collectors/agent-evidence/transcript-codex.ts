import type { Sighting } from '../../core/agent.ts'
import { asArray, asNumber, asObject, asText, dateOfIso, dateOfSeconds, isObject, type Json } from './json.ts'
import { sighting } from './sighting.ts'

/** Bytes of which at least one stands in every line that says something about the state. */
export const CODEX_STATE_NEEDLES: readonly string[] = [
  '"task_started"',
  '"task_complete"',
  '"turn_aborted"',
  '"function_call"',
  '"function_call_output"',
  '"custom_tool_call"',
  '"custom_tool_call_output"',
  '"token_count"',
  '"session_meta"',
]

const VERSION = '0.169'
const SOURCE = 'codex.transcript'
const TYPES = new Set(['task_started', 'task_complete', 'turn_aborted', 'token_count'])
const CALLS = new Set(['function_call', 'custom_tool_call', 'local_shell_call'])
const OUTPUTS = new Set(['function_call_output', 'custom_tool_call_output'])

/** True for rollout records that tell where the turn stands (agents-codex.md 1). */
export const codexStateMatters = (record: unknown): boolean => {
  const line = asObject(record)
  const kind = asText(asObject(line.payload).type) ?? ''
  return line.type === 'session_meta' || TYPES.has(kind) || CALLS.has(kind) || OUTPUTS.has(kind)
}

export interface CodexTrouble {
  readonly says: 'failed' | 'rate_limited'
  readonly rule: string
  readonly reason: string
}

/** `codex_error_info` of a rollout (snake case) or `codexErrorInfo` of SQLite (camel case): text or one-key object. */
export function readCodexError(error: Json): CodexTrouble {
  const info = error.codex_error_info ?? error.codexErrorInfo
  const name = asText(info) ?? Object.keys(asObject(info))[0] ?? 'error'
  const plain = name.replaceAll(/([A-Z])/g, '_$1').toLowerCase()
  const detail = asObject(asObject(info)[name])
  const status = asNumber(detail.http_status_code ?? detail.httpStatusCode)
  if (plain === 'usage_limit_exceeded') return { says: 'rate_limited', rule: 'limit', reason: 'usage limit' }
  // Retries given up are a failure, also after 429 (evidence-bundle.md, meaning of the states).
  if (status === 429) return { says: 'failed', rule: 'error', reason: 'rate limit (429), retries given up' }
  return { says: 'failed', rule: 'error', reason: status === null ? plain : `${plain} ${status}` }
}

/** When every exhausted window of this snapshot is open again; null when none says so. */
const resetOf = (limits: Json): Date | null => {
  const windows = ['primary', 'secondary'].map((name) => asObject(limits[name]))
  const resets = windows
    .filter((window) => (asNumber(window.used_percent) ?? 0) >= 100)
    .map((window) => dateOfSeconds(window.resets_at))
  return resets.reduce((latest, at) => (at !== null && (latest === null || at > latest) ? at : latest), null)
}

interface Turn {
  says: Sighting['says']
  rule: string
  reason: string | null
  since: Date | null
  asOf: Date
}

const step = (turn: Turn | null, kind: string, payload: Json, at: Date): Turn | null => {
  const since = turn?.since ?? null
  if (kind === 'task_started') return { says: 'working', rule: 'turn', reason: null, since: at, asOf: at }
  if (kind === 'turn_aborted') return { says: 'idle', rule: 'aborted', reason: 'interrupted', since: at, asOf: at }
  if (kind === 'task_complete') {
    return isObject(payload.error)
      ? { ...readCodexError(payload.error), since: at, asOf: at }
      : { says: 'turn_finished', rule: 'turn_end', reason: null, since: at, asOf: at }
  }
  if (CALLS.has(kind)) return { says: 'working', rule: 'tool', reason: 'tool call open', since, asOf: at }
  if (OUTPUTS.has(kind) && turn?.says === 'working') return { ...turn, rule: 'turn', reason: null, asOf: at }
  return turn
}

const isExec = (payload: Json): boolean => payload.source === 'exec' || payload.originator === 'codex_exec'

/** Newest opinion of a rollout, oldest record first. An open call can be an approval or a long command: it says only `working`. */
export function readCodexTail(records: readonly unknown[]): Sighting | null {
  let turn: Turn | null = null
  let reset: Date | null = null
  let headless = false
  for (const record of asArray(records).filter(isObject)) {
    const payload = asObject(record.payload)
    const kind = asText(payload.type) ?? ''
    const at = dateOfIso(record.timestamp)
    if (record.type === 'session_meta') headless = isExec(payload)
    if (at === null) continue
    if (kind === 'token_count' && isObject(payload.rate_limits)) reset = resetOf(payload.rate_limits)
    turn = step(turn, kind, payload, at)
  }
  if (turn === null) return null
  const rule = headless && turn.says === 'working' ? `headless_${turn.rule}` : turn.rule
  const until = turn.says === 'rate_limited' ? reset : null
  return sighting({ tier: 'transcript', source: SOURCE, version: VERSION, ...turn, rule, until })
}
