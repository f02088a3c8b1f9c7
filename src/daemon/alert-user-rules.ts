import type { RuleConfig } from '../config/schema.ts'
import type { AskRequest, Reply } from '../core/carrier.ts'
import { messageOf } from '../core/errors.ts'
import type { AskedRule } from '../oracle/alert-judge.ts'
import type { Rule } from '../oracle/rule.ts'
import { ownRuleFailing } from '../oracle/rules/own-rule-failing.ts'
import { rowsOf } from '../oracle/user-rows.ts'
import { type UserPicture, type UserRow, userRule } from '../oracle/user-rule.ts'
import { queries } from '../queries/index.ts'

type Ask = (request: AskRequest) => Promise<Reply>

export interface UserRules {
  /** Asks each rule's query when its turn came; between turns the last rows stand. */
  asked(rules: readonly RuleConfig[], ask: Ask, nowMs: number): Promise<readonly AskedRule[]>
}

/** A question rests twenty times as long as it took, so that no rule makes looking dear. */
const REST_TIMES = 20
const REST_LEAST_MS = 1_000
const REST_MOST_MS = 60_000
/** What `change(…)` compares with. */
const CHANGE_MS = 10 * 60_000

interface Kept {
  readonly rule: Rule<UserPicture>
  readonly of: string
  askedAtMs: number
  restMs: number
  asking: boolean
  rows: readonly UserRow[] | null
  /** Why the last question failed; null: it did not. */
  trouble: string | null
  /** Rows of the last minutes, one set a minute. */
  past: { readonly atMs: number; readonly rows: readonly UserRow[] }[]
}

const remember = (kept: Kept, nowMs: number): void => {
  if (kept.rows === null) return
  if (nowMs - (kept.past.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= 60_000)
    kept.past.push({ atMs: nowMs, rows: kept.rows })
  kept.past = kept.past.filter((one) => one.atMs <= nowMs && nowMs - one.atMs <= CHANGE_MS + 90_000)
}

const earlierOf = (kept: Kept, nowMs: number): readonly UserRow[] | null =>
  kept.past.findLast((one) => nowMs - one.atMs >= CHANGE_MS)?.rows ?? null

// Of a refused SQL the first line: the rest repeats it with a mark under the place.
const troubleOf = (error: unknown): string => messageOf(error).split('\n')[0] ?? ''

export const openUserRules = (
  log: (id: string, why: string) => void,
  sqlRows: (sql: string) => Promise<readonly UserRow[]>,
): UserRules => {
  const known = new Map<string, Kept>()
  const keptFor = (spec: RuleConfig): Kept => {
    const of = JSON.stringify(spec)
    const before = known.get(spec.id)
    if (before?.of === of) return before
    const kept: Kept = {
      rule: userRule(spec),
      of,
      askedAtMs: Number.NEGATIVE_INFINITY,
      restMs: REST_LEAST_MS,
      asking: false,
      rows: null,
      trouble: null,
      past: [],
    }
    known.set(spec.id, kept)
    return kept
  }
  const rowsFor = async (spec: RuleConfig, ask: Ask): Promise<readonly UserRow[]> => {
    if (spec.sql !== null) return sqlRows(spec.sql)
    const topic = spec.query ?? ''
    const params = { ...queries.find(({ name }) => name === topic)?.whole, ...spec.params }
    return rowsOf((await ask({ topic, params })).data, spec.rows)
  }
  const lookAgain = async (kept: Kept, spec: RuleConfig, ask: Ask, nowMs: number): Promise<void> => {
    kept.asking = true
    const from = performance.now()
    try {
      kept.rows = await rowsFor(spec, ask)
      kept.trouble = null
    } catch (error) {
      // A question that fails is no finding: what stands stays, and the log says why once a turn.
      kept.rows = null
      kept.trouble = troubleOf(error)
      log(spec.id, messageOf(error))
    }
    kept.asking = false
    kept.restMs = Math.min(REST_MOST_MS, Math.max(REST_LEAST_MS, (performance.now() - from) * REST_TIMES))
    remember(kept, nowMs)
  }
  const askFor = async (spec: RuleConfig, ask: Ask, nowMs: number): Promise<AskedRule> => {
    const kept = keptFor(spec)
    const age = nowMs - kept.askedAtMs
    if ((age >= kept.restMs || age < 0) && !kept.asking) {
      kept.askedAtMs = nowMs
      const looked = lookAgain(kept, spec, ask, nowMs)
      // A child takes half a second: nobody waits for it, the next look judges what it brought.
      if (spec.sql === null) await looked
    }
    return { rule: kept.rule, picture: { rows: kept.rows, earlier: earlierOf(kept, nowMs) } }
  }
  const failing = (specs: readonly RuleConfig[]): AskedRule => ({
    rule: ownRuleFailing,
    picture: {
      rows: specs
        .map(({ id }) => ({ rule: id, why: known.get(id)?.trouble ?? null }))
        .filter(({ why }) => why !== null),
      earlier: null,
    },
  })
  return {
    async asked(rules, ask, nowMs) {
      const specs = rules.filter((spec) => spec.enabled)
      const asked = await Promise.all(specs.map((spec) => askFor(spec, ask, nowMs)))
      return specs.length === 0 ? asked : [...asked, failing(specs)]
    },
  }
}
