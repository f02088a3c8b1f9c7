import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import type { CautStanding } from './parse.ts'

/** By provider, then by kind: what was said last. */
export type Said = Readonly<Record<string, Readonly<Record<string, string | null>>>>

export const saidOf = (value: unknown): Said =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Said) : {}

const KINDS = [
  ['outage', (now: CautStanding) => now.outage, (now: CautStanding) => now.outageWords],
  ['auth_warning', (now: CautStanding) => (now.authWarning === null ? 'none' : 'warned'), (now: CautStanding) => now.authWarning],
  ['fetch_error', (now: CautStanding) => (now.error === null ? 'none' : 'failed'), (now: CautStanding) => now.error],
] as const // biome-ignore format: a table

// Before anything was said all is well: only trouble is news then.
const WELL = 'none'

/** Rows of `account_status_events` for what changed since the last look, and what to remember. */
export const statusEvents = (
  before: Said,
  standings: readonly CautStanding[],
  at: Date,
): { readonly rows: readonly Row[]; readonly said: Said } => {
  const said: Record<string, Record<string, string | null>> = structuredClone(before) as Record<
    string,
    Record<string, string | null>
  >
  const rows: Row[] = []
  for (const now of standings) {
    const mine = said[now.provider] ?? {}
    for (const [kind, statusOf, detailOf] of KINDS) {
      const status = statusOf(now)
      const was = mine[kind] ?? WELL
      if (status === null || status === was) continue
      rows.push({
        event_key: sha256(`${now.provider}|${kind}|${status}|${at.toISOString()}`).slice(0, 32),
        ts: at,
        provider: now.provider,
        account_key: now.accountKey,
        profile_name: null,
        kind,
        status_before: was,
        status,
        detail: detailOf(now),
        until_at: null,
      })
      mine[kind] = status
    }
    said[now.provider] = mine
  }
  return { rows, said }
}
