import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createWorktree, type WorktreeSpec } from '../../../src/engine/worktrees/worktrees.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { gitRepo } from './git-repo.ts'

const setUp = () => {
  const git = gitRepo()
  const executor = openLocalExecutor()
  onTestFinished(() => executor.close())
  const make = (spec: Partial<WorktreeSpec> = {}) =>
    createWorktree(executor, { repo: git.repo, path: null, branch: 'feature/a', base: null, ...spec })
  return { git, make }
}

describe.runIf(hasProgram('git'))('making worktrees', () => {
  test('it stands beside the repository, on a branch of its own, from the base', async () => {
    const { git, make } = setUp()
    const head = git.git(git.repo, 'rev-parse', 'main')
    expect(await make()).toEqual({
      ...{ path: `${git.repo}.worktrees/feature-a`, repo: git.repo, branch: 'feature/a', base: 'main' },
      ...{ from: head, head, reused: false },
    })
    expect(git.git(`${git.repo}.worktrees/feature-a`, 'status', '--porcelain')).toBe('')
  })

  test('asked for again it is the same one, and nothing in it is touched', async () => {
    const { git, make } = setUp()
    const first = await make()
    const path = `${git.repo}.worktrees/feature-a`
    appendFileSync(join(path, 'readme'), 'work\n')
    expect(await make()).toEqual({ ...first, reused: true })
    expect(git.git(path, 'status', '--porcelain')).toBe(' M readme')
    // From within another tree the repository is found all the same.
    expect(await make({ repo: path, branch: 'feature/b' })).toMatchObject({ repo: git.repo, branch: 'feature/b' })
  })

  test('a branch that exists is taken as it is', async () => {
    const { git, make } = setUp()
    git.git(git.repo, 'branch', 'old')
    git.commit(git.repo, 'later', 'x')
    expect(await make({ branch: 'old' })).toMatchObject({ head: git.git(git.repo, 'rev-parse', 'old') })
  })

  test('no hook of the repository runs', async () => {
    const { git, make } = setUp()
    const hook = join(git.repo, '.git/hooks/post-checkout')
    writeFileSync(hook, `#!/bin/sh\ntouch '${git.root}/ran'\n`, { mode: 0o755 })
    await make()
    expect(existsSync(join(git.root, 'ran'))).toBe(false)
  })

  test.each([
    ['branch_in_use', { branch: 'main' }],
    ['bad_branch', { branch: 'a..b' }],
    ['bad_branch', { branch: '-b' }],
    ['no_base', { base: 'nowhere' }],
    ['not_absolute', { path: 'here' }],
    ['bad_path', { path: '/tmp/a\nb' }],
    ['not_a_tree', { repo: '/' }],
  ] as const)('%s is refused, and nothing changes', async (code, spec) => {
    const { git, make } = setUp()
    const before = git.picture()
    expect(await make(spec)).toMatchObject({ code })
    expect(git.picture()).toBe(before)
  })

  test('what stands at its path stays', async () => {
    const { git, make } = setUp()
    const path = join(git.root, 'taken')
    mkdirSync(path)
    expect(await make({ path })).toMatchObject({ code: 'path_taken' })
  })
})
