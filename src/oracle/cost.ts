import { median } from 'simple-statistics'

/** How much of what one model was given in one project came from its cache. */
export interface CacheUse {
  readonly provider: string
  readonly model: string
  readonly project: string | null
  readonly messages: number
  readonly freshTokens: number
  readonly cachedTokens: number
  /** What a cached token costs less, per million; null: not priced. */
  readonly savedMicrousdPerMtok: number | null
}

export interface Saving {
  readonly provider: string
  readonly model: string
  readonly project: string | null
  readonly cachedPct: number
  /** Median of the other projects with that model. */
  readonly usualPct: number
  readonly couldSaveMicrousd: number
  readonly evidence: string
}

const MIN_MESSAGES = 20
const MIN_OTHERS = 2
const MIN_GAP_PCT = 15
/** Less than this is not worth anybody's time. */
const MIN_SAVING_MICROUSD = 100_000

const cachedPct = ({ freshTokens, cachedTokens }: CacheUse): number =>
  (100 * cachedTokens) / Math.max(1, freshTokens + cachedTokens)

/**
 * Projects whose prompts miss the cache much more often than the same model does elsewhere, and what the usual share would
 * have saved. A model seen in fewer than three projects has no usual share: nothing is said.
 */
export const cacheSavings = (uses: readonly CacheUse[]): readonly Saving[] => {
  const enough = uses.filter((one) => one.messages >= MIN_MESSAGES)
  return enough
    .flatMap((one) => {
      const others = enough.filter(
        (other) => other !== one && other.provider === one.provider && other.model === one.model,
      )
      if (others.length < MIN_OTHERS || one.savedMicrousdPerMtok === null) return []
      const [own, usual] = [cachedPct(one), median(others.map(cachedPct))]
      const more = ((usual - own) / 100) * (one.freshTokens + one.cachedTokens)
      const couldSaveMicrousd = Math.round((more * one.savedMicrousdPerMtok) / 1e6)
      if (usual - own < MIN_GAP_PCT || couldSaveMicrousd < MIN_SAVING_MICROUSD) return []
      return [
        {
          provider: one.provider,
          model: one.model,
          project: one.project,
          cachedPct: own,
          usualPct: usual,
          couldSaveMicrousd,
          evidence: `${Math.round(own)} % of input came from the cache over ${one.messages} messages; ${others.length} other projects: ${Math.round(usual)} %`,
        },
      ]
    })
    .sort((a, b) => b.couldSaveMicrousd - a.couldSaveMicrousd)
}

/** What became of a saving that was found in the span before this one. */
export interface CheckedSaving {
  readonly provider: string
  readonly model: string
  readonly project: string | null
  /** `taken`: the cache is met about as often as elsewhere; `open`: it is not; `not_used`: too little was asked to tell. */
  readonly outcome: 'taken' | 'open' | 'not_used'
  readonly promisedMicrousd: number
  /** What the better share of this span saved against the old one; null: not used. */
  readonly savedMicrousd: number | null
  readonly evidence: string
}

/** Looks again at what was found in the span before: measured on this span's own prompts, not assumed. */
export const checkedSavings = (before: readonly CacheUse[], now: readonly CacheUse[]): readonly CheckedSaving[] =>
  cacheSavings(before).map((found) => {
    const { provider, model, project } = found
    const use = now.find(
      (one) =>
        one.provider === provider && one.model === model && one.project === project && one.messages >= MIN_MESSAGES,
    )
    const known = { provider, model, project, promisedMicrousd: found.couldSaveMicrousd }
    const then = `${Math.round(found.cachedPct)} % from the cache in the span before`
    if (use === undefined)
      return {
        ...known,
        outcome: 'not_used',
        savedMicrousd: null,
        evidence: `${then}; under ${MIN_MESSAGES} messages since`,
      }
    const share = cachedPct(use)
    const more = ((share - found.cachedPct) / 100) * (use.freshTokens + use.cachedTokens)
    return {
      ...known,
      outcome: found.usualPct - share < MIN_GAP_PCT ? 'taken' : 'open',
      savedMicrousd: Math.max(0, Math.round((more * (use.savedMicrousdPerMtok ?? 0)) / 1e6)),
      evidence: `${then}, ${Math.round(share)} % over ${use.messages} messages since`,
    }
  })
