import type { DeedMakers } from '../../core/action.ts'
import type { WorktreePorts } from './book.ts'
import { createMaker } from './create.ts'
import { mergeMaker } from './merge.ts'
import { checkMaker, removeMaker } from './remove.ts'

/** What can be done to worktrees. */
export const worktreeMakers = (ports: WorktreePorts): DeedMakers => ({
  'worktree.create': createMaker(ports),
  'worktree.check': checkMaker(ports),
  'worktree.remove': removeMaker(ports),
  'merge.run': mergeMaker(ports),
})
