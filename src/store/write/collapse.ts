import type { DuckDBValue } from '@duckdb/node-api'
import type { Block } from '../admit.ts'
import { keyText, msOf } from '../cells.ts'
import type { RunBlock } from './wave.ts'

/** What the row with the largest usage decides. */
export const USAGE = [
  'model',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'reasoning_tokens',
  'total_tokens',
  'cost_microusd',
  'price_source',
] as const

/** What the earliest record decides: whose message it is and when it was. */
export const ATTRIBUTION = [
  'collected_at',
  'machine_id',
  'source',
  'source_version',
  'schema_version',
  'ts',
  'cli',
  'session_id',
  'parent_session_id',
  'is_sidechain',
  'account_key',
  'cwd',
  'project',
  'repo',
] as const

type Cells = Readonly<Record<string, readonly DuckDBValue[]>>

/** One message of a batch: which row gives its usage, which its attribution. */
interface Slot {
  readonly run: number
  readonly block: number
  usage: readonly [number, number]
  owner: readonly [number, number]
  request: DuckDBValue
  shared: boolean
}

/** The messages of all blocks once each, as a block with the same columns; `runs` says whose row came first. */
export const collapseLedger = (
  blocks: readonly RunBlock[],
): { readonly block: Block; readonly runs: readonly number[] } | null => {
  const first = blocks[0]?.block
  if (!first) return null
  const cells = blocks.map(({ block }) => byName(block))
  const slots = new Map<string, Slot>()
  for (const [index, { run, block }] of blocks.entries()) {
    const mine = cells[index] as Cells
    for (let row = 0; row < block.count; row++) {
      const key = keyText([mine.provider?.[row], mine.message_key?.[row]])
      const slot = slots.get(key)
      if (slot) merge(slot, cells, index, row)
      else slots.set(key, open(run, mine, index, row))
    }
  }
  return { block: toBlock(first, cells, [...slots.values()]), runs: [...slots.values()].map((slot) => slot.run) }
}

const byName = (block: Block): Cells =>
  Object.fromEntries(block.columns.map((name, at) => [name, block.cells[at] ?? []]))

const open = (run: number, cells: Cells, block: number, row: number): Slot => ({
  run,
  block,
  usage: [block, row],
  owner: [block, row],
  request: cells.request_id?.[row] ?? null,
  shared: cells.shared?.[row] === true,
})

const merge = (slot: Slot, cells: readonly Cells[], block: number, row: number): void => {
  const mine = cells[block] as Cells
  const used = cells[slot.usage[0]] as Cells
  const owned = cells[slot.owner[0]] as Cells
  slot.shared ||= mine.shared?.[row] === true || mine.session_id?.[row] !== owned.session_id?.[slot.owner[1]]
  slot.request ??= mine.request_id?.[row] ?? null
  if (larger(mine, row, used, slot.usage[1])) slot.usage = [block, row]
  if (msOf(mine.ts?.[row]) < msOf(owned.ts?.[slot.owner[1]])) slot.owner = [block, row]
}

/** Larger output wins, then larger total, then a priced row over an unpriced one. */
const larger = (a: Cells, rowA: number, b: Cells, rowB: number): boolean => {
  for (const name of ['output_tokens', 'total_tokens'] as const) {
    const [mine, theirs] = [a[name]?.[rowA] as bigint, b[name]?.[rowB] as bigint]
    if (mine !== theirs) return mine > theirs
  }
  return a.cost_microusd?.[rowA] !== null && b.cost_microusd?.[rowB] === null
}

const usageColumns: ReadonlySet<string> = new Set(USAGE)
const ownerColumns: ReadonlySet<string> = new Set(ATTRIBUTION)

const toBlock = (shape: Block, cells: readonly Cells[], slots: readonly Slot[]): Block => {
  const column = (name: string): DuckDBValue[] => {
    if (name === 'request_id') return slots.map((slot) => slot.request)
    if (name === 'shared') return slots.map((slot) => slot.shared)
    if (!usageColumns.has(name) && !ownerColumns.has(name) && name !== 'provider' && name !== 'message_key') {
      throw new Error(`agent_usage.${name} has no rule for merging`)
    }
    const from = usageColumns.has(name) ? 'usage' : 'owner'
    return slots.map((slot) => cells[slot[from][0]]?.[name]?.[slot[from][1]] ?? null)
  }
  return { ...shape, cells: shape.columns.map(column), count: slots.length }
}
