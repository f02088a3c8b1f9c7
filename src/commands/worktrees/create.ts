import type { ActWish, Deed, DeedResult, Refusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { createWorktree, type WorktreeSpec } from '../../engine/worktrees/worktrees.ts'
import { worktrees } from '../../store/index.ts'
import { keepWorktree, type WorktreePorts, worktreeRow } from './book.ts'

const textOf = ({ params }: ActWish, name: string): string | null => {
  const value = params[name]
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string' && value.length <= 4_096) return value
  throw usageError('bad_worktree', `${name} is no text`, 'vc worktree create --help')
}

export interface WorktreeWish extends WorktreeSpec {
  readonly machineId: string
  readonly agentId: string | null
  readonly missionId: string | null
  readonly beadId: string | null
  readonly by: string
}

/** Makes the worktree, or finds it, and keeps who it is for. Throws when it may or may not be there. */
export const prepareWorktree = async (ports: WorktreePorts, wish: WorktreeWish): Promise<DeedResult | Refusal> => {
  const made = await createWorktree(await ports.executor(wish.machineId), wish)
  if ('fix' in made) return made
  const known = (await worktrees(ports.store.db, { machineId: wish.machineId, removed: true })).find(
    (row) => row.path === made.path && row.status !== 'removed',
  )
  const row = worktreeRow({ ...wish, ...made }, known, ports.now())
  await keepWorktree(ports, row)
  const what = made.reused
    ? `${made.path} was there already, untouched`
    : `${made.path} is there on branch ${made.branch}`
  return {
    outcome: 'verified',
    effects: [{ what: displayText(what, 300), observed: true, evidence: 'git' }],
    data: {
      path: made.path,
      repo: made.repo,
      branch: made.branch,
      base: made.base,
      head: made.head,
      reused: made.reused,
    },
  }
}

/** `worktree.create`: a tree and a branch for somebody's work, beside the repository. */
export const createMaker =
  (ports: WorktreePorts) =>
  async (wish: ActWish): Promise<Deed> => {
    const machineId = textOf(wish, 'machine') ?? ports.localId()
    const [repo, branch] = [textOf(wish, 'repo'), textOf(wish, 'branch')]
    if (repo === null || branch === null || !repo.startsWith('/'))
      throw usageError(
        'bad_worktree',
        'a worktree needs a repository (absolute path) and a branch',
        'vc worktree create --help',
      )
    const wanted: WorktreeWish = {
      ...{ machineId, repo, branch, path: textOf(wish, 'path'), base: textOf(wish, 'base') },
      ...{ agentId: textOf(wish, 'agent'), missionId: textOf(wish, 'mission'), beadId: textOf(wish, 'bead') },
      by: wish.actor,
    }
    const { base, path, agentId, missionId, beadId } = wanted
    return {
      proposal: {
        ...{ verb: 'worktree.create', target: { machineId, agentId: null, subject: repo }, class: 'reversible' },
        params: { repo, branch, base, path, agent: agentId, mission: missionId, bead: beadId },
        why: `make a worktree of ${displayText(repo, 200)} with branch ${displayText(branch, 100)}`,
        ...{ origin: wish.origin, actor: wish.actor },
      },
      check: async () => null,
      act: () => prepareWorktree(ports, wanted),
    }
  }
