import { sha256 } from '../../core/ids.ts'
import { redact } from '../../core/redact.ts'
import { displayText } from '../../core/text.ts'

const CUT = /^\[text \d+(?: #[0-9a-f]{1,16})?\]$/

/** Words of people and models, replaced by their length and a short hash. Empty stays empty, cut stays cut. */
export const cutText = (text: string): string =>
  text === '' || CUT.test(text) ? text : `[text ${text.length} #${sha256(text).slice(0, 8)}]`

// Marks by which the transcript readers tell apart what a CLI wrote itself; what follows them is cut.
const MARKS: readonly RegExp[] = [
  /^\[Request interrupted by user[a-z ]{0,20}\]?/,
  /^Request cancelled\.?/i,
  /^\s*<[a-z_-]{1,40}>/,
]
const REFUSED = /rejected permission|user dismissed/i

const cutMessage = (text: string): string => {
  const mark = MARKS.map((shape) => shape.exec(text)?.[0]).find((found) => found !== undefined)
  if (mark === undefined) return cutText(text)
  const rest = text.slice(mark.length)
  return rest === '' || CUT.test(rest) ? text : mark + cutText(rest)
}

// Ids, kinds and times: what joins records and tells a state. Any other string is somebody's text.
const KEPT =
  /^(?:type|subtype|tbl|timestamp|uuid|parentUuid|id|message_id|messageID|parentID|parent_id|session(?:_id|Id|ID)|version|entrypoint|stop_reason|name|role|model|modelID|providerID|mode|agent|error|apiError|rateLimitType|toolDenialKind|interruptedMessageId|trigger|status|reason|finish|source|originator|codex_?[eE]rror_?[iI]nfo|cli_version|limit_id|plan_type|turn_id|thread_id|root_turn_id|call_?(?:id|ID)|kind|tool|startTime|lastUpdated|requestId|tool_use_id|cwd|directory|gitBranch)$/
const IDS = /(?:^|_)u?u?id$|[a-z](?:Id|ID|Uuid)$/
const ERRORS = /^(?:text|content|message)$/
const MAX_KEPT = 256
const MAX_ERROR = 1_000

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const cutString = (key: string, text: string, failed: boolean): string => {
  if (key === 'error' && text.includes(' ')) return REFUSED.exec(text)?.[0] ?? cutMessage(text)
  if (KEPT.test(key) && text.length <= MAX_KEPT) {
    const shown = displayText(text)
    return IDS.test(key) && /^[\w.:-]{1,64}$/.test(shown) && !/^sk[-_]/.test(shown) ? shown : redact(shown)
  }
  // words of the CLI or its provider: what went wrong
  return failed && ERRORS.test(key) ? displayText(redact(text), MAX_ERROR) : cutMessage(text)
}

const cutValue = (key: string, value: unknown, failed: boolean, depth: number): unknown => {
  if (typeof value === 'string') return cutString(key, value, failed)
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > 24) return null
  if (Array.isArray(value)) return value.map((item) => cutValue(key, item, failed, depth + 1))
  const went = failed || (isRecord(value) && key === 'error')
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [displayText(name), cutValue(name, item, went, depth + 1)]),
  )
}

/** One transcript record without anybody's words: numbers, flags, ids, kinds and times stay, and what went wrong. */
export const cutRecord = (record: unknown): unknown => {
  const failed = isRecord(record) && (record.isApiErrorMessage === true || record.type === 'error')
  return cutValue('', record, failed, 0)
}

/** Foreign JSON for printing: control characters gone, secrets redacted, nothing that is a key, token or socket by its name. */
export const printableJson = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redact(displayText(value, 2_000))
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > 24) return null
  if (Array.isArray(value)) return value.map((item) => printableJson(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !/messagingSocketPath|secret|password|token$|^key$|authKey|apiKey/i.test(name))
      .map(([name, item]) => [displayText(name), printableJson(item, depth + 1)]),
  )
}
