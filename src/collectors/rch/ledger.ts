import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import { epochMsOf, flagOf, idOf, objectOf, parseExact, stringOf } from '../foreign-json.ts'

/** How far the incident ledger was read; the file is rewritten under a new inode when it grows too large. */
export interface LedgerCursor {
  readonly inode: string
  readonly offset: number
}

export interface LedgerText {
  readonly rows: readonly Row[]
  readonly unreadable: number
  readonly cursor: LedgerCursor | null
}

const rowOf = (line: string): Row | null => {
  const entry = objectOf(parseExact(line))
  const [type, code, at] = [
    stringOf(entry?.event_type, 64),
    stringOf(entry?.reason_code, 64),
    epochMsOf(entry?.occurred_at_unix_ms),
  ]
  if (entry === null || type === null || code === null || at === null) return null
  return {
    incident_id: sha256(line),
    occurred_at: at,
    event_type: type,
    reason_code: code,
    reporter: stringOf(entry.source, 32),
    selected_mode: stringOf(entry.selected_mode, 32),
    local_fallback_allowed: flagOf(entry.local_fallback_allowed),
    project: stringOf(entry.project_id),
    worker_id: idOf(entry.worker_id),
    command_fingerprint: stringOf(entry.command_fingerprint, 128),
  }
}

/** What the script reads of the ledger at most. */
const MAX_BODY = 1_048_576

// Bytes that were no UTF-8 became one character each: counted low, so that nothing is ever passed over; a line read twice
// has the same id.
const bytesAtLeast = (text: string): number => Buffer.byteLength(text) - 2 * (text.split('\ufffd').length - 1)

/** The ledger section: `inode offset size`, then whole lines from that offset. Offsets are bytes. */
export const parseLedger = (text: string): LedgerText | null => {
  const end = text.indexOf('\n')
  const head = end === -1 ? text : text.slice(0, end)
  if (head === 'none') return { rows: [], unreadable: 0, cursor: null }
  const [, inode, offset] = /^(\d{1,20}) (\d{1,15}) \d{1,15}$/.exec(head) ?? []
  if (inode === undefined || offset === undefined) return null
  const body = text.slice(end + 1)
  // the last line may still be written; one that fills the whole answer is none
  const whole = body.length >= MAX_BODY && !body.includes('\n') ? body : body.slice(0, body.lastIndexOf('\n') + 1)
  const lines = whole.split('\n').filter((line) => line.trim() !== '')
  const rows = lines.map(rowOf)
  return {
    rows: rows.filter((row) => row !== null),
    unreadable: rows.filter((row) => row === null).length,
    cursor: { inode, offset: Number(offset) + bytesAtLeast(whole) },
  }
}
