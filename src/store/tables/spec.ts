/**
 * What SQL cannot say about a table. `migrations/*.sql` are the truth for DDL; tests compare both.
 *
 * - `sample`: appended each run, deduplicated by `key` within the batch's time range; `latest` is replaced per machine.
 * - `state`: `latest` holds the newest picture; rows that changed or vanished (`gone`) are appended to the table itself.
 * - `current`: upserted by primary key; changed rows are appended to `twin` with `event_at`.
 * - `event`: appended once per `key`.
 * - `ledger`: merged by `key`, the row with the largest usage wins.
 * - `own`: written by the store itself.
 */
export type TableMode = 'sample' | 'state' | 'current' | 'event' | 'ledger' | 'own'

export interface TableSpec {
  readonly name: string
  readonly mode: TableMode
  /** Natural key; for `state` within machine and source. */
  readonly key: readonly string[]
  readonly time: string
  readonly latest?: string
  readonly twin?: string
  /** Columns whose change alone is not history. */
  readonly quiet?: readonly string[]
  /** Days at full resolution; null: for ever. */
  readonly retentionDays: number | null
  /** Columns holding foreign text, redacted before they are written. */
  readonly text?: readonly string[]
  readonly rollups?: readonly string[]
}
