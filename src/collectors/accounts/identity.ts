import type { Row, RowBatch } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { type AccountObservation, accountKey } from './observation.ts'

const PROVIDERS: Readonly<Record<string, string>> = { claude: 'anthropic', codex: 'openai', gemini: 'google' }

/** A CLI's name as the account tools use it, to the provider as the ledger names it. */
export const providerOf = (tool: string): string => PROVIDERS[tool.toLowerCase()] ?? displayText(tool.toLowerCase(), 64)

/** What one source knows of who an account is. */
export interface KnownIdentity {
  readonly provider: string
  readonly id: string | null
  readonly email: string | null
  /** Name of a profile of an account tool on this machine. */
  readonly profile?: string | null
}

const MAIL = /^[^@\s]{1,128}@[^@\s]{1,120}\.[^@\s.]{1,60}$/

export const mailOf = (text: string | null): string | null => (text !== null && MAIL.test(text) ? text : null)

const profileKey = (profile: string, machineId: string): string => `profile:${profile}@${machineId}`

/** Key of a profile's account: its id, else its mail address, else the profile itself, which joins nothing else. */
export const profileAccountKey = (known: KnownIdentity, machineId: string): string => {
  if (known.id === null && known.email === null && known.profile) return profileKey(known.profile, machineId)
  return accountKey(known.provider, { id: known.id, email: known.email }, { machineId })
}

const keysOf = (known: KnownIdentity, machineId: string): readonly string[] => [
  ...(known.id === null ? [] : [known.id]),
  ...(known.email === null ? [] : [accountKey(known.provider, { email: known.email }, { machineId })]),
  ...(known.profile ? [profileKey(known.profile, machineId)] : []),
]

/** Rows of `accounts` and `account_aliases`: the strongest key is the account, the others are its aliases. */
export const identityBatches = (
  all: readonly KnownIdentity[],
  said: { readonly by: string; readonly machineId: string; readonly at: Date },
): readonly RowBatch[] => {
  const accounts = new Map<string, Row>()
  const aliases = new Map<string, Row>()
  for (const known of all) {
    const [key, ...others] = keysOf(known, said.machineId)
    if (key === undefined) continue
    const { provider } = known
    const label = known.email === null ? {} : { account_label: known.email }
    accounts.set(`${provider}\u0001${key}`, { provider, account_key: key, ...label, last_seen_at: said.at })
    for (const alias of others)
      aliases.set(`${provider}\u0001${alias}\u0001${key}`, {
        provider,
        alias,
        account_key: key,
        said_by: said.by,
        last_seen_at: said.at,
      })
  }
  // Apart, because a row without a label must not erase the one that is known.
  const [labelled, bare] = [true, false].map((has) =>
    [...accounts.values()].filter((row) => 'account_label' in row === has),
  )
  return [
    { table: 'accounts', rows: labelled ?? [] },
    { table: 'accounts', rows: bare ?? [] },
    { table: 'account_aliases', rows: [...aliases.values()] },
  ].filter((batch) => batch.rows.length > 0)
}

/** Who the accounts of observations are, as far as these say it. */
export const identitiesOf = (observations: readonly AccountObservation[]): readonly KnownIdentity[] =>
  observations.flatMap((seen) => {
    if (seen.account_key.startsWith('unknown@')) return []
    const email = mailOf(seen.account_label)
    const byMail = email !== null && accountKey(seen.provider, { email }, { machineId: '' }) === seen.account_key
    return [{ provider: seen.provider, id: byMail ? null : seen.account_key, email }]
  })
