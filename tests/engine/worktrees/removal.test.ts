import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Executor } from '../../../src/core/executor.ts'
import { removalTroubles, type WorktreeLook } from '../../../src/engine/worktrees/proofs.ts'
import {
  createWorktree,
  lookAtWorktree,
  type MadeWorktree,
  removeWorktree,
} from '../../../src/engine/worktrees/worktrees.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { type GitRepo, gitRepo } from './git-repo.ts'

const NOBODY = { agents: [], missions: [] }

const made = async (executor: Executor, { repo }: GitRepo, branch = 'feature/a'): Promise<MadeWorktree> => {
  const tree = await createWorktree(executor, { repo, path: null, branch, base: null })
  if ('fix' in tree) throw new Error(tree.message)
  return tree
}

const seen = async (executor: Executor, path: string): Promise<WorktreeLook> => {
  const look = await lookAtWorktree(executor, path, 'main')
  if ('fix' in look) throw new Error(look.message)
  return look
}

const local = (): Executor => {
  const executor = openLocalExecutor()
  onTestFinished(() => executor.close())
  return executor
}

/** What is offered, and a word of the reason for which it must not go. */
interface Offer {
  readonly name: string
  readonly word: RegExp
  readonly spoil: (git: GitRepo, path: string) => unknown
}

