import { mailOf } from '../accounts/identity.ts'
import type { JsonObject } from '../foreign-json.ts'
import { stringOf } from '../foreign-json.ts'

export interface ProfileIdentity {
  readonly id: string | null
  readonly email: string | null
  readonly plan: string | null
}

/** By `<tool>/<profile>`: caam tells the id of an account only while it is active, so that it is remembered. */
export type Identities = Readonly<Record<string, ProfileIdentity>>

export const identitiesFrom = (value: unknown): Identities =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Identities) : {}

/** What is known of a profile now: a mail address may be its name; what is not said again stays. */
export const identityOf = (
  name: string,
  said: JsonObject | null,
  before: ProfileIdentity | undefined,
): ProfileIdentity => {
  const email = mailOf(stringOf(said?.email)) ?? mailOf(name)
  const id = stringOf(said?.account_id, 128)
  // Another mail address under the same name is another account: its old id is not this one's.
  const same = before !== undefined && (email === null || before.email === null || before.email === email)
  return {
    id: id ?? (same ? before.id : null),
    email: email ?? (same ? before.email : null),
    plan: stringOf(said?.plan_type, 64) ?? (same ? before.plan : null),
  }
}
