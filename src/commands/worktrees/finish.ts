import { usageError } from '../../core/errors.ts'
import type { Store, WorktreeRow } from '../../store/index.ts'
import { keepWorktree, worktreeNamed } from './book.ts'

/**
 * Its work is done: it may be merged. Nothing is touched but vc's own memory; whether it is committed, merging will look itself.
 * Throws a usage error for one that vc does not know or that is over already.
 */
export const finishWorktree = async (
  store: Pick<Store, 'db' | 'write'>,
  given: Readonly<Record<string, unknown>>,
  at: Date,
): Promise<WorktreeRow> => {
  const row = await worktreeNamed({ store }, given.worktree, given.machine)
  if (row.status === 'merged')
    throw usageError('already_merged', `${row.branch} is merged into ${row.base_branch} already`, 'vc worktree remove')
  return keepWorktree(
    { store, now: () => at },
    { ...row, status: 'finished', detail: null, finished_at: at.toISOString() },
  )
}
