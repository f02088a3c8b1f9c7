// Lines of Codex rollouts: which of them the ledger needs.
import { standsAt } from './bytes'
import { isThreadSettled, takeCount, takeEnd, takeTurn, takeUsage } from './codex-thread'
import { beginLines, lineStop, meetLine, typeAt } from './line'

// What a line is; codex/record.ts has the same numbers.
const END: i32 = -1
const SKIP: i32 = 0
const SESSION_META: i32 = 1
const TURN_CONTEXT: i32 = 2
const TOKEN_USAGE_RECORD: i32 = 3
const TOKEN_COUNT: i32 = 4
const TASK_STARTED: i32 = 5
const TASK_COMPLETE: i32 = 6
const MAYBE: i32 = 7

const EVENT = 'event_msg"'
const PAYLOAD_TYPE = ',"payload":{"type":"'
const PREFIX_BYTES: i32 = 200
// Shorter lines cannot hold any of these.
const MIN_BYTES: i32 = 20

/** Goes on to the next line that is not `SKIP`, and that JavaScript has to take. `END`: there is none. */
export function nextRecord(reader: i32, from: i32, end: i32): i32 {
  beginLines()
  let start = from
  while (meetLine(start, end)) {
    const what = recordKind(start, lineStop())
    if (what !== SKIP && !isTaken(reader, what, start, lineStop())) return what
    start = lineStop() + 1
  }
  return END
}

function isTaken(reader: i32, what: i32, start: i32, end: i32): bool {
  if (!isThreadSettled()) return false
  if (what === TOKEN_COUNT) return takeCount(reader, start, end)
  if (what === TOKEN_USAGE_RECORD) return takeUsage(reader, start, end)
  if (what === TASK_COMPLETE) return takeEnd(reader, start, end)
  return (what === TURN_CONTEXT || what === TASK_STARTED) && takeTurn(reader, start, end)
}

/** What a line is by its first bytes: Codex writes `timestamp`, `ordinal`, `type`, then `payload` with its own `type` first. */
export function recordKind(start: i32, end: i32): i32 {
  const type = typeAt(start, end, PREFIX_BYTES)
  if (type >= 0) return kindOfType(type)
  return end - start < MIN_BYTES ? SKIP : MAYBE
}

function kindOfType(at: i32): i32 {
  if (standsAt(at, EVENT)) return kindOfEvent(at + EVENT.length)
  if (standsAt(at, 'session_meta"')) return SESSION_META
  if (standsAt(at, 'turn_context"')) return TURN_CONTEXT
  return standsAt(at, 'token_usage_record"') ? TOKEN_USAGE_RECORD : SKIP
}

function kindOfEvent(at: i32): i32 {
  if (!standsAt(at, PAYLOAD_TYPE)) return MAYBE
  const type = at + PAYLOAD_TYPE.length
  if (standsAt(type, 'token_count"')) return TOKEN_COUNT
  if (standsAt(type, 'task_started"')) return TASK_STARTED
  return standsAt(type, 'task_complete"') ? TASK_COMPLETE : SKIP
}
