import { type AccountIdentities, type AliasFact, accountIdentities } from '../oracle/account-identity.ts'
import { type LoginMark, loginAt, loginMarks, SWITCHES } from '../oracle/account-login.ts'
import { type AccountStanding, accountStanding, type ProfileNow } from '../oracle/account-standing.ts'
import { type WindowSeen, windowStandings } from '../oracle/account-window.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { leftMachines, readAccounts, untilOf, when } from './fleet-rows.ts'

// A login stands until the next switch, however long ago it was made.
const SWITCHES_MS = 365 * 86_400_000

const mailKeys = (accounts: readonly read.AccountRow[], usage: readonly read.AccountUsageRow[]): AliasFact[] => {
  // A label is the mail address of its key, so that two keys with one label are aliases by way of the mail's own key.
  const byLabel = new Map<string, string>()
  for (const row of accounts)
    if (row.account_label !== null && /^[0-9a-f]{32}$/.test(row.account_key))
      byLabel.set(`${row.provider}\u0001${row.account_label.toLowerCase()}`, row.account_key)
  return [...accounts, ...usage].flatMap((row) => {
    const alias = byLabel.get(`${row.provider}\u0001${row.account_label?.toLowerCase() ?? ''}`)
    return alias === undefined ? [] : [{ provider: row.provider, alias, account_key: row.account_key }]
  })
}

const seenOf = (row: read.AccountUsageRow, identities: AccountIdentities, marks: readonly LoginMark[]): WindowSeen => {
  const { account_key: key, ...rest } = row
  // A clock that is ahead dates a number after the look that read it: it would stay the newest, and new, until that time came.
  const observed_at = row.observed_at > row.collected_at ? row.collected_at : row.observed_at
  // What an account tool switches is the usual login of a machine, not that of another home there.
  const mark =
    key === `unknown@${row.machine_id}`
      ? loginAt(marks, row.machine_id, row.provider, Date.parse(row.observed_at))
      : null
  return {
    ...rest,
    observed_at,
    account: identities.canonical(row.provider, mark?.account_key ?? key),
    attributed_by: mark === null ? null : `caam's active profile ${mark.profile_name ?? ''}`.trim(),
  }
}

const profileNow = (row: read.AccountProfileRow, errors: ReadonlyMap<string, string>): ProfileNow => ({
  machine_id: row.machine_id,
  tool: row.tool,
  profile_name: row.profile_name,
  active: row.active === true,
  health: row.health_status,
  cooldownUntil: row.cooldown_until,
  error: errors.get([row.machine_id, row.provider, row.profile_name].join('\u0001')) ?? null,
})

/** The newest answer of each profile decides whether it can be used, not one that failed before it. */
const errorsOf = (limits: readonly read.AccountLimitsRow[]): ReadonlyMap<string, string> => {
  const newest = new Map<string, read.AccountLimitsRow>()
  for (const row of limits) {
    const key = [row.machine_id, row.provider, row.profile_name].join('\u0001')
    if ((newest.get(key)?.observed_at ?? '') < row.observed_at) newest.set(key, row)
  }
  return new Map([...newest].flatMap(([key, row]) => (row.error === null ? [] : [[key, row.error] as const])))
}

interface Facts {
  readonly usage: readonly read.AccountUsageRow[]
  readonly accounts: readonly read.AccountRow[]
  readonly aliases: readonly read.AccountAliasRow[]
  readonly profiles: readonly read.AccountProfileRow[]
  readonly limits: readonly read.AccountLimitsRow[]
  readonly marks: readonly LoginMark[]
  /** Nobody switches an account where nobody looks. */
  readonly left: ReadonlySet<string>
}

const readFacts = async (ctx: QueryContext, at: Date | null): Promise<Facts> => {
  const until = untilOf(ctx, at)
  const [usage, accounts, aliases, profiles, limits, history, events, left] = await Promise.all([
    readAccounts(ctx, at),
    read.accounts(ctx.db, when(at)),
    read.accountAliases(ctx.db, when(at)),
    read.accountProfiles(ctx.db, when(at)),
    read.accountLimits(ctx.db, when(at)),
    read.accountProfileHistory(ctx.db, { until }),
    read.accountStatusEvents(ctx.db, { since: new Date(until.getTime() - SWITCHES_MS), until, kinds: [...SWITCHES] }),
    leftMachines(ctx, at),
  ])
  return { usage, accounts, aliases, profiles, limits, marks: loginMarks(history, events), left }
}