const sleeper = (cwd: string): Promise<void> => {
  const child: ChildProcess = spawn('sleep', ['600'], { cwd, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return new Promise((resolve) => child.once('spawn', resolve))
}

const OFFERS: readonly Offer[] = [
  { name: 'a changed file', word: /changed file/, spoil: (_, path) => appendFileSync(join(path, 'readme'), 'two\n') },
  {
    name: 'a change that is staged only',
    word: /changed file/,
    spoil: ({ git }, path) => {
      appendFileSync(join(path, 'readme'), 'two\n')
      git(path, 'add', 'readme')
    },
  },
  { name: 'a removed file', word: /changed file/, spoil: (_, path) => rmSync(join(path, 'readme')) },
  { name: 'an untracked file', word: /untracked file/, spoil: (_, path) => writeFileSync(join(path, 'notes'), 'x') },
  {
    name: 'an untracked file deep below, hidden from a short status',
    word: /untracked file/,
    spoil: ({ git }, path) => {
      git(path, 'config', 'status.showUntrackedFiles', 'no')
      mkdirSync(join(path, 'a/b'), { recursive: true })
      writeFileSync(join(path, 'a/b/c'), 'x')
    },
  },
  {
    name: 'a change git was told not to look at',
    word: /told not to look/,
    spoil: ({ git }, path) => {
      git(path, 'update-index', '--assume-unchanged', 'readme')
      appendFileSync(join(path, 'readme'), 'two\n')
    },
  },
  {
    name: 'a change in a file that is skipped',
    word: /told not to look/,
    spoil: ({ git }, path) => {
      git(path, 'update-index', '--skip-worktree', 'readme')
      appendFileSync(join(path, 'readme'), 'two\n')
    },
  },
  {
    name: 'a commit nobody else has',
    word: /neither merged nor pushed/,
    spoil: ({ commit }, path) => commit(path, 'new', 'x'),
  },
  {
    name: 'a commit without a branch',
    word: /neither merged nor pushed/,
    spoil: ({ git, commit }, path) => {
      git(path, 'checkout', '-q', '--detach')
      commit(path, 'new', 'x')
    },
  },
  {
    name: 'a repository inside an ignored folder',
    word: /repository inside/,
    spoil: ({ git }, path) => {
      mkdirSync(join(path, 'build/dep'), { recursive: true })
      git(join(path, 'build/dep'), 'init', '-q')
    },
  },
  {
    name: 'a merge under way',
    word: /under way/,
    spoil: ({ git, repo, commit }, path) => {
      commit(repo, 'readme', 'main\n')
      commit(path, 'readme', 'mine\n')
      expect(() => git(path, 'merge', 'main')).toThrow()
    },
  },
  { name: 'a locked tree', word: /locked/, spoil: ({ git, repo }, path) => git(repo, 'worktree', 'lock', path) },
  { name: 'a process in it', word: /work in it/, spoil: (_, path) => sleeper(path) },
  {
    name: 'a process in a folder of it',
    word: /work in it/,
    spoil: (_, path) => {
      mkdirSync(join(path, 'build'))
      return sleeper(join(path, 'build'))
    },
  },
]

describe.runIf(hasProgram('git'))('a worktree is removed only where nothing can be lost', () => {
  test.each(OFFERS)('$name', async ({ word, spoil }) => {
    const git = gitRepo()
    const executor = local()
    const { path } = await made(executor, git)
    const before = await seen(executor, path)
    expect(removalTroubles(before, NOBODY)).toEqual([])
    await spoil(git, path)
    const look = await seen(executor, path)
    expect(removalTroubles(look, NOBODY).join('; ')).toMatch(word)
    // Even whoever judged by an old look, or did not judge at all, removes nothing.
    const listed = git.picture()
    for (const judged of [before, look])
      expect(await removeWorktree(executor, judged, 'main')).toMatchObject({ is: 'refused' })
    expect(existsSync(join(path, '.gitignore'))).toBe(true)
    expect(git.picture()).toBe(listed)
  })

  test('an agent or a mission in it speaks against it, whatever git says', async () => {
    const executor = local()
    const { path } = await made(executor, gitRepo())
    const look = await seen(executor, path)
    expect(removalTroubles(look, { agents: ['atlas/claude-7k2m'], missions: ['m-3'] })).toEqual([
      'atlas/claude-7k2m works in it',
      'm-3 is being done in it',
    ])
  })

  test('the repository itself never goes', async () => {
    const executor = local()
    const git = gitRepo()
    git.git(git.repo, 'checkout', '-q', '-b', 'other')
    const look = await seen(executor, git.repo)
    expect(removalTroubles(look, NOBODY).join()).toMatch(/repository itself/)
    expect(await removeWorktree(executor, look, 'main')).toMatchObject({ is: 'refused' })
    expect(existsSync(join(git.repo, '.git'))).toBe(true)
  })

  test('what is merged goes, build results with it, and its last commit stays reachable', async () => {
    const git = gitRepo()
    const executor = local()
    const { path } = await made(executor, git, 'done/it')
    const head = git.commit(path, 'new', 'x')
    git.git(git.repo, 'merge', '-q', '--no-ff', '-m', 'merge', 'done/it')
    mkdirSync(join(path, 'build'))
    writeFileSync(join(path, 'build/out'), 'x')
    const look = await seen(executor, path)
    expect(look).toMatchObject({ merged: true, pushed: false, ignored: 1 })
    expect(removalTroubles(look, NOBODY)).toEqual([])
    const removal = await removeWorktree(executor, look, 'main')
    expect(removal).toMatchObject({ is: 'removed', head })
    expect(existsSync(path)).toBe(false)
    expect(git.git(git.repo, 'rev-parse', `refs/vc/kept/done-it-${head.slice(0, 12)}`)).toBe(head)
    expect(git.git(git.repo, 'rev-parse', 'done/it')).toBe(head)
    expect(git.git(git.repo, 'worktree', 'list').split('\n')).toHaveLength(1)
  })

  test('what is pushed goes, too', async () => {
    const git = gitRepo()
    const executor = local()
    git.git(git.root, 'init', '-q', '--bare', 'remote.git')
    git.git(git.repo, 'remote', 'add', 'origin', join(git.root, 'remote.git'))
    const { path } = await made(executor, git)
    git.commit(path, 'new', 'x')
    expect(removalTroubles(await seen(executor, path), NOBODY)).toHaveLength(1)
    git.git(path, 'push', '-q', 'origin', 'feature/a')
    const look = await seen(executor, path)
    expect(look).toMatchObject({ merged: false, pushed: true })
    expect(await removeWorktree(executor, look, 'main')).toMatchObject({ is: 'removed' })
  })

  test('half a look, no look and strange paths prove nothing', async () => {
    const executor = local()
    const git = gitRepo()
    for (const path of [join(git.root, 'none'), git.root, join(git.repo, 'a\nb')])
      expect(await lookAtWorktree(executor, path, 'main')).toHaveProperty('fix')
    mkdirSync(join(git.repo, 'sub'))
    expect(await lookAtWorktree(executor, join(git.repo, 'sub'), 'main')).toMatchObject({ code: 'not_its_top' })
  })

  test('names with blanks, quotes and umlauts are looked at as they are', async () => {
    const executor = local()
    const git = gitRepo()
    const path = join(git.root, "träge 'tree' $(x) [a]*")
    const tree = await createWorktree(executor, { repo: git.repo, path, branch: 'b', base: 'main' })
    expect(tree).toMatchObject({ path, reused: false })
    await sleeper(path)
    expect(await seen(executor, path)).toMatchObject({ path, inside: 1 })
  })
})
