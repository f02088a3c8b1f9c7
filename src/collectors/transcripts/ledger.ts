import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import type { Priced, Pricer } from '../prices/index.ts'
import type { RepoOf } from './repo-of.ts'
import type { AccountFact, Place, UsageFact } from './source.ts'

/** A fact with all its fields in one order: objects of several shapes make everything that reads them slower. */
export const usageFact = (fact: UsageFact): UsageFact => ({
  provider: fact.provider,
  key: fact.key,
  tsMs: fact.tsMs,
  requestId: fact.requestId,
  model: fact.model,
  inputTokens: fact.inputTokens,
  outputTokens: fact.outputTokens,
  cacheReadTokens: fact.cacheReadTokens,
  cacheWrite5mTokens: fact.cacheWrite5mTokens,
  cacheWrite1hTokens: fact.cacheWrite1hTokens,
  reasoningTokens: fact.reasoningTokens,
  place: fact.place,
  shared: fact.shared === true,
  costMicrousd: fact.costMicrousd ?? null,
  priceSource: fact.priceSource ?? null,
})

/** Tokens of a fact counted once each: reasoning is already inside output. */
export const totalTokens = (fact: UsageFact): number =>
  fact.inputTokens + fact.outputTokens + fact.cacheReadTokens + fact.cacheWrite5mTokens + fact.cacheWrite1hTokens

/** More than any answer holds, by far. Sums of larger numbers would soon be none that a BIGINT or a number can say. */
export const MOST_TOKENS = 1e9

/** True when `a` is the fuller report of the same message: more output, then more in total. */
export const isLarger = (a: UsageFact, b: UsageFact): boolean =>
  a.outputTokens !== b.outputTokens ? a.outputTokens > b.outputTokens : totalTokens(a) > totalTokens(b)

