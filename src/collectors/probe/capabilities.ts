import type { Cell, Row } from '../../core/rows.ts'
import { timeOf } from '../row-cells.ts'
import type { ToolReading } from './reading.ts'

const TTL_MS = 24 * 3_600_000
const REFRESH_MS = 3_600_000

/** What decides whether a version must be asked again. */
const sameFingerprint = (row: Row, tool: ToolReading | undefined): boolean =>
  row.available === (tool !== undefined) &&
  (row.path ?? null) === (tool?.path ?? null) &&
  sameNumber(row.mtime_epoch_s, tool?.mtimeS) &&
  sameNumber(row.size_bytes, tool?.sizeBytes)

const sameNumber = (cell: Cell | undefined, value: bigint | null | undefined): boolean =>
  String(cell ?? '') === String(value ?? '')

/**
 * Rows of `machine_tool_capabilities` that are news: new, changed or vanished tools, and unchanged ones last written an hour
 * ago. A version lives as long as its fingerprint; the version lane (tool_versions) fills it.
 */
export const capabilityRows = (
  found: ReadonlyMap<string, ToolReading>,
  asked: readonly string[],
  known: readonly Row[],
  at: Date,
): readonly Row[] => {
  const before = new Map(known.map((row) => [String(row.tool_name), row]))
  return asked.flatMap((name) => {
    const [tool, old] = [found.get(name), before.get(name)]
    const same = old !== undefined && sameFingerprint(old, tool)
    const checkedMs = timeOf(old?.checked_at)
    if (same && checkedMs !== null && at.getTime() - checkedMs < REFRESH_MS) return []
    return [{ ...presence(name, tool, at), ...(same ? {} : NO_VERSION) }]
  })
}

// Left out of an unchanged tool's row: columns a row does not name stay as the version lane wrote them.
const NO_VERSION: Row = { version: null, version_error: null, version_checked_at: null }

const presence = (name: string, tool: ToolReading | undefined, at: Date): Row => ({
  tool_name: name,
  available: tool !== undefined,
  path: tool?.path ?? null,
  mtime_epoch_s: tool?.mtimeS ?? null,
  size_bytes: tool?.sizeBytes ?? null,
  checked_at: at,
  expires_at: new Date(at.getTime() + TTL_MS),
})
