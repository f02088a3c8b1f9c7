import type { CursorChange } from '../../core/rows.ts'
import type { Companions } from './companion.ts'
import type { RepoOf } from './repo-of.ts'
import type { FileCursor, ScanOutcome } from './source.ts'

/** Everything one tick found out, before it is merged. */
export interface TickOutcome {
  readonly scans: readonly ScanOutcome[]
  /** Cursors as they stood before this tick. */
  readonly cursors: ReadonlyMap<string, FileCursor>
  readonly vanished: readonly string[]
  readonly moved: ReadonlyMap<string, string>
  readonly companions: Companions
  readonly refused: Readonly<Record<string, number>>
  /** Homes of vc.toml that are not there. */
  readonly missing: readonly string[]
  readonly extraCursors: readonly CursorChange[]
  readonly repoOf: RepoOf
}
