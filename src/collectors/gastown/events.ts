import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { instantOf, type JsonObject, objectOf, parseExact, stringOf } from '../foreign-json.ts'

export interface TownEvents {
  readonly events: readonly Row[]
  readonly mail: readonly Row[]
  /** Bytes up to and with the last whole line. */
  readonly consumed: number
  readonly unreadable: number
}

/** Values of a payload that are names, ids or counts; reasons, messages and topics are prose and stay there. */
const KEPT = new Set(
  'bead target rig polecat branch mr worker session agent caller status issue to polecat_count count window to_session session_id role agents sessions services'.split(
    ' ',
  ),
)
const MAX_LINE = 65_536

/** Whole lines of `.events.jsonl`. The same line gives the same rows, whenever it is read. Never throws. */
export const parseTownEvents = (bytes: Uint8Array, town: string): TownEvents => {
  const end = bytes.lastIndexOf(10)
  if (end < 0) return { events: [], mail: [], consumed: 0, unreadable: 0 }
  const lines = decodeUtf8(bytes.subarray(0, end))
    .split('\n')
    .filter((line) => line.trim() !== '')
  const read = lines.map((line) => (line.length > MAX_LINE ? null : lineOf(line, town)))
  const rows = read.filter((row) => row !== null)
  return {
    events: rows.map(({ event }) => event),
    mail: rows.flatMap(({ mail }) => (mail === null ? [] : [mail])),
    consumed: end + 1,
    unreadable: read.length - rows.length,
  }
}

const lineOf = (line: string, town: string): { readonly event: Row; readonly mail: Row | null } | null => {
  const item = objectOf(parseExact(line))
  const ts = instantOf(item?.ts)
  const type = stringOf(item?.type, 80)
  if (item === null || ts === null || type === null || item.source !== 'gt') return null
  const payload = objectOf(item.payload) ?? {}
  const actor = stringOf(item.actor, 120)
  const at = { ts, town, line_hash: sha256(line) }
  const subject =
    stringOf(payload.bead, 120) ??
    stringOf(payload.mr, 120) ??
    stringOf(payload.target, 120) ??
    stringOf(payload.polecat, 120)
  const event = {
    ...at,
    event_type: type,
    actor,
    rig: stringOf(payload.rig, 120) ?? rigOf(actor),
    subject,
    visibility: stringOf(item.visibility, 20),
    details_json: detailsOf(payload),
  }
  const mail = { ...at, sender: actor, recipient: stringOf(payload.to, 120), subject: stringOf(payload.subject) }
  return { event, mail: type === 'mail' ? mail : null }
}

const TOWN_ACTORS = new Set(['mayor', 'deacon', 'overseer', 'daemon', 'gt'])

/** `<rig>/witness`, `<rig>/polecats/<name>`: the part before the first slash, where it names no agent of the town. */
const rigOf = (actor: string | null): string | null => {
  const [first, second] = (actor ?? '').split('/')
  return first !== undefined && second !== undefined && second !== '' && !TOWN_ACTORS.has(first) ? first : null
}

const plainOf = (value: unknown): string | number | boolean | readonly string[] | null => {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.slice(0, 50).flatMap((item) => stringOf(item, 120) ?? [])
  return stringOf(value, 120)
}

const detailsOf = (payload: JsonObject): string | null => {
  const kept = Object.entries(payload).flatMap(([name, value]) => {
    const plain = KEPT.has(name) ? plainOf(value) : null
    return plain === null ? [] : [[name, plain] as const]
  })
  return kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept))
}
