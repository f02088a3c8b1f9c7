import type { DuckDBValue } from '@duckdb/node-api'
import type { Block } from '../admit.ts'
import { msOf } from '../cells.ts'
import type { StagedBlock } from '../stage.ts'
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
  'provider',
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
type Place = readonly [block: number, row: number]

/** One message of a batch: which row gives its usage, which its attribution. */
interface Slot {
  readonly home: Place
  usage: Place
  owner: Place
  request: DuckDBValue
  shared: boolean
  merged: boolean
}

/**
 * The messages of all blocks once each, ready to stage. A message seen once stays where it stands; one seen several
 * times becomes a row of a block of its own, under the run that brought it first. The blocks given are not changed:
 * a group that fails is tried again run by run.
 */
export const collapseLedger = (blocks: readonly RunBlock[]): readonly StagedBlock[] => {
  const cells = blocks.map(({ block }) => byName(block))
  const slots: Slot[] = []
  const byProvider = new Map<string, Map<string, Slot>>()
  for (const [index, { block }] of blocks.entries()) {
    const mine = cells[index] as Cells
    for (let row = 0; row < block.count; row++) {
      const provider = mine.provider?.[row] as string
      const known = byProvider.get(provider) ?? new Map<string, Slot>()
      if (known.size === 0) byProvider.set(provider, known)
      const key = mine.message_key?.[row] as string
      const slot = known.get(key)
      if (slot) merge(slot, cells, index, row)
      else {
        const fresh = open(mine, [index, row])
        known.set(key, fresh)
        slots.push(fresh)
      }
    }
  }
  return toStaged(blocks, cells, slots)
}

const byName = (block: Block): Cells =>
  Object.fromEntries(block.columns.map((name, at) => [name, block.cells[at] ?? []]))

const open = (cells: Cells, home: Place): Slot => ({
  home,
  usage: home,
  owner: home,
  request: cells.request_id?.[home[1]] ?? null,
  shared: cells.shared?.[home[1]] === true,
  merged: false,
})

const merge = (slot: Slot, cells: readonly Cells[], block: number, row: number): void => {
  const mine = cells[block] as Cells
  const used = cells[slot.usage[0]] as Cells
  const owned = cells[slot.owner[0]] as Cells
  slot.merged = true
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

const toStaged = (blocks: readonly RunBlock[], cells: readonly Cells[], slots: readonly Slot[]): StagedBlock[] => {
  const picks: number[][] = blocks.map(() => [])
  const mergedOf: Slot[][] = blocks.map(() => [])
  for (const slot of slots) {
    if (slot.merged) mergedOf[slot.home[0]]?.push(slot)
    else picks[slot.home[0]]?.push(slot.home[1])
  }
  return blocks.flatMap((one, index) => {
    // Once per row, not once per comparison: sorting makes many.
    const times = Float64Array.from(cells[index]?.ts ?? [], msOf)
    const pick = (picks[index] ?? []).sort((a, b) => (times[a] as number) - (times[b] as number))
    const merged = mergedOf[index] ?? []
    return [
      { ...one, pick },
      { ...one, block: mergedBlock(one.block, cells, merged) },
    ].filter(({ block }) => block.count > 0)
  })
}

const usageColumns: ReadonlySet<string> = new Set(USAGE)
const ownerColumns: ReadonlySet<string> = new Set([...ATTRIBUTION, 'message_key'])

const mergedBlock = (shape: Block, cells: readonly Cells[], slots: readonly Slot[]): Block => {
  const column = (name: string): DuckDBValue[] => {
    if (name === 'request_id') return slots.map((slot) => slot.request)
    if (name === 'shared') return slots.map((slot) => slot.shared)
    if (!usageColumns.has(name) && !ownerColumns.has(name))
      throw new Error(`agent_usage.${name} has no rule for merging`)
    const from = usageColumns.has(name) ? 'usage' : 'owner'
    return slots.map((slot) => cells[slot[from][0]]?.[name]?.[slot[from][1]] ?? null)
  }
  return { ...shape, cells: shape.columns.map(column), count: slots.length }
}
