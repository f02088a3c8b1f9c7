import type { Row } from '../../core/rows.ts'
import { textCell, timeOf } from '../row-cells.ts'

/** How a tool is asked; see script.ts. */
type AskedBy = 'flag' | 'word' | 'dash-v' | 'package'

export interface DueTool {
  readonly name: string
  readonly path: string
  readonly by: AskedBy
}

const TTL_MS = 24 * 3_600_000
const MAX_PER_RUN = 8

// sysmoni has no version flag and starts sampling; cloud_benchmarker is no command
const NEVER = new Set(['sysmoni', 'cloud_benchmarker'])
// their own `--version` costs seconds, writes files, or both
const BY_PACKAGE = new Set(['gemini', 'opencode'])
const BY_WORD = new Set('go ntm gt bd br bv am cass caut caam ru'.split(' '))

const askedBy = (name: string): AskedBy => {
  if (BY_PACKAGE.has(name)) return 'package'
  if (name === 'tmux') return 'dash-v'
  return BY_WORD.has(name) ? 'word' : 'flag'
}

/** Tools that are there and whose version was not asked since they changed, or not for a day; never asked first. */
export const dueTools = (capabilities: readonly Row[], at: Date): readonly DueTool[] =>
  capabilities
    .filter((row) => row.available === true && !NEVER.has(String(row.tool_name)))
    .map((row) => ({ row, checkedMs: timeOf(row.version_checked_at) }))
    .filter(({ checkedMs }) => checkedMs === null || at.getTime() - checkedMs >= TTL_MS)
    .sort((a, b) => (a.checkedMs ?? 0) - (b.checkedMs ?? 0))
    .flatMap(({ row }) => {
      const [name, path] = [textCell(row.tool_name), textCell(row.path)]
      return name !== null && path?.startsWith('/') === true ? [{ name, path, by: askedBy(name) }] : []
    })
    .slice(0, MAX_PER_RUN)
