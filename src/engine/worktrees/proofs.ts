import type { Refusal } from '../../core/action.ts'
import type { Said } from './records.ts'

/** What was seen of a worktree; everything that could be lost with it. */
export interface WorktreeLook {
  /** Links resolved. */
  readonly path: string
  /** The git folder that all worktrees of the repository share. */
  readonly common: string
  /** Null: detached. */
  readonly branch: string | null
  readonly head: string | null
  readonly changed: number
  readonly untracked: number
  /** Ignored entries go with the tree: build results, but also what somebody hid from git. */
  readonly ignored: number
  /** Files git was told not to look at. */
  readonly hidden: number
  /** Repositories inside. */
  readonly nested: number
  readonly locked: boolean
  /** The repository's own tree, not one made beside it. */
  readonly main: boolean
  /** A merge, rebase or the like is under way. */
  readonly busy: boolean
  readonly merged: boolean
  readonly pushed: boolean
  /** Processes that work in it; null: the machine cannot say. */
  readonly inside: number | null
}

const COUNTS = [
  'changed',
  'untracked',
  'ignored',
  'hidden',
  'nested',
  'locked',
  'main',
  'busy',
  'merged',
  'pushed',
  'inside',
]

/** The look as a script told it; null where anything is missing: half a look proves nothing. */
export const lookOf = ({ facts, texts }: Said): WorktreeLook | null => {
  const path = texts.get('path') ?? ''
  const common = texts.get('common') ?? ''
  if (path === '' || common === '' || COUNTS.some((name) => !facts.has(name))) return null
  const count = (name: string): number => facts.get(name) ?? 0
  const inside = count('inside')
  return {
    ...{ path, common, branch: texts.get('branch') || null, head: texts.get('head') || null },
    ...{ changed: count('changed'), untracked: count('untracked'), ignored: count('ignored') },
    ...{ hidden: count('hidden'), nested: count('nested'), locked: count('locked') > 0, main: count('main') > 0 },
    ...{ busy: count('busy') > 0, merged: count('merged') > 0, pushed: count('pushed') > 0 },
    inside: inside < 0 ? null : inside,
  }
}

/** Who vc knows to work in a worktree. */
export interface WorktreeOwners {
  readonly agents: readonly string[]
  /** Missions that are claimed and belong to it. */
  readonly missions: readonly string[]
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Everything that speaks against removing it, one sentence each; nothing: it is proven that nothing is lost. */
export const removalTroubles = (look: WorktreeLook, owners: WorktreeOwners): readonly string[] => [
  ...(look.main ? ['it is the repository itself, not a worktree beside it'] : []),
  ...(look.changed > 0 ? [`${plural(look.changed, 'changed file')} not committed`] : []),
  ...(look.untracked > 0 ? [`${plural(look.untracked, 'untracked file')}`] : []),
  ...(look.hidden > 0 ? [`${plural(look.hidden, 'file')} git was told not to look at`] : []),
  ...(look.nested > 0 ? [`${plural(look.nested, 'repository')} inside it`.replace('repositorys', 'repositories')] : []),
  ...(look.head === null ? ['it has no commit'] : []),
  ...(look.head !== null && !look.merged && !look.pushed ? ['its commits are neither merged nor pushed'] : []),
  ...(look.busy ? ['a merge, rebase or another git command is under way in it'] : []),
  ...(look.locked ? ['it is locked (git worktree lock)'] : []),
  ...(look.inside === null ? ['the machine cannot say which processes work in it'] : []),
  ...((look.inside ?? 0) > 0
    ? [`${plural(look.inside ?? 0, 'process')} work in it`.replace('processs', 'processes')]
    : []),
  ...owners.agents.map((agent) => `${agent} works in it`),
  ...owners.missions.map((mission) => `${mission} is being done in it`),
]

/** Why a script stopped, for people. */
const STOPS: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  git_missing: ['git is not on the PATH that vc uses there', 'install git there, or see vc doctor'],
  missing: ['there is no such folder', 'git worktree prune, if it was removed by hand'],
  not_a_tree: ['it is no git worktree, or git refuses it (owner, damage)', 'look: git status in it'],
  not_its_top: ['it is a folder inside a worktree, not the worktree', 'name its top folder'],
  status_failed: ['git could not say what changed in it', 'look: git status in it'],
  moved_on: ['it has another commit than a moment ago: somebody works in it', 'look again'],
  not_proven: ['it is no longer proven that nothing is lost', 'look again: vc worktree check'],
  not_kept: ['its last commit could not be kept under a ref of its own', 'look: git status in the repository'],
  git_refused: ['git refused', 'try it by hand to see why'],
  still_there: ['git removed it, and the folder is still there', 'look at what is left in it'],
  bare: ['the repository has no tree of its own', 'name a repository with a working tree'],
  bad_branch: ['git takes no such branch name', 'name another branch'],
  not_absolute: ['the path is not absolute', 'name the whole path'],
  no_base: ['there is no such base branch', 'name one: --base main'],
  branch_in_use: ['the branch is checked out in another worktree', 'name another branch, or use that worktree'],
  path_taken: ['there is something at that path already', 'name another path'],
  not_made: ['the worktree was not made', 'look: git worktree list'],
  moved_base: ['the base branch moved meanwhile', 'try again'],
  base_dirty: ['the tree of the base branch has changes that are not committed', 'commit or move them first'],
  not_clean: ['it has changes that are not committed', 'commit them, or have its agent do it'],
  no_identity: ['git does not know whose merge it is', 'git config user.name and user.email there'],
  conflict: ['it does not merge without conflicts', 'merge the base into it, solve them, commit'],
  nothing_new: ['the base has all of its commits already', 'nothing to merge: vc worktree remove'],
  unrelated: ['it shares no history with its base', 'look: git log in it'],
  tests_red: ['its tests are red', 'mend them; nothing was merged'],
  tests_slow: ['its tests did not end in time', 'allow more: --timeout; nothing was merged'],
  no_scratch: ['no scratch worktree could be made', 'look at the free space of the temporary folder'],
}

export const stopRefusal = (code: string, what: string): Refusal => {
  const [message, fix] = STOPS[code] ?? ['the script stopped for a reason vc does not know', 'vc doctor']
  return { code, message: `${what}: ${message}`, fix }
}
