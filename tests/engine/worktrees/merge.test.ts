import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type MergeSpec, mergeWorktree } from '../../../src/engine/worktrees/merge.ts'
import { createWorktree } from '../../../src/engine/worktrees/worktrees.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { gitRepo } from './git-repo.ts'

const setUp = async () => {
  const git = gitRepo()
  const executor = openLocalExecutor()
  onTestFinished(() => executor.close())
  const tree = await createWorktree(executor, { repo: git.repo, path: null, branch: 'work', base: 'main' })
  if ('fix' in tree) throw new Error(tree.message)
  const { path } = tree
  const merge = (more: Partial<MergeSpec> = {}) =>
    mergeWorktree(executor, {
      ...{ path, base: 'main', head: git.git(path, 'rev-parse', 'HEAD'), message: 'Merge work' },
      ...{ tests: ['sh', '-c', 'test -f new'], testsMs: 60_000, ...more },
    })
  return { git, path, merge, main: () => git.git(git.repo, 'rev-parse', 'main') }
}

const scratches = (): readonly string[] => readdirSync(tmpdir()).filter((name) => /^vc-merge\./.test(name))

describe.runIf(hasProgram('git'))('merging a finished worktree', () => {
  test('green tests: the base moves to a merge of both, its tree with it', async () => {
    const { git, path, merge, main } = await setUp()
    const head = git.commit(path, 'new', 'x')
    const other = git.commit(git.repo, 'other', 'y')
    const end = await merge()
    expect(end).toEqual({ is: 'merged', commit: main(), tests: 0 })
    expect(git.git(git.repo, 'log', '-1', '--format=%P %s')).toBe(`${other} ${head} Merge work`)
    expect(readFileSync(join(git.repo, 'new'), 'utf8')).toBe('x')
    expect(git.git(git.repo, 'status', '--porcelain')).toBe('')
    expect(git.git(git.repo, 'worktree', 'list').split('\n')).toHaveLength(2)
  })

  test('a base that nobody has checked out moves, too', async () => {
    const { git, path, merge, main } = await setUp()
    git.git(git.repo, 'checkout', '-q', '-b', 'elsewhere')
    git.commit(path, 'new', 'x')
    expect(await merge()).toMatchObject({ is: 'merged', commit: main() })
    expect(git.git(git.repo, 'status', '--porcelain')).toBe('')
  })

  test('tests see the merge of both, and no hook of the repository runs', async () => {
    const { git, path, merge } = await setUp()
    git.commit(path, 'new', 'x')
    git.commit(git.repo, 'other', 'y')
    for (const name of ['pre-merge-commit', 'post-merge', 'commit-msg', 'post-checkout'])
      writeFileSync(join(git.repo, '.git/hooks', name), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    expect(await merge({ tests: ['sh', '-c', 'test -f new && test -f other'] })).toMatchObject({
      is: 'merged',
    })
  })

  const refusals: readonly [string, (given: Awaited<ReturnType<typeof setUp>>) => Partial<MergeSpec> | undefined][] = [
    [
      'conflict',
      ({ git, path }) => {
        git.commit(path, 'readme', 'mine\n')
        git.commit(git.repo, 'readme', 'theirs\n')
        return undefined
      },
    ],
    [
      'tests_red',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        return { tests: ['sh', '-c', 'echo why; touch junk; exit 3'] }
      },
    ],
    [
      'tests_red',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        return { tests: ['no-such-program-at-all'] }
      },
    ],
    [
      'tests_slow',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        return { tests: ['sleep', '60'], testsMs: 1_000 }
      },
    ],
    ['nothing_new', () => undefined],
    [
      'not_clean',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        appendFileSync(join(path, 'new'), 'more')
        return undefined
      },
    ],
    [
      'not_clean',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        writeFileSync(join(path, 'forgotten'), 'x')
        return undefined
      },
    ],
    [
      'base_dirty',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        appendFileSync(join(git.repo, 'readme'), 'by hand')
        return undefined
      },
    ],
    [
      'moved_base',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        // A file of the person that the merge would write over: git itself says no at the very end.
        writeFileSync(join(git.repo, 'new'), 'mine')
        return undefined
      },
    ],
    [
      'moved_on',
      ({ git, path }) => {
        const head = git.commit(path, 'new', 'x')
        git.commit(path, 'newer', 'x')
        return { head }
      },
    ],
    [
      'no_base',
      ({ git, path }) => {
        git.commit(path, 'new', 'x')
        return { base: 'gone' }
      },
    ],
  ]

  test.each(refusals)('%s: refused, and nothing changed', async (code, spoil) => {
    const given = await setUp()
    const more = spoil(given)
    const [before, left] = [given.git.picture(), scratches()]
    const end = await given.merge(more)
    expect(end).toMatchObject({ is: 'refused', refusal: { code } })
    expect(given.git.picture()).toBe(before)
    expect(scratches()).toEqual(left)
    const log = end.is === 'refused' ? end.log : null
    if (log !== null) onTestFinished(() => rmSync(log))
    expect(log !== null).toBe(code.startsWith('tests_'))
    if (log !== null && more?.tests?.[0] === 'sh') expect(readFileSync(log, 'utf8')).toBe('why\n')
  })
})
