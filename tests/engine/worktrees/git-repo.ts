import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A real repository in a folder of its own, removed after the test. */
export interface GitRepo {
  readonly root: string
  readonly repo: string
  git(dir: string, ...args: readonly string[]): string
  /** Writes a file and commits it. */
  commit(dir: string, file: string, text: string): string
  /** Everything that a refusal must leave as it is: refs, trees, worktrees. */
  picture(): string
}

const ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
}

export const gitRepo = (): GitRepo => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'vc-git-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const git = (dir: string, ...args: readonly string[]): string => {
    const ran = spawnSync('git', args, { cwd: dir, env: ENV, encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`)
    return ran.stdout.trimEnd()
  }
  const repo = join(root, 'project')
  mkdirSync(repo)
  git(repo, 'init', '-q', '-b', 'main')
  git(repo, 'config', 'user.name', 'Test')
  git(repo, 'config', 'user.email', 'test@example.invalid')
  const commit = (dir: string, file: string, text: string): string => {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
    git(dir, 'add', '--', file)
    git(dir, 'commit', '-q', '-m', `write ${file}`)
    return git(dir, 'rev-parse', 'HEAD')
  }
  commit(repo, 'readme', 'one\n')
  commit(repo, '.gitignore', 'build/\n')
  const picture = (): string =>
    [git(repo, 'for-each-ref'), git(repo, 'worktree', 'list', '--porcelain'), git(repo, 'status', '--porcelain')].join(
      '\n',
    )
  return { root, repo, git, commit, picture }
}