/** Who is who among accounts, and how each stands. */
export interface AccountsKnown {
  readonly identities: AccountIdentities
  /** The newest words on every window, as stored. */
  readonly usage: readonly read.AccountUsageRow[]
  readonly standings: readonly AccountStanding[]
  /** An observation under the key its account is shown under. */
  readonly seen: (row: read.AccountUsageRow) => WindowSeen
  /** Whether anything is still heard of an account: the others were seen only where nobody looks any more, and are history. */
  readonly isHeardOf: (account: { readonly provider: string; readonly account: string }) => boolean
}

/** Every account of the fleet as all sources together know it. `at` null: now. */
export const readStandings = async (ctx: QueryContext, at: Date | null): Promise<readonly AccountStanding[]> => {
  const { standings, isHeardOf } = await readAccountsKnown(ctx, at)
  return standings.filter(isHeardOf)
}

export const readAccountsKnown = async (ctx: QueryContext, at: Date | null): Promise<AccountsKnown> => {
  const facts = await readFacts(ctx, at)
  const identities = accountIdentities([...facts.aliases, ...mailKeys(facts.accounts, facts.usage)])
  return {
    identities,
    usage: facts.usage,
    standings: standingsOf(facts, identities, (at ?? ctx.now).getTime()),
    seen: (row) => seenOf(row, identities, facts.marks),
    isHeardOf: heardOf(facts, identities),
  }
}

const heardOf = (facts: Facts, identities: AccountIdentities): AccountsKnown['isHeardOf'] => {
  const nameOf = (provider: string, account: string): string => `${provider}\u0001${account}`
  const told = [
    ...facts.usage.map((row) => ({ ...seenOf(row, identities, facts.marks), machine: row.machine_id })),
    ...facts.profiles.map((row) => ({
      provider: row.provider,
      account: identities.canonical(row.provider, row.account_key),
      machine: row.machine_id,
    })),
  ]
  const ever = new Set(told.map((one) => nameOf(one.provider, one.account)))
  const still = new Set(told.flatMap((one) => (facts.left.has(one.machine) ? [] : [nameOf(one.provider, one.account)])))
  return ({ provider, account }) => still.has(nameOf(provider, account)) || !ever.has(nameOf(provider, account))
}

const standingsOf = (facts: Facts, identities: AccountIdentities, atMs: number): readonly AccountStanding[] => {
  const windows = windowStandings(
    facts.usage.map((row) => seenOf(row, identities, facts.marks)),
    atMs,
  )
  const errors = errorsOf(facts.limits)
  const profiles = facts.profiles.filter((row) => row.system !== true)
  const place = (provider: string, key: string): string => `${provider}\u0001${identities.canonical(provider, key)}`
  const names = [
    ...windows.map((window) => `${window.provider}\u0001${window.account}`),
    ...[...facts.accounts, ...profiles].map((row) => place(row.provider, row.account_key)),
  ]
  return [...new Set(names)].map((name) => {
    const [provider = '', account = ''] = name.split('\u0001')
    const mine = profiles.filter((row) => place(row.provider, row.account_key) === name)
    const own = windows.filter((window) => window.provider === provider && window.account === account)
    const named = [
      ...own.flatMap((window) => window.seen),
      ...mine,
      ...facts.accounts.filter((row) => place(row.provider, row.account_key) === name),
    ]
    return accountStanding(
      {
        provider,
        account,
        label: named.find((row) => row.account_label !== null)?.account_label ?? null,
        keys: identities.keysOf(provider, account),
        plan: mine.find((row) => row.plan !== null)?.plan ?? null,
        profiles: mine.filter((row) => !facts.left.has(row.machine_id)).map((row) => profileNow(row, errors)),
        windows: own,
      },
      atMs,
    )
  })
}

/** What people call the account of a key of the ledger; null where nobody says. */
export const readAccountLabels = async (
  ctx: QueryContext,
  at: Date | null,
): Promise<(key: string | null) => string | null> => {
  const { standings } = await readAccountsKnown(ctx, at)
  const labels = new Map(standings.flatMap(({ keys, label }) => keys.map((key) => [key, label])))
  return (key) => (key === null ? null : (labels.get(key) ?? null))
}
