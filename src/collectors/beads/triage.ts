import type { Row } from '../../core/rows.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { idOf, momentOf } from './issue.ts'
import { parseJson } from './parse.ts'

type Fields = Readonly<Record<string, unknown>>

const MAX_LISTED = 25
const MAX_REASONS = 8

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.slice(0, MAX_LISTED).map(fieldsOf) : []
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647 ? value : null
const share = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null
const words = (value: unknown, max = 200): string | null =>
  typeof value === 'string' && value !== '' ? displayText(value, max) : null
const reasonsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.flatMap((reason) => words(reason) ?? []).slice(0, MAX_REASONS) : []

export interface TriageText {
  readonly version: string | null
  /** Null: the output is no triage. */
  readonly columns: Row | null
}

/** First line the version, then `bv --robot-triage`. What is no triage gives no columns; it is never a row of zeros. */
export function parseTriage(stdout: Uint8Array): TriageText {
  const text = decodeUtf8(stdout)
  const line = text.indexOf('\n')
  const version = /^bv v?(\d[\w.+-]{0,40})/.exec(text)?.[1] ?? null
  const root = fieldsOf(parseJson(version === null ? text : text.slice(line + 1)))
  const triage = fieldsOf(root.triage)
  if (triage.quick_ref === undefined || triage.meta === undefined) return { version, columns: null }
  return { version, columns: columnsOf(root, triage, version) }
}

function columnsOf(root: Fields, triage: Fields, version: string | null): Row {
  const quick = fieldsOf(triage.quick_ref)
  const notClosed = count(quick.not_closed_count)
  return {
    tool_version: version,
    data_hash: words(root.data_hash, 80),
    generated_at: momentOf(root.generated_at),
    // Older bv called "not closed" open and "not actionable" blocked.
    counts_mean: notClosed === null ? 'open_is_not_closed' : 'strict',
    open_count: count(quick.open_count),
    actionable_count: count(quick.actionable_count),
    blocked_count: count(quick.blocked_count),
    in_progress_count: count(quick.in_progress_count),
    not_closed_count: notClosed,
    quick_ref_json: JSON.stringify(
      listOf(quick.top_picks).flatMap((pick) => {
        const id = idOf(pick.id)
        return id === null
          ? []
          : [{ id, score: share(pick.score), unblocks: count(pick.unblocks), reasons: reasonsOf(pick.reasons) }]
      }),
    ),
    recommendations_json: JSON.stringify(
      listOf(triage.recommendations).flatMap((entry) => {
        const id = idOf(entry.id)
        return id === null
          ? []
          : [{ id, score: share(entry.score), action: words(entry.action), reasons: reasonsOf(entry.reasons) }]
      }),
    ),
    blockers_json: JSON.stringify(
      listOf(triage.blockers_to_clear).flatMap((entry) => {
        const id = idOf(entry.id)
        return id === null ? [] : [{ id, unblocks: count(entry.unblocks_count), actionable: entry.actionable === true }]
      }),
    ),
  }
}
