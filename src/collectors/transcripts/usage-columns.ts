import type { PackedColumn, PackedRows } from '../../core/packed-rows.ts'
import type { Cell } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { clean, placeColumns } from './ledger.ts'
import { type FactColumns, NUMBERS } from './pack.ts'
import type { RepoOf } from './repo-of.ts'

const TOKENS = [
  ['input_tokens', 'inputTokens'],
  ['output_tokens', 'outputTokens'],
  ['cache_read_tokens', 'cacheReadTokens'],
  ['cache_write_5m_tokens', 'cacheWrite5mTokens'],
  ['cache_write_1h_tokens', 'cacheWrite1hTokens'],
  ['reasoning_tokens', 'reasoningTokens'],
  ['cost_microusd', 'costMicrousd'],
] as const
/** Columns that `total_tokens` sums up; reasoning is already inside output. */
const SUMMED = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens'] as const

/** Rows of `agent_usage` in columns; the same as `usageRow` of each fact. */
export const usageColumns = (cli: string, facts: FactColumns, repoOf: RepoOf): PackedRows => {
  const numbers = (name: (typeof NUMBERS)[number]): Float64Array => facts.numbers[NUMBERS.indexOf(name)] as Float64Array
  const [provider, model, source, place] = facts.indices as [Int32Array, Int32Array, Int32Array, Int32Array]
  const words = (index: Int32Array, all: readonly Cell[]): PackedColumn => ({ is: 'words', words: all, index })
  const places = facts.places.map(placeColumns)
  return {
    count: facts.count,
    columns: {
      provider: words(provider, facts.providers.map(cleanWord)),
      message_key: { is: 'texts', lines: facts.keys },
      ts: { is: 'times', values: numbers('tsMs') },
      request_id: { is: 'texts', lines: facts.requestIds },
      cli: { is: 'same', value: cli },
      session_id: words(
        place,
        places.map((one) => one.session_id),
      ),
      parent_session_id: words(
        place,
        places.map((one) => one.parent_session_id),
      ),
      is_sidechain: words(
        place,
        places.map((one) => one.is_sidechain),
      ),
      shared: words(facts.shared, [false, true]),
      model: words(model, facts.models.map(cleanWord)),
      ...Object.fromEntries(
        TOKENS.map(([column, name]) => [column, { is: 'numbers', values: numbers(name) } satisfies PackedColumn]),
      ),
      total_tokens: { is: 'numbers', values: totals(SUMMED.map(numbers), facts.count) },
      price_source: words(source, facts.sources),
      account_key: accounts(facts, place, numbers('tsMs')),
      cwd: words(
        place,
        places.map((one) => one.cwd),
      ),
      project: words(
        place,
        places.map((one) => one.project),
      ),
      repo: words(
        place,
        facts.places.map((one) => repoOf(one.cwd)),
      ),
    },
  }
}

const cleanWord = (word: string): string => clean(word)

const totals = (columns: readonly Float64Array[], count: number): Float64Array => {
  const sums = new Float64Array(count)
  for (const column of columns)
    for (let row = 0; row < count; row += 1) sums[row] = (sums[row] as number) + (column[row] as number)
  return sums
}

// Who was logged in before vc first looked is not known, so older messages carry no account.
const accounts = ({ places }: FactColumns, place: Int32Array, times: Float64Array): PackedColumn => {
  if (places.every(({ account }) => account === null)) return { is: 'same', value: null }
  const since = places.map(({ account }) => account?.sinceMs ?? Number.POSITIVE_INFINITY)
  const index = place.map((at, row) => ((times[row] as number) >= (since[at] as number) ? at : -1))
  const words = places.map(({ account }) => (account === null ? null : displayText(account.key)))
  return { is: 'words', words, index }
}
