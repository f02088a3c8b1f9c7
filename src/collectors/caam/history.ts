import { sha256 } from '../../core/ids.ts'
import type { Cell, Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { type KnownIdentity, parseInstant, profileAccountKey, providerOf } from '../accounts/index.ts'
import { type Identities, identityOf } from './identities.ts'

/** Last row ids that were read; an id below says that the database was made anew. */
export interface HistoryCursor {
  readonly activity: number
  readonly limits: number
}

export const historyCursorOf = (value: unknown): HistoryCursor => {
  const known = value as Partial<HistoryCursor> | null | undefined
  const id = (one: unknown): number => (Number.isSafeInteger(one) ? (one as number) : 0)
  return { activity: id(known?.activity), limits: id(known?.limits) }
}

const MOST_ROWS = 500

/** Switches and hits after the cursor, without caam's free-text details. */
export const historySql = (after: HistoryCursor): string =>
  `SELECT * FROM (SELECT 'activity' AS kind, id, timestamp AS at, event_type AS word, provider, profile_name, NULL AS until
     FROM activity_log WHERE id > ${after.activity} ORDER BY id LIMIT ${MOST_ROWS})
   UNION ALL SELECT * FROM (SELECT 'limit' AS kind, id, hit_at AS at, 'limit_hit' AS word, provider, profile_name, cooldown_until AS until
     FROM limit_events WHERE id > ${after.limits} ORDER BY id LIMIT ${MOST_ROWS})
   UNION ALL SELECT 'last', 0, NULL, NULL, NULL, (SELECT max(id) FROM activity_log), (SELECT max(id) FROM limit_events)`

const text = (value: unknown, max = 128): string | null =>
  typeof value === 'string' && value !== '' ? displayText(value, max) : null

/** Rows of `account_status_events` and the cursor after them. */
export const parseHistory = (
  rows: readonly Record<string, unknown>[],
  before: HistoryCursor,
  seen: { readonly machineId: string; readonly identities: Identities },
): { readonly events: readonly Row[]; readonly known: readonly KnownIdentity[]; readonly cursor: HistoryCursor } => {
  const last = rows.find((row) => row.kind === 'last')
  const newest = { activity: Number(last?.profile_name ?? 0), limits: Number(last?.until ?? 0) }
  // A database made anew counts from 1 again; the next look reads it from its start.
  const anew = newest.activity < before.activity || newest.limits < before.limits
  if (anew) return { events: [], known: [], cursor: { activity: 0, limits: 0 } }
  const ids = (kind: string): number[] => rows.filter((row) => row.kind === kind).map((row) => Number(row.id))
  return {
    events: rows.flatMap((row) => eventOf(row, seen)),
    known: rows.flatMap((row) => knownOf(row, seen.identities)),
    cursor: {
      activity: Math.max(before.activity, ...ids('activity')),
      limits: Math.max(before.limits, ...ids('limit')),
    },
  }
}

/** A profile of the log may be gone from the vault; its name can still be a mail address. */
const whoOf = (tool: string, profile: string, identities: Identities): KnownIdentity => {
  const { id, email } = identityOf(profile, null, identities[`${tool}/${profile}`])
  return { provider: providerOf(tool), id, email, profile }
}

const knownOf = (row: Record<string, unknown>, identities: Identities): readonly KnownIdentity[] => {
  const [tool, profile] = [text(row.provider, 64), text(row.profile_name)]
  return row.kind === 'last' || tool === null || profile === null ? [] : [whoOf(tool, profile, identities)]
}

const eventOf = (
  row: Record<string, unknown>,
  seen: { readonly machineId: string; readonly identities: Identities },
): readonly Row[] => {
  const [ts, tool, profile, word] = [
    parseInstant(row.at),
    text(row.provider, 64),
    text(row.profile_name),
    text(row.word, 64),
  ]
  if (row.kind === 'last' || ts === null || tool === null || word === null) return []
  const who = profile === null ? null : whoOf(tool, profile, seen.identities)
  const key: Cell = who === null ? null : profileAccountKey(who, seen.machineId)
  return [
    {
      event_key: sha256(`${String(row.kind)}|${String(row.id)}|${ts.toISOString()}|${tool}|${profile ?? ''}`).slice(
        0,
        32,
      ),
      ts,
      provider: providerOf(tool),
      account_key: key,
      profile_name: profile,
      kind: word,
      status_before: null,
      status: row.kind === 'limit' ? 'hit' : word,
      detail: null,
      until_at: parseInstant(row.until),
    },
  ]
}
