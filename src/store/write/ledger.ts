import type { Block } from '../admit.ts'
import { cellsOfPacked } from '../admit-packed.ts'
import type { Table } from '../catalog.ts'
import { msOf } from '../cells.ts'
import { names, time } from '../sql.ts'
import { type StagedBlock, stageBlocks } from '../stage.ts'
import { stagePacked } from '../stage-packed.ts'
import { ATTRIBUTION, collapseLedger, USAGE } from './collapse.ts'
import { mayBeStored } from './first-fill.ts'
import { linkedSessions } from './linked-sessions.ts'
import type { RunBlock, Wave } from './wave.ts'
import { columnOf, countPerRun } from './wave.ts'

const DAY_MS = 86_400_000
/** Copies of a message carry times up to this far apart; beyond it only the session itself and fork chains are searched. */
const DEDUP_MS = 2 * DAY_MS

/**
 * `ledger`: one row per message id of a provider or CLI, for ever. The largest usage wins; the earliest record says whose it
 * is (on a tie, the one already stored); seen in two sessions means `shared`. Leaves the touched times in
 * `ledger_touched` for the rollups.
 */
export const writeLedger = async (wave: Wave, table: Table, blocks: readonly RunBlock[]): Promise<boolean> => {
  const staged = await stageLedger(wave, table, blocks)
  if (staged.length === 0) return false
  await findStored(wave, blocks)
  await updateStored(wave)
  await insertNew(wave, table, staged)
  return true
}

/** Fills the stage, each message once. Packed blocks go in as they are, unless two of them tell of one message. */
const stageLedger = async (wave: Wave, table: Table, blocks: readonly RunBlock[]): Promise<readonly StagedBlock[]> => {
  const packed = blocks.filter(({ block }) => block.packed !== undefined)
  const collapsed = collapseLedger(blocks.filter(({ block }) => block.packed === undefined))
  let seq = await stageBlocks(wave.connection, table, collapsed)
  for (const one of packed) {
    await stagePacked(wave.connection, table, one, seq)
    seq += one.block.count
  }
  if (packed.length === 0 || !(await hasRepeats(wave))) return [...collapsed, ...packed]
  const opened = collapseLedger(blocks.map((one) => ({ ...one, block: openBlock(table, one.block) })))
  await stageBlocks(wave.connection, table, opened)
  return opened
}

const openBlock = (table: Table, block: Block): Block => {
  const { packed, ...rest } = block
  return packed === undefined ? block : { ...rest, cells: cellsOfPacked(table, packed) }
}

const hasRepeats = async (wave: Wave): Promise<boolean> => {
  const sql = 'SELECT 1 FROM stage_agent_usage GROUP BY provider, message_key HAVING count(*) > 1 LIMIT 1'
  return (await wave.connection.runAndReadAll(sql)).getRows().length > 0
}

const BETTER = `(s.output_tokens > t.output_tokens OR (s.output_tokens = t.output_tokens AND (s.total_tokens > t.total_tokens
  OR (s.total_tokens = t.total_tokens AND t.cost_microusd IS NULL AND s.cost_microusd IS NOT NULL))))`
const SAME_OWNER = '(s.session_id = t.session_id AND s.machine_id = t.machine_id)'
const CHANGED = `(${BETTER} OR s.ts < t.ts OR ((s.shared OR s.session_id <> t.session_id) AND NOT t.shared)
  OR (t.request_id IS NULL AND s.request_id IS NOT NULL)
  OR (t.account_key IS NULL AND s.account_key IS NOT NULL AND ${SAME_OWNER}))`

/**
 * Fills `ledger_hits`: which staged message is already stored, in which row, and whether it changes that row. A fork that
 * goes on with another provider names that one for its parent's responses, too: within a CLI the id alone decides.
 */
