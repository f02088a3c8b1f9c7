import type { Row } from '../../core/rows.ts'
import { type KnownIdentity, parseInstant, profileAccountKey, providerOf } from '../accounts/index.ts'
import { flagOf, type JsonObject, numberOf, objectOf, objectsOf, parseExact, stringOf } from '../foreign-json.ts'
import { type Identities, identityOf, type ProfileIdentity } from './identities.ts'

export interface ProfileList {
  readonly version: string | null
  readonly rows: readonly Row[]
  readonly identities: Identities
  readonly known: readonly KnownIdentity[]
}

const HEALTH: Readonly<Record<string, number>> = { healthy: 1, warning: 0.5, critical: 0 }

/** Data of `caam robot status`; a string says why there is none. */
export const parseRobotStatus = (text: string): JsonObject | string => {
  const envelope = objectOf(parseExact(text))
  if (envelope === null || typeof envelope.success !== 'boolean') return 'caam robot status printed something else'
  const error = objectOf(envelope.error)
  if (!envelope.success)
    return `${stringOf(error?.code, 64) ?? 'error'}: ${stringOf(error?.message, 160) ?? 'no words'}`
  const data = objectOf(envelope.data)
  return data !== null && Array.isArray(data.providers) ? data : 'caam robot status lists no providers'
}

/** `caam ls --json` by `<tool>/<profile>`; null when it was not asked or is not readable. */
export const parseList = (text: string | undefined): ReadonlyMap<string, JsonObject> | null => {
  const list = text === undefined ? null : objectOf(parseExact(text))
  if (list === null || !Array.isArray(list.profiles)) return null
  return new Map(
    objectsOf(list.profiles).flatMap((one) => {
      const [tool, name] = [stringOf(one.tool, 64), stringOf(one.name, 128)]
      return tool === null || name === null ? [] : [[`${tool}/${name}`, one] as const]
    }),
  )
}

interface Seen {
  readonly machineId: string
  readonly startedAt: Date
  readonly before: Identities
  readonly list: ReadonlyMap<string, JsonObject> | null
  /** Token expiry as stored, where this look did not ask the list that tells it. */
  readonly expiries: ReadonlyMap<string, Date>
}

/** One row per profile, and who each is as far as caam ever said. */
export const profileRows = (data: JsonObject, seen: Seen): ProfileList => {
  const rows: Row[] = []
  const identities: Record<string, ProfileIdentity> = {}
  const known: KnownIdentity[] = []
  for (const provider of objectsOf(data.providers)) {
    const tool = stringOf(provider.id, 64)
    if (tool === null) continue
    for (const profile of objectsOf(provider.profiles)) {
      const name = stringOf(profile.name, 128)
      if (name === null) continue
      const place = `${tool}/${name}`
      const listed = seen.list?.get(place)
      const identity = identityOf(name, objectOf(listed?.identity) ?? objectOf(profile.identity), seen.before[place])
      identities[place] = identity
      const who = { provider: providerOf(tool), id: identity.id, email: identity.email, profile: name }
      if (profile.system !== true) known.push(who)
      rows.push(rowOf(tool, name, { profile, provider, listed, identity, who }, seen))
    }
  }
  return { version: stringOf(data.version, 64), rows, identities, known }
}

interface One {
  readonly profile: JsonObject
  readonly provider: JsonObject
  readonly listed: JsonObject | undefined
  readonly identity: ProfileIdentity
  readonly who: KnownIdentity
}

const rowOf = (tool: string, name: string, one: One, seen: Seen): Row => {
  const health = objectOf(one.profile.health)
  const status = stringOf(health?.status, 32)
  const cooldown = objectOf(one.profile.cooldown)
  const expires = parseInstant(objectOf(one.listed?.health)?.expires_at ?? health?.expires_at)
  const errors = numberOf(health?.error_count_1h ?? health?.error_count)
  return {
    provider: one.who.provider,
    tool,
    profile_name: name,
    account_key: profileAccountKey(one.who, seen.machineId),
    account_label: one.identity.email,
    active: flagOf(one.profile.active),
    system: flagOf(one.profile.system),
    logged_in: flagOf(one.provider.logged_in),
    health_status: status,
    health_score: status === null ? null : (HEALTH[status] ?? null),
    health_expires_at: expires ?? (seen.list === null ? (seen.expiries.get(`${tool}/${name}`) ?? null) : null),
    error_count: errors !== null && Number.isInteger(errors) && errors >= 0 && errors < 2 ** 31 ? errors : null,
    cooldown_until: cooldown?.active === true ? parseInstant(cooldown.until) : null,
    plan: one.identity.plan,
  }
}
