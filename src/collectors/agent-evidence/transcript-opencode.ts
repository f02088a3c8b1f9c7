import type { Sighting } from '../../core/agent.ts'
import { asNumber, asObject, asText, dateOfMs, type Json, parseObject } from './json.ts'
import { sighting } from './sighting.ts'

const VERSION = '1.18'
const SOURCE = 'opencode.rows'

/** A `message` or `part` row of one session; `data` as JSON text or object. Other columns are not needed. */
export interface OpencodeRow {
  readonly tbl: 'message' | 'part'
  readonly id: string
  readonly message_id?: string
  readonly time_updated: number
  readonly data: unknown
}

interface Message {
  readonly id: string
  readonly updated: Date
  readonly created: Date
  readonly data: Json
}

const messagesOf = (rows: readonly unknown[]): readonly Message[] =>
  rows.map(asObject).flatMap((row) => {
    const data = parseObject(row.data)
    const id = asText(row.id)
    const created = dateOfMs(asObject(data?.time).created ?? row.time_created)
    const updated = dateOfMs(row.time_updated) ?? created
    const isMessage = row.tbl === 'message' || (row.tbl === undefined && asText(data?.role) !== null)
    return isMessage && data !== null && id !== null && created !== null && updated !== null
      ? [{ id, created, updated, data }]
      : []
  })

const LIMIT = /rate limit|usage limit|quota|too many requests/i
const REJECTED = /rejected permission|user dismissed/i

const readError = (error: Json): Pick<Sighting, 'says' | 'reason'> & { rule: string } => {
  const name = asText(error.name) ?? 'error'
  const detail = asObject(error.data)
  const status = asNumber(detail.statusCode)
  if (name === 'MessageAbortedError') return { says: 'idle', rule: 'aborted', reason: 'interrupted' }
  if (status === 429 || LIMIT.test(asText(detail.message) ?? ''))
    return { says: 'rate_limited', rule: 'limit', reason: 'rate limit' }
  return { says: 'failed', rule: 'error', reason: status === null ? name : `${name} ${status}` }
}

const partsOf = (rows: readonly unknown[], messageId: string): readonly Json[] =>
  rows
    .map(asObject)
    .filter((row) => row.message_id === messageId)
    .map((row) => parseObject(row.data) ?? {})

/** Newest change of the message or one of its parts: an open turn that goes on. */
const changedAt = (message: Message, rows: readonly unknown[]): Date => {
  const times = rows
    .map(asObject)
    .filter((row) => row.message_id === message.id)
    .map((row) => asNumber(row.time_updated) ?? 0)
  return new Date(Math.max(message.updated.getTime(), ...times))
}

const readAssistant = (
  message: Message,
  rows: readonly unknown[],
): Pick<Sighting, 'says' | 'reason'> & { rule: string } => {
  const data = message.data
  const parts = partsOf(rows, message.id)
  if (typeof data.error === 'object' && data.error !== null) {
    const error = readError(asObject(data.error))
    // Nothing was answered before the interrupt: a limit met in this turn still stands.
    return error.rule === 'aborted' && parts.length === 0 ? { ...error, rule: 'aborted_unanswered' } : error
  }
  const tools = parts
    .filter((part) => part.type === 'tool')
    .map((part) => ({ tool: part.tool, state: asObject(part.state) }))
  if (dateOfMs(asObject(data.time).completed) === null) {
    const running = tools.some(({ state }) => state.status === 'running' || state.status === 'pending')
    const asks = tools.some(({ tool, state }) => tool === 'question' && state.status === 'running')
    if (asks) return { says: 'asked_question', rule: 'question', reason: 'question tool open' }
    return running
      ? { says: 'working', rule: 'tool', reason: 'tool call open' }
      : { says: 'working', rule: 'open', reason: null }
  }
  if (tools.some(({ state }) => state.status === 'error' && REJECTED.test(asText(state.error) ?? ''))) {
    return { says: 'idle', rule: 'aborted', reason: 'rejected' }
  }
  // Interrupted while it retried: the row is closed and no model call of it ever ended.
  if (asText(data.finish) === null)
    return { says: 'idle', rule: parts.length === 0 ? 'aborted_unanswered' : 'aborted', reason: 'interrupted' }
  return data.finish === 'tool-calls'
    ? { says: 'working', rule: 'step', reason: null }
    : { says: 'turn_finished', rule: 'turn_end', reason: null }
}

/**
 * State of one session by its newest `message` and `part` rows. An open row can be an approval or an endless retry:
 * it says only `working` and needs the log or the screen (agents-opencode.md 1).
 */
export function readOpencodeRows(rows: readonly unknown[]): Sighting | null {
  const messages = [...messagesOf(rows)].sort(
    (a, b) => a.created.getTime() - b.created.getTime() || a.id.localeCompare(b.id),
  )
  const newest = messages.at(-1)
  if (newest === undefined) return null
  const asOf = changedAt(newest, rows)
  const base = { tier: 'transcript', source: SOURCE, version: VERSION, asOf, since: newest.created } as const
  if (newest.data.role === 'user') return sighting({ ...base, asOf: newest.created, says: 'working', rule: 'prompt' })
  const reading = readAssistant(newest, rows)
  return sighting({ ...base, ...reading, since: reading.says === 'working' ? newest.created : asOf })
}
