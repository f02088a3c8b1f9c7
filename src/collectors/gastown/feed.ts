import type { CollectContext } from '../../core/collector.ts'
import type { RowBatch } from '../../core/rows.ts'
import { parseTownEvents } from './events.ts'
import type { FeedCursor } from './turns.ts'

const MAX_BYTES = 512 * 1024

export interface FeedLook {
  readonly batches: readonly RowBatch[]
  readonly cursor: FeedCursor | null
}

const isCursor = (value: unknown): value is FeedCursor =>
  typeof value === 'object' &&
  value !== null &&
  'inode' in value &&
  typeof value.inode === 'string' &&
  'offset' in value &&
  Number.isSafeInteger(value.offset)

/** New whole lines of a town's `.events.jsonl`. A pruned file is another one: it is read from its start, its lines count once. */
export const eventsOf = async (ctx: CollectContext, town: string, before: unknown): Promise<FeedLook> => {
  const path = `${town === '/' ? '' : town}/.events.jsonl`
  const cursor = isCursor(before) ? before : null
  const range = await readAt(ctx, path, cursor)
  if (range.is === 'missing') return { batches: [], cursor: null }
  if (range.is !== 'bytes') {
    const why = range.is === 'fault' ? (range.detail ?? range.fault) : range.is
    ctx.warn('gastown_events', `${path} could not be read: ${why}`, 'see who may read that file')
    return { batches: [], cursor }
  }
  const { events, mail, consumed, unreadable } = parseTownEvents(range.bytes, town)
  // a line longer than one look can read is passed over, or it would stand in the way for ever
  const stuck = consumed === 0 && range.bytes.length >= MAX_BYTES
  if (unreadable > 0 || stuck)
    ctx.warn(
      'gastown_lines',
      `${stuck ? 1 : unreadable} lines of ${path} could not be read and are left out`,
      'see that file',
    )
  return {
    batches: [
      ...(events.length > 0 ? [{ table: 'gastown_events', rows: events }] : []),
      ...(mail.length > 0 ? [{ table: 'gastown_mail', rows: mail }] : []),
    ],
    cursor: { inode: range.inode, offset: range.offset + (stuck ? range.bytes.length : consumed) },
  }
}

const readAt = async (ctx: CollectContext, path: string, cursor: FeedCursor | null) => {
  if (cursor !== null) {
    const range = await ctx.readRange({ path, offset: cursor.offset, maxBytes: MAX_BYTES, inode: cursor.inode })
    if (range.is !== 'changed' && (range.is !== 'bytes' || range.size >= cursor.offset))
      return { ...range, offset: cursor.offset }
  }
  return { ...(await ctx.readRange({ path, offset: 0, maxBytes: MAX_BYTES })), offset: 0 }
}
