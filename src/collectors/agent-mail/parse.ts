import * as z from 'zod'
import { sha256 } from '../../core/ids.ts'
import type { Row, RowBatch } from '../../core/rows.ts'
import type { Kinds } from '../database-ask.ts'
import type { Page, PageAbout } from '../database-look.ts'
import { foreignCount, foreignId, foreignInteger, foreignText, foreignTime } from '../foreign-cells.ts'
import { mostRecipients } from './query.ts'

export const MailState = z.object({
  lastId: z.string().regex(/^\d{1,19}$/),
  /** Newest time of reading, acknowledging or retiring that was seen. */
  changedMs: z.number().nullable(),
  /** When the lists of recipients were last read as a whole. */
  fullMs: z.number(),
  /** When the first of the open reservations runs out. */
  expiresMs: z.number().nullable(),
})
export type MailState = z.infer<typeof MailState>

export const FRESH_MAIL: MailState = { lastId: '0', changedMs: null, fullMs: 0, expiresMs: null }

type Raw = Readonly<Record<string, unknown>>

/** Rows of one look. A message without id or time cannot be told from others and is counted as unreadable. */
export const parseMail = (kinds: Kinds, state: MailState, full: boolean, about: PageAbout): Page<MailState> => {
  const raw = kinds.get('message') ?? []
  const head = kinds.get('head')?.[0] ?? {}
  const maxId = foreignId(head.max_id) ?? '0'
  const messages = raw.map((one) => messageRow(one, about.path)).filter((row) => row !== null)
  const recipients = (kinds.get('recipient') ?? [])
    .map((one) => recipientRow(one, about.path))
    .filter((row) => row !== null)
  const reservations = (kinds.get('reservation') ?? [])
    .map((one) => reservationRow(one, about.path))
    .filter((row) => row !== null)
  const lastId = raw.map((one) => foreignId(one.id) ?? '0').reduce(larger, state.lastId)
  const expiries = reservations.map((row) =>
    row.expires_at instanceof Date ? row.expires_at.getTime() : Number.POSITIVE_INFINITY,
  )
  const soonest = Math.min(...expiries)
  const batches: RowBatch[] = [
    { table: 'mail_messages', rows: messages },
    { table: 'mail_recipients', rows: recipients },
    { table: 'mail_file_reservations', rows: reservations, scope: about.path },
  ]
  return {
    batches: batches.filter(({ rows, scope }) => rows.length > 0 || scope !== undefined),
    state: {
      lastId,
      changedMs: newestMark(head.marks, state.changedMs),
      fullMs: full ? about.at.getTime() : state.fullMs,
      expiresMs: Number.isFinite(soonest) ? soonest : null,
    },
    more: raw.length > 0 && BigInt(lastId) < BigInt(maxId),
    restart: BigInt(maxId) < BigInt(state.lastId),
    unreadable: raw.length - messages.length,
    warnings: recipients.length < mostRecipients(about.rows) ? [] : [manyRecipients(about.path)],
  }
}

const manyRecipients = (path: string) => ({
  code: 'many_recipients',
  message: `more recipients of ${path} changed at once than one look reads; the older ones may be behind`,
  fix: 'nothing to do: what is open is read again every six hours',
})

const larger = (a: string, b: string): string => (BigInt(b) > BigInt(a) ? b : a)

const newestMark = (marks: unknown, before: number | null): number | null => {
  const times = (Array.isArray(marks) ? marks : []).map((mark) => foreignTime(mark)?.getTime() ?? null)
  return [...times, before].reduce<number | null>((best, ms) => (ms === null ? best : Math.max(best ?? ms, ms)), null)
}

const messageRow = (raw: Raw, path: string): Row | null => {
  const id = foreignId(raw.id)
  const created = foreignTime(raw.created)
  if (id === null || created === null) return null
  return {
    database_path: path,
    message_id: id,
    ...projectOf(raw),
    thread_id: foreignText(raw.thread, 128),
    sender: foreignText(raw.sender, 128),
    importance: foreignText(raw.importance, 16),
    ack_required: flagOf(raw.ack),
    created_at: created,
    subject: foreignText(raw.subject, 512),
    body_bytes: foreignCount(raw.bytes),
    body_sha256: typeof raw.body === 'string' ? sha256(raw.body) : null,
    recipients: foreignInteger(raw.recipients),
  }
}

const projectOf = (raw: Raw) => ({
  project_id: foreignText(raw.project, 256) ?? 'unknown',
  project_path: foreignText(raw.path, 1024),
})

const flagOf = (value: unknown): boolean | null => (value === 0 || value === 1 ? value === 1 : null)

/** Zero is how the Rust server may write "not yet". */
const recipientRow = (raw: Raw, path: string): Row | null => {
  const id = foreignId(raw.id)
  const created = foreignTime(raw.created)
  const recipient = foreignText(raw.name, 128)
  if (id === null || created === null || recipient === null) return null
  return {
    database_path: path,
    message_id: id,
    message_created_at: created,
    project_id: foreignText(raw.project, 256),
    recipient,
    kind: foreignText(raw.kind, 8),
    importance: foreignText(raw.importance, 16),
    ack_required: flagOf(raw.ack),
    read_at: foreignTime(raw.read),
    ack_at: foreignTime(raw.acked),
    retired_at: foreignTime(raw.retired),
  }
}

const reservationRow = (raw: Raw, path: string): Row | null => {
  const id = foreignId(raw.id)
  if (id === null) return null
  return {
    database_path: path,
    reservation_id: id,
    ...projectOf(raw),
    path_pattern: foreignText(raw.pattern, 512),
    holder: foreignText(raw.holder, 128),
    exclusive: flagOf(raw.exclusive),
    reason: foreignText(raw.reason, 512),
    created_at: foreignTime(raw.created),
    expires_at: foreignTime(raw.expires),
    gone: false,
  }
}
