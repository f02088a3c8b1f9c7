import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { git } from '../../../src/collectors/git/index.ts'
import type { ScriptAsk } from '../../../src/core/ask.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { hasProgram } from '../../programs.ts'
import { answered, type ContextOptions, contextWith, runInShell } from '../shell-context.ts'

const rowsIn = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.find((batch) => batch.table === table)?.rows ?? []

describe.runIf(hasProgram('git'))('real repositories', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vcg-')))
  const env = {
    ...process.env,
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_DIR: join(dir, 'nowhere'),
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  }
  const { GIT_DIR: _, ...clean } = env
  const run = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, env: clean, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  const at = (name: string): string => join(dir, name)
  const make = (name: string): string => {
    mkdirSync(at(name), { recursive: true })
    run(at(name), 'init', '-q', '-b', 'main')
    return at(name)
  }
  const commit = (repo: string, file: string): void => {
    writeFileSync(join(repo, file), file)
    run(repo, 'add', '.')
    run(repo, 'commit', '-q', '-m', file)
  }
  let asked: ScriptAsk | null = null
  const collect = (dirs: readonly string[], over: Partial<ContextOptions> = {}) =>
    git.collect(
      contextWith({
        run: (ask) => {
          asked = ask
          return runInShell(ask, env)
        },
        startedAt: new Date(),
        known: { latest_agent_processes: dirs.map((cwd) => ({ cwd })) },
        ...over,
      }),
    )
  const stateOf = (result: CollectResult, path: string) =>
    rowsIn(result, 'repo_status_snapshots').find((row) => row.path === path)

  beforeAll(() => {
    const main = make('odd \u001e\u001f\n name')
    commit(main, 'one')
    run(main, 'remote', 'add', 'origin', 'https://user:secret@example.test/Acme/Odd.git')
    mkdirSync(join(main, 'sub'))
    writeFileSync(join(main, 'two\n# branch.ab +9 -9'), '')
    run(main, 'worktree', 'add', '-q', at('tree'))
    make('unborn')
    execFileSync('git', ['init', '-q', '--bare', at('bare')], { env: clean })
    mkdirSync(at('plain'))
    execFileSync('git', ['clone', '-q', main, at('clone')], { env: clean, stdio: 'ignore' })
    run(at('clone'), 'fetch', '-q')
    commit(at('clone'), 'three')
    run(at('clone'), 'checkout', '-q', '--detach')
    writeFileSync(join(at('clone'), 'one'), 'changed')
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  test('every state of a directory an agent may stand in', async () => {
    const odd = at('odd \u001e\u001f\n name')
    const dirs = [odd, join(odd, 'sub'), at('tree'), at('unborn'), at('bare'), at('plain'), at('nope'), at('clone')]
    const result = await collect(dirs)
    expect(result.fault ?? null).toBeNull()
    expect(rowsIn(result, 'repo_status_snapshots').map((row) => [row.path, row.state])).toEqual([
      [odd, 'ok'],
      [at('tree'), 'ok'],
      [at('unborn'), 'ok'],
      [at('bare'), 'bare'],
      [at('plain'), 'not_a_repo'],
      [at('nope'), 'missing'],
      [at('clone'), 'ok'],
    ])
    expect(stateOf(result, odd)).toMatchObject({
      branch: 'main',
      dirty: true,
      untracked: 1,
      ahead: null,
      commits_7d: 1,
      commits_30d: 1,
      detached: false,
    })
    expect(stateOf(result, at('unborn'))).toMatchObject({
      head_oid: null,
      commits_7d: null,
      last_commit_at: null,
      dirty: false,
    })
    expect(stateOf(result, at('clone'))).toMatchObject({ detached: true, branch: null, unstaged: 1, commits_7d: 2 })
    expect(stateOf(result, at('clone'))?.fetched_at).toBeInstanceOf(Date)
    expect(stateOf(result, at('plain'))).toMatchObject({ dirty: null, ahead: null, branch: null })
    const repos = rowsIn(result, 'repos')
    expect(repos.find((row) => row.path === odd)).toMatchObject({
      url: 'https://example.test/Acme/Odd.git',
      name: 'Odd',
      is_worktree: false,
    })
    expect(repos.find((row) => row.path === at('tree'))).toMatchObject({ is_worktree: true })
    expect(stateOf(result, at('tree'))?.repo_id).toBe(stateOf(result, odd)?.repo_id)
    expect(JSON.stringify(result)).not.toContain('secret')
  })

  test('counts once a day and head, and keeps what was counted', async () => {
    const clone = at('clone')
    const first = await collect([clone])
    const cursors = new Map((first.cursors ?? []).map(({ key, value }) => [key, JSON.parse(JSON.stringify(value))]))
    const again = await collect([clone], { cursors })
    expect(asked?.args).toEqual([clone, stateOf(first, clone)?.head_oid])
    expect(stateOf(again, clone)).toEqual(stateOf(first, clone))
    expect(again.cursors).toEqual(first.cursors)
    await collect([clone], { cursors, startedAt: new Date(Date.now() + 2 * 86_400_000) })
    expect(asked?.args).toEqual([clone, ''])
    commit(clone, 'four')
    expect(stateOf(await collect([clone], { cursors }), clone)).toMatchObject({ commits_7d: 3 })
  })

  test('changes nothing and runs nothing the checkout configures', async () => {
    const repo = make('trap')
    commit(repo, 'one')
    const mark = at('executed')
    for (const [key, value] of [
      ['core.fsmonitor', `touch ${mark}`],
      ['log.showSignature', 'true'],
      ['gpg.program', `touch ${mark}`],
    ] as const)
      run(repo, 'config', key, value)
    const before = [statSync(join(repo, '.git/index')).mtimeMs, readFileSync(join(repo, '.git/index'))]
    expect(stateOf(await collect([repo]), repo)).toMatchObject({ state: 'ok' })
    expect([statSync(join(repo, '.git/index')).mtimeMs, readFileSync(join(repo, '.git/index'))]).toEqual(before)
    expect(() => statSync(mark)).toThrow()
  })

  test.runIf(process.getuid?.() === 0)('a checkout of another user is a state, not an override', async () => {
    const repo = make('theirs')
    execFileSync('chown', ['-R', '65534', repo])
    expect(stateOf(await collect([repo]), repo)).toMatchObject({ state: 'dubious_ownership', dirty: null })
  })
})

describe('endings', () => {
  const known = { latest_agent_processes: [{ cwd: '/a' }] }
  const run = (stdout: string, over = {}) => git.collect(contextWith({ run: () => answered(stdout, over), known }))

  test('no git, no answer, a cut answer and a failed way are told apart', async () => {
    expect(await run('vc-git 1 0123456789abcdef -\n\u001e0123456789abcdef end')).toMatchObject({
      fault: 'tool_missing',
      batches: [],
    })
    expect(await run('sh: what\n')).toMatchObject({ fault: 'bad_output', detail: 'sh: what' })
    expect(await run('vc-git 1 0123456789abcdef git version 2.39.5\n\u001e0123456789abcdef R 1')).toMatchObject({
      fault: 'truncated',
      batches: [],
    })
    expect(await run('', { fault: 'unreachable', detail: 'dns' })).toMatchObject({ fault: 'unreachable' })
  })

  test('without agents nothing is asked', async () => {
    const unasked = contextWith({
      run: () => {
        throw new Error('asked')
      },
    })
    expect(await git.collect(unasked)).toMatchObject({
      batches: [
        { table: 'repo_status_snapshots', rows: [] },
        { table: 'repo_commit_stats', rows: [] },
      ],
    })
  })

  test('sessions of the last week count too, newest first, old ones do not', async () => {
    let args: readonly string[] = []
    const sessions = [
      { cwd: '/old', last_activity_at: new Date('2026-11-01T00:00:00Z') },
      { cwd: '/yesterday', last_activity_at: new Date('2026-11-19T00:00:00Z') },
      { cwd: '/today', last_activity_at: new Date('2026-11-20T00:00:00Z') },
      { cwd: 'relative', last_activity_at: new Date('2026-11-20T00:00:00Z') },
    ]
    const run = (ask: ScriptAsk) => {
      args = ask.args ?? []
      return answered('')
    }
    await git.collect(contextWith({ run, known: { ...known, agent_sessions: sessions } }))
    expect(args).toEqual(['/a', '', '/today', '', '/yesterday', ''])
  })
})
