import { FieldReader } from '../transcripts/field-reader.ts'
import { type JsonObject, parseJson } from '../transcripts/json-cut.ts'
import { byBeginning, kernel } from '../transcripts/kernel.ts'
import type { Counters } from './tokens.ts'

export type LineKind =
  | 'session_meta'
  | 'turn_context'
  | 'token_usage_record'
  | 'token_count'
  | 'task_started'
  | 'task_complete'
  /** Proven to hold nothing the ledger needs. */
  | 'skip'
  /** Not proven: look inside. */
  | 'maybe'

// By the numbers of assembly/codex.ts.
const KINDS: readonly LineKind[] = [
  'skip',
  'session_meta',
  'turn_context',
  'token_usage_record',
  'token_count',
  'task_started',
  'task_complete',
  'maybe',
]

/** Goes on to the next line of a block in the kernel's reach that is not `skip`; null at its end. */
export const nextLine = (block: Buffer, from: number): LineKind | null =>
  KINDS[kernel.nextRecord(block.byteOffset + from, block.byteOffset + block.length)] ?? null

/** What a line is that is not in reach. */
export const longLineKind = (line: Buffer): LineKind => KINDS[byBeginning(line, kernel.recordKind)] as LineKind

const COUNTERS = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_input_tokens',
  'output_tokens',
  'reasoning_output_tokens',
  'total_tokens',
] as const

const USAGE = 'payload.usage'
const TOTAL = 'payload.info.total_token_usage'
const LAST = 'payload.info.last_token_usage'
const WINDOW = 'payload.info.model_context_window'
const LIMITS = 'payload.rate_limits'
const TURN = ['payload.model', 'payload.cwd', 'payload.started_at', 'payload.error'] as const
const TEXTS = ['timestamp', 'type', 'payload.type', 'payload.response_id', 'payload.turn_id', ...TURN] as const

const fields = new FieldReader([
  ...TEXTS,
  LIMITS,
  WINDOW,
  ...[USAGE, TOTAL, LAST].flatMap((path) => [path, ...COUNTERS.map((name) => `${path}.${name}`)]),
])
const slotsOf = (path: string): readonly number[] => COUNTERS.map((name) => fields.slot(`${path}.${name}`))
const at = {
  timestamp: fields.slot('timestamp'),
  type: fields.slot('type'),
  event: fields.slot('payload.type'),
  responseId: fields.slot('payload.response_id'),
  turnId: fields.slot('payload.turn_id'),
  model: fields.slot('payload.model'),
  cwd: fields.slot('payload.cwd'),
  startedAt: fields.slot('payload.started_at'),
  error: fields.slot('payload.error'),
  limits: fields.slot(LIMITS),
  window: fields.slot(WINDOW),
  usage: slotsOf(USAGE),
  total: slotsOf(TOTAL),
  last: slotsOf(LAST),
}

const countersAt = (slots: readonly number[]): Counters | null => {
  const [input, cached, written, output, reasoning, total] = slots as [number, number, number, number, number, number]
  if (!fields.isCount(input) || !fields.isCount(output)) return null
  return {
    input: fields.count(input),
    cached: fields.count(cached),
    written: fields.count(written),
    output: fields.count(output),
    reasoning: fields.count(reasoning),
    total: fields.count(total),
  }
}

export interface QuickUsage {
  readonly timestamp: string
  readonly responseId: string
  readonly turnId: string
  readonly usage: Counters
}

/** A `token_usage_record` by its known keys. Null when one is missing or odd; then the line is parsed. */
export const readUsage = (block: Buffer, start: number, end: number): QuickUsage | null => {
  if (!fields.read(block, start, end) || !fields.is(at.type, 'token_usage_record')) return null
  const timestamp = fields.text(at.timestamp)
  const responseId = fields.text(at.responseId)
  const turnId = fields.text(at.turnId)
  const usage = countersAt(at.usage)
  if (timestamp === null || !responseId || !turnId || usage === null) return null
  return { timestamp, responseId, turnId, usage }
}

export interface QuickCount {
  readonly timestamp: string
  readonly total: Counters
  readonly last: Counters
  readonly windowTokens: number | null
  /** The `rate_limits` object as bytes of the block; null when there is none. */
  readonly limits: Buffer | null
}

/** A `token_count` by its known keys. Null when one is missing or odd; then the line is parsed. */
export const readCount = (block: Buffer, start: number, end: number): QuickCount | null => {
  if (!fields.read(block, start, end) || !fields.is(at.event, 'token_count') || !fields.is(at.type, 'event_msg'))
    return null
  const timestamp = fields.text(at.timestamp)
  const total = countersAt(at.total)
  const last = countersAt(at.last)
  if (timestamp === null || total === null || last === null) return null
  const limits = fields.isNested(at.limits) ? fields.bytes(at.limits) : null
  return { timestamp, total, last, windowTokens: fields.isCount(at.window) ? fields.count(at.window) : null, limits }
}

/** `turn_context` or `task_started` by its known keys, as JSON.parse would give them. Null: parse the line. */
export const readTurn = (block: Buffer, start: number, end: number): JsonObject | null => {
  if (!fields.read(block, start, end)) return null
  const startedAt = fields.isCount(at.startedAt) ? { started_at: fields.count(at.startedAt) } : {}
  const turn = { turn_id: fields.text(at.turnId), model: fields.text(at.model), cwd: fields.text(at.cwd), ...startedAt }
  return { timestamp: fields.text(at.timestamp), payload: turn }
}

const META_TEXTS = [
  'id',
  'session_id',
  'timestamp',
  'cwd',
  'cli_version',
  'model_provider',
  'originator',
  'parent_thread_id',
  'forked_from_id',
  'thread_source',
] as const
const META_OBJECTS = ['source', 'git'] as const
const meta = new FieldReader([
  'timestamp',
  'type',
  ...[...META_TEXTS, ...META_OBJECTS].map((name) => `payload.${name}`),
])
const metaAt = { timestamp: meta.slot('timestamp'), type: meta.slot('type') }
const metaTexts = META_TEXTS.map((name) => [name, meta.slot(`payload.${name}`)] as const)
const metaObjects = META_OBJECTS.map((name) => [name, meta.slot(`payload.${name}`)] as const)

/** `session_meta` without the instructions it carries, which are most of it. Null: parse the line. */
export const readMetaLine = (block: Buffer, start: number, end: number): JsonObject | null => {
  if (!meta.read(block, start, end) || !meta.is(metaAt.type, 'session_meta')) return null
  const payload: Record<string, unknown> = {}
  for (const [name, slot] of metaTexts) payload[name] = meta.text(slot)
  for (const [name, slot] of metaObjects) {
    if (!meta.isNested(slot)) continue
    payload[name] = parseJson(meta.bytes(slot).toString('utf8'))
    if (payload[name] === undefined) return null
  }
  return { timestamp: meta.text(metaAt.timestamp), payload }
}

/** When a turn ended well. Null for errors and odd layouts: parse the line. */
export const readGoodEnd = (block: Buffer, start: number, end: number): string | null =>
  fields.read(block, start, end) && !fields.has(at.error) ? fields.text(at.timestamp) : null
