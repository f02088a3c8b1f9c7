import { FieldReader } from '../transcripts/field-reader.ts'
import { type JsonObject, parseJson } from '../transcripts/json-cut.ts'
import { byBeginning, kernel } from '../transcripts/kernel.ts'
import { nameModel } from '../transcripts/usage-rows.ts'
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

/** Goes on to the next line of a block in the kernel's reach that has to be looked at here; null at its end. */
export const nextLine = (block: Buffer, from: number): LineKind | null =>
  KINDS[kernel.nextRecord(fields.address, block.byteOffset + from, block.byteOffset + block.length)] ?? null

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
  readonly tsMs: number
  readonly responseId: string
  readonly turnId: string
  readonly usage: Counters
}

/** A `token_usage_record` by its known keys. Null when one is missing or odd; then the line is parsed. */
export const readUsage = (block: Buffer, start: number, end: number): QuickUsage | null => {
  if (!fields.read(block, start, end) || !fields.is(at.type, 'token_usage_record')) return null
  const tsMs = fields.time(at.timestamp)
  const responseId = fields.text(at.responseId)
  const turnId = fields.text(at.turnId)
  const usage = countersAt(at.usage)
  if (tsMs === null || !responseId || !turnId || usage === null) return null
  return { tsMs, responseId, turnId, usage }
}

export interface QuickCount {
  readonly tsMs: number
  readonly total: Counters
  readonly last: Counters
  readonly windowTokens: number | null
  /** There is a `rate_limits` object: `limitsRead`. */
  readonly hasLimits: boolean
}

/** A `token_count` by its known keys. Null when one is missing or odd; then the line is parsed. */
export const readCount = (block: Buffer, start: number, end: number): QuickCount | null => {
  if (!fields.read(block, start, end) || !fields.is(at.event, 'token_count') || !fields.is(at.type, 'event_msg'))
    return null
  const tsMs = fields.time(at.timestamp)
  const total = countersAt(at.total)
  const last = countersAt(at.last)
  if (tsMs === null || total === null || last === null) return null
  const windowTokens = fields.isCount(at.window) ? fields.count(at.window) : null
  return { tsMs, total, last, windowTokens, hasLimits: fields.isNested(at.limits) }
}

/** Text of the `rate_limits` of the line read last. */
export const limitsRead = (): string => fields.bytes(at.limits).toString('utf8')

let limitsOf: object | null = null

/** True when the `rate_limits` of the line read last are those `reader` asked this of before, byte for byte. */
export const areLimitsRepeated = (reader: object): boolean => {
  if (limitsOf === reader && fields.isKept(at.limits)) return true
  limitsOf = reader
  fields.keep(at.limits)
  return false
}

/** True when nobody else asked that since `reader` did. */
export const areLimitsOf = (reader: object): boolean => limitsOf === reader

/** What `turn_context` and `task_started` say of a turn. */
export interface Turn {
  readonly turnId: string | null
  readonly model: string | null
  readonly cwd: string | null
  readonly startedSeconds: number | null
}

export interface QuickTurn extends Turn {
  readonly tsMs: number
}

/** `turn_context` or `task_started` by its known keys. Null: parse the line. */
export const readTurn = (block: Buffer, start: number, end: number): QuickTurn | null => {
  if (!fields.read(block, start, end)) return null
  const tsMs = fields.time(at.timestamp)
  if (tsMs === null) return null
  const model = fields.text(at.model) || null
  if (model !== null) nameModel(fields.address, at.model, model)
  return {
    tsMs,
    turnId: fields.text(at.turnId) || null,
    model,
    cwd: fields.text(at.cwd) || null,
    startedSeconds: fields.isCount(at.startedAt) ? fields.count(at.startedAt) : null,
  }
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

export interface QuickMeta {
  readonly tsMs: number
  readonly payload: JsonObject
}

/** `session_meta` without the instructions it carries, which are most of it. Null: parse the line. */
export const readMetaLine = (block: Buffer, start: number, end: number): QuickMeta | null => {
  if (!meta.read(block, start, end) || !meta.is(metaAt.type, 'session_meta')) return null
  const tsMs = meta.time(metaAt.timestamp)
  if (tsMs === null) return null
  const payload: Record<string, unknown> = {}
  for (const [name, slot] of metaTexts) payload[name] = meta.text(slot)
  for (const [name, slot] of metaObjects) {
    if (!meta.isNested(slot)) continue
    payload[name] = parseJson(meta.bytes(slot).toString('utf8'))
    if (payload[name] === undefined) return null
  }
  return { tsMs, payload }
}

/** When a turn ended well. Null for errors and odd layouts: parse the line. */
export const readGoodEnd = (block: Buffer, start: number, end: number): number | null =>
  fields.read(block, start, end) && !fields.has(at.error) ? fields.time(at.timestamp) : null
