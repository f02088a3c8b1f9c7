import type { Sighting } from '../../core/agent.ts'
import { asArray, asNumber, asObject, asText, dateOfIso, dateOfSeconds, isObject, type Json } from './json.ts'
import { sighting } from './sighting.ts'

/** Bytes of which at least one stands in every line that says something about the state. */
export const CLAUDE_STATE_NEEDLES: readonly string[] = [
  '"type":"user"',
  '"type":"assistant"',
  '"subtype":"turn_duration"',
  '"subtype":"compact_boundary"',
]

const VERSION = '2.1'
const SOURCE = 'claude.transcript'

/** True for records of the main chain that tell where the turn stands (agents-claude.md 2). */
export const claudeStateMatters = (record: unknown): boolean => readRecord(asObject(record)) !== null

type Reading = Omit<Parameters<typeof sighting>[0], 'tier' | 'source' | 'version' | 'asOf'>

const LIMIT = /usage limit|hit your .{0,40}limit|limit reached/i

const readError = (record: Json): Reading => {
  const kind = asText(record.error) ?? 'error'
  const status = asNumber(record.apiErrorStatus)
  const quota = asObject(record.quotaLimits)
  const text = asText(asObject(asArray(asObject(record.message).content)[0]).text) ?? ''
  if (
    kind === 'rate_limit' ||
    status === 429 ||
    asText(record.apiError) === 'usage_limit_reached' ||
    LIMIT.test(text)
  ) {
    const window = asText(quota.rateLimitType)
    const what = window === null ? 'rate limit' : `${window} limit`
    return { says: 'rate_limited', rule: 'limit', until: dateOfSeconds(quota.resetsAt), reason: what }
  }
  return { says: 'failed', rule: 'error', reason: status === null ? kind : `${kind} ${status}` }
}

const readAssistant = (record: Json): Reading => {
  if (record.isApiErrorMessage === true) return readError(record)
  const message = asObject(record.message)
  const tool = asArray(message.content)
    .map(asObject)
    .find((block) => block.type === 'tool_use')
  // These two tools run by asking: open means the dialog is up.
  if (tool?.name === 'AskUserQuestion')
    return { says: 'asked_question', rule: 'question', reason: 'question tool open' }
  if (tool?.name === 'ExitPlanMode') return { says: 'needs_approval', rule: 'plan', reason: 'plan tool open' }
  if (tool !== undefined) return { says: 'working', rule: 'tool', reason: 'tool call open' }
  const ended = message.stop_reason === 'end_turn' || message.stop_reason === 'stop_sequence'
  return ended ? { says: 'turn_finished', rule: 'answered' } : { says: 'working', rule: 'streaming' }
}

// Slash commands, `!` commands and their output are written as user records although no turn begins.
const COMMAND = /^<(command-name|command-message|local-command-\w+|bash-\w+|user-memory-input)>/
const INTERRUPTED = /^\[Request interrupted by user/

const readUser = (record: Json): Reading | null => {
  if (record.isMeta === true || record.isCompactSummary === true) return null
  if (asText(record.interruptedMessageId) !== null) return { says: 'idle', rule: 'aborted', reason: 'interrupted' }
  const content = asObject(record.message).content
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content).map(asObject)
  const text = asText(blocks.find((block) => block.type === 'text')?.text) ?? ''
  if (INTERRUPTED.test(text)) return { says: 'idle', rule: 'aborted', reason: 'interrupted' }
  if (asText(record.toolDenialKind) === 'user-rejected') return { says: 'idle', rule: 'aborted', reason: 'rejected' }
  if (blocks.some((block) => block.type === 'tool_result')) return { says: 'working', rule: 'result' }
  return COMMAND.test(text.trimStart()) ? null : { says: 'working', rule: 'prompt' }
}

const readSystem = (record: Json): Reading | null => {
  if (record.subtype === 'compact_boundary') {
    const byHand = asObject(record.compactMetadata).trigger === 'manual'
    return byHand
      ? { says: 'turn_finished', rule: 'compacted', reason: 'compacted' }
      : { says: 'working', rule: 'compacting' }
  }
  if (record.subtype !== 'turn_duration') return null
  const pending = asNumber(record.pendingBackgroundAgentCount) ?? 0
  return pending > 0
    ? { says: 'working', rule: 'background', reason: `background: ${pending} sub-agent` }
    : { says: 'turn_finished', rule: 'turn_end' }
}

const readRecord = (record: Json): Reading | null => {
  if (record.isSidechain === true) return null
  if (record.type === 'assistant') return readAssistant(record)
  if (record.type === 'user') return readUser(record)
  return record.type === 'system' ? readSystem(record) : null
}

// A record that only closes a turn: it confirms an error or a limit of the same turn, it does not overwrite it.
const closesOnly = (next: Reading): boolean => next.rule === 'turn_end'
const isTrouble = (reading: Reading): boolean => reading.says === 'failed' || reading.says === 'rate_limited'

/** Newest opinion of the main chain. Records in any order; other sessions' and sub-agents' records are ignored. */
export function readClaudeTail(records: readonly unknown[]): Sighting | null {
  const dated = records.filter(isObject).flatMap((record) => {
    const at = dateOfIso(record.timestamp)
    const reading = at === null ? null : readRecord(record)
    return at === null || reading === null ? [] : [{ at, reading, headless: record.entrypoint === 'sdk-cli' }]
  })
  // Claude appends attachments and user records slightly out of order (2.1.197 writes the prompt after the answer's first block).
  const ordered = dated.sort((a, b) => a.at.getTime() - b.at.getTime())
  let newest: (typeof ordered)[number] | null = null
  let since: Date | null = null
  for (const item of ordered) {
    if (item.reading.rule === 'prompt' || item.reading.rule === 'compacted') since = item.at
    if (newest !== null && isTrouble(newest.reading) && closesOnly(item.reading)) continue
    newest = item
  }
  if (newest === null) return null
  const { at, reading, headless } = newest
  const rule = headless && reading.says === 'working' ? `headless_${reading.rule}` : reading.rule
  const open = reading.says === 'working'
  return sighting({
    tier: 'transcript',
    source: SOURCE,
    version: VERSION,
    ...reading,
    rule,
    asOf: at,
    since: open ? since : at,
  })
}