const TIES = ['inputTokens', 'cacheReadTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'reasoningTokens'] as const

// Reports of one size happen, too: their numbers decide, then their words, so that the order of reading never does.
const isFuller = (a: UsageFact, b: UsageFact): boolean => {
  if (isLarger(a, b)) return true
  if (isLarger(b, a)) return false
  for (const name of TIES) if (a[name] !== b[name]) return a[name] > b[name]
  return wordsOf(a) > wordsOf(b)
}

const wordsOf = ({ model, requestId }: UsageFact): string => `${model ?? ''}\n${requestId ?? ''}`

// Equal times happen (a copied file): the place decides, for the same reason.
const isEarlier = (a: UsageFact, b: UsageFact): boolean => {
  if (a.tsMs !== b.tsMs) return a.tsMs < b.tsMs
  return a.place !== b.place && whereOf(a.place) < whereOf(b.place)
}

const whereOf = ({ sessionId, cwd, isSidechain }: Place): string => `${sessionId}\n${cwd ?? ''}\n${isSidechain}`

/** Numbers of the largest report, place and time of the earliest one. Commutative and associative. */
export const mergeFacts = (a: UsageFact, b: UsageFact): UsageFact => {
  const full = isFuller(a, b) ? a : b
  const first = isEarlier(b, a) ? b : a
  const shared = a.shared === true || b.shared === true || a.place.sessionId !== b.place.sessionId
  const other = full === a ? b : a
  const requestId = full.requestId ?? other.requestId
  const model = full.model ?? other.model
  if (full === first && shared === (full.shared === true) && requestId === full.requestId && model === full.model)
    return full
  return usageFact({ ...full, requestId, model, tsMs: first.tsMs, place: first.place, shared })
}

/**
 * Identity of a message within one source. The store adds the provider; here the id alone decides, because a fork that
 * goes on with another provider copies its parent's responses.
 */
export const ledgerKey = (fact: { readonly key: string }): string => fact.key

/**
 * A limit copied by a fork or a re-stamped file has a new time and an old percentage: only observations beside the
 * earliest report of their response are kept.
 */
export const genuineAccounts = (
  accounts: readonly AccountFact[],
  momentOf: (responseKey: string) => number | undefined,
): readonly AccountFact[] =>
  accounts.filter(({ responseKey, responseMs }) => {
    const moment = responseKey === null ? undefined : momentOf(responseKey)
    return moment === undefined || moment >= responseMs
  })

/** What one message costs by our prices. */
export const priceOf = (fact: UsageFact, pricer: Pick<Pricer, 'priceUsage'>): Priced =>
  pricer.priceUsage({
    provider: fact.provider,
    model: fact.model,
    ts: new Date(fact.tsMs),
    input_tokens: fact.inputTokens,
    output_tokens: fact.outputTokens,
    cache_read_tokens: fact.cacheReadTokens,
    cache_write_5m_tokens: fact.cacheWrite5mTokens,
    cache_write_1h_tokens: fact.cacheWrite1hTokens,
  })

type Priceable = { -readonly [Key in keyof UsageFact]: UsageFact[Key] }

const priceFact = (fact: Priceable, pricer: Pick<Pricer, 'priceUsage'>): void => {
  const { microusd, source } = priceOf(fact, pricer)
  fact.costMicrousd = microusd
  fact.priceSource = source
}

/** Each message priced by itself: tiers and validity depend on its own size and moment. The facts given are completed. */
export const priceFacts = (facts: Iterable<UsageFact>, pricer: Pick<Pricer, 'priceUsage'>): UsageFact[] => {
  const priced = [...facts]
  // Not a loop: see `packFacts`.
  priced.forEach((fact) => {
    priceFact(fact, pricer)
  })
  return priced
}

/** Last part of the working directory: what people call the project. */
export const projectOf = (cwd: string | null): string | null => {
  if (cwd === null) return null
  const parts = cwd.split(/[/\\]/).filter((part) => part !== '')
  return parts.at(-1) ?? null
}

// Nearly every id is plain ASCII: no need to look for control characters one by one.
const PLAIN = /^[ -~]{0,256}$/
export const clean = (text: string, max = 256): string =>
  max >= 256 && PLAIN.test(text) ? text : displayText(text, max)
const shown = (text: string | null, max = 256): string | null => (text === null ? null : clean(text, max))

// Who was logged in before vc first looked is not known, so older messages carry no account.
const accountAt = (fact: UsageFact): string | null => {
  const account = fact.place.account
  return account !== null && fact.tsMs >= account.sinceMs ? displayText(account.key) : null
}

interface PlaceColumns {
  readonly session_id: string
  readonly parent_session_id: string | null
  readonly is_sidechain: boolean
  readonly cwd: string | null
  readonly project: string | null
}

// Thousands of messages share one place: its columns are made once.
const knownPlaces = new WeakMap<Place, PlaceColumns>()

/** What the place of a message says in its row. */
export const placeColumns = (place: Place): PlaceColumns => {
  const known = knownPlaces.get(place)
  if (known !== undefined) return known
  const columns = {
    session_id: clean(place.sessionId),
    parent_session_id: shown(place.parentSessionId),
    is_sidechain: place.isSidechain,
    cwd: shown(place.cwd, 4096),
    project: shown(projectOf(place.cwd)),
  }
  knownPlaces.set(place, columns)
  return columns
}

/** A row of `agent_usage`. */
export const usageRow = (cli: string, fact: UsageFact, repoOf: RepoOf): Row => {
  const place = placeColumns(fact.place)
  return {
    provider: clean(fact.provider),
    message_key: clean(fact.key),
    ts: new Date(fact.tsMs),
    request_id: shown(fact.requestId),
    cli,
    session_id: place.session_id,
    parent_session_id: place.parent_session_id,
    is_sidechain: place.is_sidechain,
    shared: fact.shared === true,
    model: shown(fact.model),
    input_tokens: fact.inputTokens,
    output_tokens: fact.outputTokens,
    cache_read_tokens: fact.cacheReadTokens,
    cache_write_5m_tokens: fact.cacheWrite5mTokens,
    cache_write_1h_tokens: fact.cacheWrite1hTokens,
    reasoning_tokens: fact.reasoningTokens,
    total_tokens: totalTokens(fact),
    cost_microusd: fact.costMicrousd ?? null,
    price_source: fact.priceSource ?? null,
    account_key: accountAt(fact),
    cwd: place.cwd,
    project: place.project,
    repo: repoOf(fact.place.cwd),
  }
}
