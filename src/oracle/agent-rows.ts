import type { AgentCli } from '../core/agent.ts'
import { AGENT_CLIS } from '../core/agent.ts'
import type { Row } from '../core/rows.ts'

/** Typed looks at stored rows; a wrong type counts as absent. */
export const textOf = (row: Row, column: string): string | null => {
  const cell = row[column]
  return typeof cell === 'string' && cell !== '' ? cell : null
}

export const numberOf = (row: Row, column: string): number | null => {
  const cell = row[column]
  if (typeof cell === 'bigint') return Number(cell)
  return typeof cell === 'number' && Number.isFinite(cell) ? cell : null
}

export const dateOf = (row: Row, column: string): Date | null => {
  const cell = row[column]
  return cell instanceof Date ? cell : null
}

export const cliOfRow = (row: Row): AgentCli => AGENT_CLIS.find((cli) => cli === row.cli) ?? 'other'

/** `/dev/pts/3` and `pts/3` are the same terminal. */
export const terminalOf = (tty: string | null): string | null => tty?.replace(/^\/dev\//, '') ?? null

/** `<socket>:<server start>:<pane id>`, as in aliases and sightings. */
export const paneKeyOf = (pane: Row): string =>
  `${textOf(pane, 'socket') ?? ''}:${numberOf(pane, 'server_start_epoch_s') ?? ''}:${textOf(pane, 'pane_id') ?? ''}`

/** The store fills these; rows read back and written again must not carry them. */
const ENVELOPE = new Set(['collected_at', 'source', 'source_version', 'schema_version', 'event_at'])

export const withoutEnvelope = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !ENVELOPE.has(column)))

const plain = (cell: unknown): string =>
  cell instanceof Date ? cell.toISOString() : typeof cell === 'bigint' ? String(cell) : JSON.stringify(cell ?? null)

/** True when every column of `next` already stands so in `known`. */
export const sameRow = (known: Row, next: Row): boolean =>
  Object.entries(next).every(([column, cell]) => plain(known[column]) === plain(cell))
