import type { Truth } from '../../../bench/corpus/index.ts'
import type { Row } from '../../../src/core/rows.ts'

const COLUMNS = {
  input: 'input_tokens',
  output: 'output_tokens',
  cacheRead: 'cache_read_tokens',
  cacheWrite5m: 'cache_write_5m_tokens',
  cacheWrite1h: 'cache_write_1h_tokens',
  reasoning: 'reasoning_tokens',
} as const

const sum = (rows: readonly Row[]) => ({
  messages: rows.length,
  ...Object.fromEntries(
    Object.entries(COLUMNS).map(([key, column]) => [key, rows.reduce((total, row) => total + Number(row[column]), 0)]),
  ),
})

/** The ledger as the store merges it over several runs: largest usage per key wins. */
export const createLedger = () => {
  const rows = new Map<string, Row>()
  const size = (row: Row): number => Number(row.output_tokens) * 1e10 + Number(row.total_tokens)
  return {
    add(batch: readonly Row[]): void {
      for (const row of batch) {
        const key = `${row.provider}|${row.message_key}`
        const before = rows.get(key)
        if (before === undefined || size(row) > size(before)) rows.set(key, row)
      }
    },
    rows: (): readonly Row[] => [...rows.values()],
    total: () => sum([...rows.values()]),
    bySession: () =>
      Object.fromEntries(
        [...Map.groupBy(rows.values(), (row) => String(row.session_id))].sort().map(([id, group]) => [id, sum(group)]),
      ),
  }
}

export const truthOf = (truth: Truth) => ({ total: truth.total(), bySession: truth.bySession() })
