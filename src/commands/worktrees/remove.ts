import type { ActWish, Deed, DeedResult, Refusal } from '../../core/action.ts'
import { displayText } from '../../core/text.ts'
import { removalTroubles, type WorktreeLook } from '../../engine/worktrees/proofs.ts'
import { lookAtWorktree, removeWorktree } from '../../engine/worktrees/worktrees.ts'
import type { WorktreeRow } from '../../store/index.ts'
import { keepWorktree, lookLines, ownersOf, type WorktreePorts, worktreeNamed } from './book.ts'

interface Judged {
  readonly look: WorktreeLook
  readonly troubles: readonly string[]
}

const judge = async (ports: WorktreePorts, row: WorktreeRow): Promise<Judged | Refusal> => {
  const look = await lookAtWorktree(await ports.executor(row.machine_id), row.path, row.base_branch)
  if ('fix' in look) return look
  return { look, troubles: removalTroubles(look, await ownersOf(ports, row, look.path)) }
}

const unproven = (row: WorktreeRow, troubles: readonly string[]): Refusal => ({
  code: 'not_proven',
  message: `${row.path} stays: ${troubles.join('; ')}`,
  fix: 'commit and push or merge its work, end who works in it, then try again',
})

const noted = (ports: WorktreePorts, row: WorktreeRow, more: Partial<WorktreeRow>): Promise<WorktreeRow> =>
  keepWorktree(ports, { ...row, ...more, looked_at: ports.now().toISOString() })

/** It stays, and says so until somebody cleans up. */
const needsCleanup = (ports: WorktreePorts, row: WorktreeRow, refusal: Refusal): Promise<WorktreeRow> =>
  noted(ports, row, {
    status: row.status === 'active' ? row.status : 'needs_cleanup',
    detail: displayText(refusal.message, 500),
  })

const act = async (ports: WorktreePorts, row: WorktreeRow): Promise<DeedResult | Refusal> => {
  // Once more, right before: the machine itself looks a third time in the script that removes.
  const judged = await judge(ports, row)
  if ('fix' in judged) return judged
  if (judged.troubles.length > 0) return unproven(row, judged.troubles)
  const removal = await removeWorktree(await ports.executor(row.machine_id), judged.look, row.base_branch)
  if (removal.is === 'refused') {
    await needsCleanup(ports, row, removal.refusal)
    return removal.refusal
  }
  await noted(ports, row, {
    ...{ status: 'removed', detail: null, removed_at: ports.now().toISOString() },
    ...{ head_commit: removal.head, snapshot_ref: removal.kept },
  })
  return {
    outcome: 'verified',
    effects: [
      { what: `${row.path} is gone`, observed: true, evidence: 'git, file system' },
      { what: `its last commit stays under ${removal.kept}`, observed: true, evidence: 'git' },
    ],
    data: { path: row.path, kept: removal.kept, head: removal.head },
  }
}

/** `worktree.remove`: only where it is proven that nothing is lost; otherwise it is kept and marked for a person. */
export const removeMaker =
  (ports: WorktreePorts) =>
  async (wish: ActWish): Promise<Deed> => {
    const row = await worktreeNamed(ports, wish.params.worktree, wish.params.machine)
    const judged = await judge(ports, row)
    return {
      proposal: {
        ...{ verb: 'worktree.remove', class: 'irreversible', origin: wish.origin, actor: wish.actor },
        target: { machineId: row.machine_id, agentId: null, subject: row.repo },
        params: { path: row.path, branch: row.branch, head: 'fix' in judged ? null : judged.look.head },
        why: `remove the worktree ${displayText(row.path, 200)}; its branch and its last commit stay`,
      },
      shown: 'fix' in judged ? [judged.message] : [...lookLines(judged.look), ...judged.troubles],
      async check() {
        const now = await judge(ports, row)
        const refusal = 'fix' in now ? now : now.troubles.length > 0 ? unproven(row, now.troubles) : null
        if (refusal !== null) await needsCleanup(ports, row, refusal)
        return refusal
      },
      act: () => act(ports, row),
    }
  }

/** `worktree.check`: what speaks against removing it; changes nothing. */
export const checkMaker =
  (ports: WorktreePorts) =>
  async (wish: ActWish): Promise<Deed> => {
    const row = await worktreeNamed(ports, wish.params.worktree, wish.params.machine)
    return {
      proposal: {
        ...{ verb: 'worktree.check', class: 'read', origin: wish.origin, actor: wish.actor },
        target: { machineId: row.machine_id, agentId: null, subject: row.repo },
        params: { path: row.path },
        why: 'look whether it could be removed',
      },
      check: async () => null,
      async act() {
        const judged = await judge(ports, row)
        if ('fix' in judged) return judged
        const { look, troubles } = judged
        const what = troubles.length === 0 ? `nothing would be lost with ${row.path}` : `${row.path} must stay`
        return {
          outcome: 'verified',
          effects: [what, ...troubles].map((one) => ({ what: one, observed: true, evidence: 'git, process table' })),
          data: { path: row.path, removable: troubles.length === 0, troubles, look: { ...look } },
        }
      },
    }
  }
