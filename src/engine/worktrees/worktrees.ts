import type { Refusal } from '../../core/action.ts'
import type { Executor } from '../../core/executor.ts'
import { runAct } from '../hosts/machine-act.ts'
import { lookOf, stopRefusal, type WorktreeLook } from './proofs.ts'
import { type MachineSaid, machineSaid } from './records.ts'
import { CREATE_SCRIPT, LOOK_SCRIPT, REMOVE_SCRIPT } from './scripts.ts'

const LOOK_MS = 60_000
const ACT_MS = 180_000

const run = async (
  executor: Executor,
  name: string,
  script: string,
  args: readonly string[],
  deadlineMs: number,
): Promise<MachineSaid> => machineSaid(await runAct(executor, { name, script, args, deadlineMs, maxBytes: 256 * 1024 }))

const unreached = (what: string, detail: string): Refusal => ({
  ...{ code: 'not_reached', message: `${what}: the machine was not reached (${detail})`, fix: 'vc doctor' },
})

/** A path of a machine must stand on one line to be told. */
export const pathTrouble = (path: string): Refusal | null =>
  /[\u0000-\u001f\u007f]/.test(path)
    ? { code: 'bad_path', message: 'the path holds control characters', fix: 'rename that folder' }
    : null

/** Looks at a worktree and changes nothing. A refusal says why nothing is known of it. */
export const lookAtWorktree = async (
  executor: Executor,
  path: string,
  base: string,
): Promise<WorktreeLook | Refusal> => {
  const bad = pathTrouble(path)
  if (bad !== null) return bad
  const end = await run(executor, 'worktree.look', LOOK_SCRIPT, [path, base], LOOK_MS)
  if (end.is !== 'said') return unreached(path, end.detail)
  if (end.said.no !== null) return stopRefusal(end.said.no, path)
  return lookOf(end.said) ?? unreached(path, 'the answer was cut off')
}

export interface WorktreeSpec {
  /** Any folder of the repository. */
  readonly repo: string
  /** Null: beside the repository, `<repo>.worktrees/<branch>`. */
  readonly path: string | null
  readonly branch: string
  /** Null: the branch checked out in the repository. */
  readonly base: string | null
}

export interface MadeWorktree {
  readonly path: string
  readonly repo: string
  readonly branch: string
  readonly base: string
  /** Commit of the base it began from, and where it is. */
  readonly from: string
  readonly head: string
  /** It was there with that branch already, and nothing in it was touched. */
  readonly reused: boolean
}

/** Makes a worktree with a branch of its own, or finds the one that has it. Throws when it may or may not be there. */
export const createWorktree = async (executor: Executor, spec: WorktreeSpec): Promise<MadeWorktree | Refusal> => {
  const { repo, branch, base, path } = spec
  const bad = [repo, branch, base ?? '', path ?? ''].map(pathTrouble).find((one) => one !== null)
  if (bad) return bad
  const end = await run(executor, 'worktree.create', CREATE_SCRIPT, [repo, path ?? '', branch, base ?? ''], ACT_MS)
  if (end.is === 'not_reached') return unreached(repo, end.detail)
  if (end.is === 'broken_off') throw new Error(`git was at work when the way broke off: ${end.detail}`)
  const { texts, facts, no } = end.said
  if (no !== null) return stopRefusal(no, texts.get('held') ?? repo)
  const text = (name: string): string => texts.get(name) ?? ''
  return {
    ...{ path: text('path'), repo: text('repo'), branch: text('branch'), base: text('base') },
    ...{ from: text('from'), head: text('head'), reused: facts.get('reused') === 1 },
  }
}

/** How a removal ended. `removed` was seen: the folder is gone, its last commit stands under `kept`. */
export type Removal =
  | { readonly is: 'removed'; readonly kept: string; readonly head: string }
  | { readonly is: 'refused'; readonly refusal: Refusal; readonly look: WorktreeLook | null }

/** `refs/vc/kept/<branch>-<head>`: where the last commit of a removed worktree stays reachable. */
export const keptRef = ({ branch, head }: Pick<WorktreeLook, 'branch' | 'head'>): string =>
  `refs/vc/kept/${(branch ?? 'detached').replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 80)}-${(head ?? '').slice(0, 12)}`

/**
 * Removes a worktree that was looked at and judged; the machine looks at everything once more in the same script, and git is
 * never forced. Throws when it may or may not be gone.
 */
export const removeWorktree = async (executor: Executor, look: WorktreeLook, base: string): Promise<Removal> => {
  const args = [look.path, base, look.head ?? '', keptRef(look)]
  const end = await run(executor, 'worktree.remove', REMOVE_SCRIPT, args, ACT_MS)
  if (end.is === 'not_reached') return { is: 'refused', refusal: unreached(look.path, end.detail), look: null }
  if (end.is === 'broken_off') throw new Error(`git was at work when the way broke off: ${end.detail}`)
  const { facts, texts, no } = end.said
  if (facts.get('removed') === 1) return { is: 'removed', kept: texts.get('kept') ?? '', head: look.head ?? '' }
  return { is: 'refused', refusal: stopRefusal(no ?? 'not_made', look.path), look: lookOf(end.said) }
}
