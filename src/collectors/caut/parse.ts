import { mailOf } from '../accounts/identity.ts'
import {
  type AccountObservation,
  accountKey,
  type KnownIdentity,
  type ObservedSource,
  observation,
  parseInstant,
  providerOf,
} from '../accounts/index.ts'
import { type JsonObject, numberOf, objectOf, objectsOf, parseExact, stringOf, unknownFields } from '../foreign-json.ts'

export const CAUT_SCHEMA = 'caut.v1'

/** How one provider stands by caut's word; what changes here becomes an event. */
export interface CautStanding {
  readonly provider: string
  readonly accountKey: string | null
  /** Outage page of the provider: `none`, `minor`, `major`, `critical`, `maintenance`; null: not asked or not known. */
  readonly outage: string | null
  readonly outageWords: string | null
  readonly authWarning: string | null
  readonly error: string | null
}

export interface CautUsage {
  readonly schema: string
  readonly observations: readonly AccountObservation[]
  readonly identities: readonly KnownIdentity[]
  readonly standings: readonly CautStanding[]
  readonly unknown: number
}

const KNOWN = new Set(
  'provider account version source usage credits status authWarning primary secondary tertiary updatedAt identity'.split(
    ' ',
  ),
)

// Slots are named by their length; one without a length is not 5 h because it stands first.
const windowName = (minutes: number | null, slot: string): string => {
  const scoped = slot === 'tertiary' ? ':model' : ''
  if (minutes === null) return `unknown${scoped}`
  if (minutes >= 250 && minutes <= 350) return `5h${scoped}`
  if (minutes >= 9_000 && minutes <= 11_000) return `7d${scoped}`
  return `${Math.round(minutes)}m${scoped}`
}

const SLOTS = ['primary', 'secondary', 'tertiary'] as const

interface Entry {
  readonly provider: string
  readonly limitId: string
  readonly source: ObservedSource
  readonly email: string | null
  readonly observedAt: Date
  readonly usage: JsonObject
}

const entryOf = (row: JsonObject): Entry | null => {
  const tool = stringOf(row.provider, 64)
  const usage = objectOf(row.usage)
  const observedAt = parseInstant(usage?.updatedAt)
  if (tool === null || usage === null || observedAt === null) return null
  const email = mailOf(stringOf(row.account) ?? stringOf(objectOf(usage.identity)?.accountEmail))
  return {
    provider: providerOf(tool),
    limitId: tool,
    source: row.source === 'oauth' ? 'caut.oauth' : 'caut.other',
    email,
    observedAt,
    usage,
  }
}

/** An empty window means unknown, never 0 %: it says nothing and leaves the last good value alone. */
const observationsOf = (entry: Entry, machineId: string): readonly AccountObservation[] =>
  SLOTS.flatMap((slot) => {
    const window = objectOf(entry.usage[slot])
    const usedPct = numberOf(window?.usedPercent)
    if (window === null || usedPct === null) return []
    const ctx = { machineId }
    const one = {
      provider: entry.provider,
      account_key: accountKey(entry.provider, { email: entry.email }, ctx),
      account_label: entry.email,
      limit_id: entry.limitId,
      window_name: windowName(numberOf(window.windowMinutes), slot),
      used_pct: usedPct,
      resets_at: parseInstant(window.resetsAt),
      observed_at: entry.observedAt,
      observed_source: entry.source,
      status: 'ok',
    }
    return [observation(one, ctx)]
  })

const OUTAGES = new Set(['none', 'minor', 'major', 'critical', 'maintenance'])

const standingOf = (row: JsonObject, entry: Entry): CautStanding => {
  const page = objectOf(row.status)
  const indicator = stringOf(page?.indicator, 32)
  return {
    provider: entry.provider,
    accountKey: entry.email === null ? null : accountKey(entry.provider, { email: entry.email }, { machineId: '' }),
    // `unknown` is a page that did not answer, not an outage.
    outage: indicator !== null && OUTAGES.has(indicator) ? indicator : null,
    outageWords: stringOf(page?.description, 160),
    authWarning: stringOf(row.authWarning, 160),
    error: null,
  }
}

const failures = (errors: unknown): readonly CautStanding[] =>
  (Array.isArray(errors) ? errors : []).flatMap((text: unknown) => {
    const words = stringOf(text, 200)
    const [, tool, error] = /^([a-z0-9_-]{1,32}): (.*)$/i.exec(words ?? '') ?? []
    if (tool === undefined || error === undefined) return []
    return [{ provider: providerOf(tool), accountKey: null, outage: null, outageWords: null, authWarning: null, error }]
  })

/** The envelope of `caut usage --json` and `caut query usage`; null when the text is none. */
export const parseCautUsage = (text: string, machineId: string): CautUsage | null => {
  const envelope = objectOf(parseExact(text))
  const schema = stringOf(envelope?.schemaVersion, 32)
  if (envelope === null || schema === null || !schema.startsWith('caut.') || !Array.isArray(envelope.data)) return null
  const rows = objectsOf(envelope.data)
  const read = rows.map((row) => ({ row, entry: entryOf(row) })).filter((one) => one.entry !== null)
  const entries = read.map(({ row, entry }) => ({ row, entry: entry as Entry }))
  return {
    schema,
    observations: entries.flatMap(({ entry }) => observationsOf(entry, machineId)),
    identities: entries
      .filter(({ entry }) => entry.email !== null)
      .map(({ entry }) => ({ provider: entry.provider, id: null, email: entry.email })),
    standings: [...entries.map(({ row, entry }) => standingOf(row, entry)), ...failures(envelope.errors)],
    unknown: unknownFields([...rows, ...entries.map(({ entry }) => entry.usage)], KNOWN),
  }
}