const findStored = async (wave: Wave, blocks: readonly RunBlock[]): Promise<void> => {
  await wave.connection.run(`CREATE OR REPLACE TEMP TABLE ledger_hits
    (_seq INTEGER, rid BIGINT, old_ts TIMESTAMP, changed BOOLEAN)`)
  const hit = (stage: string, stored: string): string =>
    `INSERT INTO ledger_hits SELECT s._seq, t.rowid, t.ts, ${CHANGED}
     FROM (SELECT * FROM stage_agent_usage WHERE ${stage}) AS s
     JOIN (SELECT rowid, * FROM agent_usage WHERE ${stored}) AS t
       ON s.message_key = t.message_key AND (s.provider = t.provider OR s.cli = t.cli)
     QUALIFY row_number() OVER (PARTITION BY s._seq ORDER BY s.provider <> t.provider, t.ts, t.rowid) = 1`
  if (!(await mayBeStored(wave, blocks))) return
  for (const [low, high] of timeSegments(blocks.map(({ block }) => block))) {
    const window = `ts BETWEEN ${time(low - DEDUP_MS)} AND ${time(high + DEDUP_MS)}`
    await wave.connection.run(hit(`ts BETWEEN ${time(low)} AND ${time(high)}`, window))
  }
  if (await linkedSessions(wave.connection, DEDUP_MS)) {
    const open = '_seq NOT IN (SELECT _seq FROM ledger_hits)'
    await wave.connection.run(hit(open, 'session_id IN (SELECT session_id FROM ledger_linked)'))
  }
}

const momentsOf = (block: Block): readonly number[] => {
  const packed = block.packed?.columns.ts
  return packed?.is === 'times' ? Array.from(packed.values) : (columnOf(block, 'ts') ?? []).map(msOf)
}

/** Days of the batch, joined where their windows would overlap: a backfill reads each stored day once. */
export const timeSegments = (blocks: readonly Block[]): readonly (readonly [number, number])[] => {
  const days = new Map<number, [number, number]>()
  for (const ms of blocks.flatMap(momentsOf)) {
    const span = days.get(Math.floor(ms / DAY_MS))
    if (!span) days.set(Math.floor(ms / DAY_MS), [ms, ms])
    else if (ms < span[0]) span[0] = ms
    else if (ms > span[1]) span[1] = ms
  }
  const segments: [number, number][] = []
  for (const [low, high] of [...days.values()].sort((a, b) => a[0] - b[0])) {
    const last = segments.at(-1)
    if (last && low - last[1] <= 2 * DEDUP_MS) last[1] = high
    else segments.push([low, high])
  }
  return segments
}

const updateStored = async (wave: Wave): Promise<void> => {
  const found = await wave.connection.runAndReadAll(
    'SELECT count(*), epoch_ms(min(old_ts)), epoch_ms(max(old_ts)) FROM ledger_hits WHERE changed',
  )
  const [count, low, high] = found.getRows()[0] ?? []
  if (Number(count ?? 0) === 0) return
  const usage = USAGE.map((name) => `"${name}" = CASE WHEN ${BETTER} THEN s."${name}" ELSE t."${name}" END`)
  const owner = ATTRIBUTION.filter((name) => name !== 'account_key').map(
    (name) => `"${name}" = CASE WHEN s.ts < t.ts THEN s."${name}" ELSE t."${name}" END`,
  )
  await wave.connection.run(
    `UPDATE agent_usage AS t SET ${[...usage, ...owner].join(', ')},
       account_key = CASE WHEN s.ts < t.ts THEN s.account_key WHEN ${SAME_OWNER} THEN coalesce(t.account_key, s.account_key) ELSE t.account_key END,
       request_id = coalesce(t.request_id, s.request_id),
       shared = t.shared OR s.shared OR s.session_id <> t.session_id
     FROM (SELECT u.*, h.rid FROM stage_agent_usage AS u JOIN ledger_hits AS h ON u._seq = h._seq WHERE h.changed) AS s
     WHERE t.rowid = s.rid AND t.ts BETWEEN ${time(Number(low))} AND ${time(Number(high) + 1)}`,
  )
}

const insertNew = async (wave: Wave, table: Table, staged: readonly StagedBlock[]): Promise<void> => {
  await wave.connection.run(
    `CREATE OR REPLACE TEMP TABLE ledger_touched AS
     SELECT DISTINCT time_bucket(INTERVAL '1 hour', at_ts) AS bucket_at FROM (
       SELECT s.ts AS at_ts FROM stage_agent_usage AS s LEFT JOIN ledger_hits AS h ON s._seq = h._seq WHERE h.changed IS NOT FALSE
       UNION ALL SELECT old_ts FROM ledger_hits WHERE changed)`,
  )
  const columns = table.columns.map((column) => column.name)
  const fresh = 'ANTI JOIN ledger_hits AS h ON s._seq = h._seq'
  const added = await wave.connection.run(
    `INSERT INTO agent_usage (${names(columns)}) SELECT ${names(columns, 's')} FROM stage_agent_usage AS s ${fresh}`,
  )
  await countPerRun(wave, table.name, added.rowsChanged, staged, fresh)
}
