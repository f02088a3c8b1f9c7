import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { type At, picture } from './history.ts'
import { remembered } from './remembered.ts'
import {
  AccountAliasRow,
  AccountLimitsRow,
  AccountProfileRow,
  AccountRow,
  AccountStatusEventRow,
} from './rows/accounts.ts'
import { unlessEmpty } from './unless-empty.ts'

/** Every account that a tool named, by provider and key. */
export const accounts = (db: Db, question: At = {}): Promise<AccountRow[]> =>
  picture(db, 'accounts', AccountRow, { at: question.at, orderBy: 'provider, account_key' })

export const accountAliases = (db: Db, question: At = {}): Promise<AccountAliasRow[]> =>
  picture(db, 'account_aliases', AccountAliasRow, { at: question.at, orderBy: 'provider, alias, account_key' })

export const accountProfiles = (db: Db, question: At = {}): Promise<AccountProfileRow[]> =>
  picture(db, 'account_profile_snapshots', AccountProfileRow, {
    at: question.at,
    orderBy: 'machine_id, provider, profile_name',
  })

/** The newest answer per profile and window; window `none` is an answer without one, usually an error. */
export const accountLimits = (db: Db, question: At = {}): Promise<AccountLimitsRow[]> =>
  picture(db, 'account_limits_snapshots', AccountLimitsRow, {
    at: question.at,
    orderBy: 'machine_id, provider, profile_name, window_name',
  })

/** Changes of the profiles up to a time, oldest first: which was active when. */
export const accountProfileHistory = (db: Db, question: { readonly until: Date }): Promise<AccountProfileRow[]> =>
  unlessEmpty(db, ['account_profile_snapshots'], () =>
    remembered<AccountProfileRow>(
      db,
      ['account_profile_snapshots'],
      `SELECT ${names(Object.keys(AccountProfileRow.shape))} FROM account_profile_snapshots
     WHERE collected_at <= ${time(question.until)} ORDER BY collected_at, machine_id, provider, profile_name`,
    ),
  )

/** What happened to accounts in [since, until], newest first; `kinds` absent: everything. */
export const accountStatusEvents = (
  db: Db,
  question: {
    readonly since: Date
    readonly until: Date
    readonly kinds?: readonly string[]
    readonly limit?: number
  },
): Promise<AccountStatusEventRow[]> =>
  unlessEmpty(db, ['account_status_events'], () =>
    remembered<AccountStatusEventRow>(
      db,
      ['account_status_events'],
      `SELECT ${names(Object.keys(AccountStatusEventRow.shape))} FROM ${spanned(db, 'account_status_events', 'ts', question)}
     WHERE ts >= ${time(question.since)} AND ts <= ${time(question.until)}
       AND ($kinds IS NULL OR list_contains(string_split($kinds, ','), kind))
     ORDER BY ts DESC, machine_id, event_key LIMIT ${Math.trunc(question.limit ?? 5000)}`,
      { kinds: question.kinds?.join(',') ?? null },
    ),
  )
