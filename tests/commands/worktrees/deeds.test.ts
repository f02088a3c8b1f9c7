import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openActTokens } from '../../../src/commands/act-tokens.ts'
import { openActing } from '../../../src/commands/acting.ts'
import { actOnMissions } from '../../../src/commands/missions/act.ts'
import { worktreeMakers } from '../../../src/commands/worktrees/index.ts'
import type { Acted } from '../../../src/core/action.ts'
import { silentLog } from '../../../src/core/log.ts'
import { auditRows, worktrees } from '../../../src/store/index.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { gitRepo } from '../../engine/worktrees/git-repo.ts'
import { hasProgram } from '../../programs.ts'
import { tempStore } from '../../store/support.ts'

type Params = Readonly<Record<string, unknown>>

const scene = async (machine: Params = {}) => {
  const git = gitRepo()
  const store = await tempStore({ now: () => new Date() })
  const executor = openLocalExecutor()
  onTestFinished(() => executor.close())
  const now = (): Date => new Date()
  const ports = { store, executor: async () => executor, localId: () => 'here', now }
  const acting = await openActing({
    ...{ store, makers: worktreeMakers(ports), tokens: openActTokens(now), now, log: silentLog },
    machines: () => [{ id: 'here', enabled: true, allow_write_commands: true, ...machine }],
    lookAtCaller: async () => ({ pid: 1, agent: null, terminal: true }),
  })
  const caller = { pid: 1, terminal: true }
  const propose = (verb: string, params: Params) =>
    acting.propose({ wish: { verb, params, origin: 'person', actor: 'ada' }, caller })
  const act = async (verb: string, params: Params, meanwhile: () => unknown = () => undefined): Promise<Acted> => {
    const proposed = await propose(verb, params)
    if (proposed.verdict === 'acted') return proposed.acted
    await meanwhile()
    return acting.confirm({ token: proposed.token, yes: true, caller })
  }
  const finish = (worktree: string) => actOnMissions(store, 'finish', { worktree }, 'ada', new Date())
  const rows = () => worktrees(store.db, { removed: true })
  const make = async (branch: string): Promise<string> => {
    const made = await act('worktree.create', { repo: git.repo, branch, mission: 'm-1' })
    return String((made.data as { path: string }).path)
  }
  return { git, store, propose, act, finish, rows, make }
}

describe.runIf(hasProgram('git'))('worktrees through the Doer', () => {
  test('made, finished, merged when green, removed when merged: each seen, kept and audited', async () => {
    const { git, store, act, finish, rows, make } = await scene()
    const path = await make('work')
    expect(await rows()).toMatchObject([
      { path, branch: 'work', base_branch: 'main', status: 'active', mission_id: 'm-1' },
    ])
    git.commit(path, 'new', 'x')
    expect(await finish('work')).toMatchObject({ outcome: 'recorded' })
    const merged = await act('merge.run', { tests: ['test', '-f', 'new'] })
    expect(merged).toMatchObject({
      outcome: 'verified',
      effects: [{ what: 'work is merged into main', observed: true }],
    })
    expect(await rows()).toMatchObject([{ status: 'merged', merge_commit: git.git(git.repo, 'rev-parse', 'main') }])
    const removed = await act('worktree.remove', { worktree: 'work' })
    expect(removed).toMatchObject({ outcome: 'verified' })
    expect(existsSync(path)).toBe(false)
    expect(await rows()).toMatchObject([{ status: 'removed', head_commit: git.git(git.repo, 'rev-parse', 'work') }])
    expect((await auditRows(store.db, removed.auditId)).map((row) => row.step)).toEqual(['intent', 'result'])
  })

  test('a dirty one stays, is marked for a person, and the check says why without a question', async () => {
    const { git, act, finish, rows, make } = await scene()
    const path = await make('work')
    await finish('work')
    writeFileSync(join(path, 'notes'), 'mine')
    expect(await act('worktree.check', { worktree: path })).toMatchObject({
      ...{ outcome: 'verified', data: { removable: false, troubles: ['1 untracked file'] } },
    })
    const removed = await act('worktree.remove', { worktree: path })
    expect(removed).toMatchObject({ outcome: 'refused', refusal: { code: 'not_proven' } })
    expect(await rows()).toMatchObject([{ status: 'needs_cleanup', detail: expect.stringMatching(/1 untracked file/) }])
    expect(git.git(git.repo, 'worktree', 'list').split('\n')).toHaveLength(2)
  })

  test('finished work whose removal was refused still waits to be merged', async () => {
    const { git, act, finish, rows, make } = await scene()
    git.commit(await make('work'), 'new', 'x')
    await finish('work')
    expect(await act('worktree.remove', { worktree: 'work' })).toMatchObject({ refusal: { code: 'not_proven' } })
    expect(await rows()).toMatchObject([{ status: 'needs_cleanup' }])
    expect(await act('merge.run', { tests: ['true'] })).toMatchObject({ outcome: 'verified' })
    expect(await rows()).toMatchObject([{ status: 'merged' }])
    await expect(act('merge.run', { tests: ['true'] })).rejects.toMatchObject({ code: 'nothing_finished' })
  })

  test('work that comes between the question and the yes is safe', async () => {
    const { git, act, make } = await scene()
    const path = await make('work')
    const removed = await act('worktree.remove', { worktree: 'work' }, () => git.commit(path, 'late', 'x'))
    expect(removed).toMatchObject({ outcome: 'refused', refusal: { code: 'proposal_changed' } })
    expect(existsSync(join(path, 'late'))).toBe(true)
  })

  test('an agent row is enough to keep it, even where no process is seen', async () => {
    const { store, act, make } = await scene()
    const path = await make('work')
    const agent = {
      agent_id: 'here/claude-1',
      machine_id: 'here',
      cli: 'claude',
      kind: 'observed',
      first_seen: new Date(),
    }
    const batches = [{ table: 'agents', rows: [{ ...agent, cwd: join(path, 'src') }] }]
    await store.write({ machineId: 'here', source: 'test', at: new Date(), batches, awaited: true })
    const removed = await act('worktree.remove', { worktree: 'work' })
    expect(removed).toMatchObject({
      outcome: 'refused',
      refusal: { message: expect.stringMatching(/here\/claude-1 works in it/) },
    })
  })

  test('one after the other, each on what the one before left; a refused one changes nothing', async () => {
    const { git, act, finish, rows, make } = await scene()
    for (const [branch, file, text] of [
      ['a', 'shared', 'from a'],
      ['b', 'shared', 'from b'],
      ['c', 'other', 'x'],
    ] as const) {
      git.commit(await make(branch), file, text)
      await finish(branch)
    }
    const merged = await act('merge.run', { tests: ['true'] })
    expect(merged).toMatchObject({
      outcome: 'done',
      effects: [{ observed: true }, { observed: false, evidence: 'conflict' }, { observed: true }],
    })
    const after = new Map((await rows()).map((row) => [row.branch, row]))
    expect([...after].map(([branch, { status }]) => `${branch} ${status}`).sort()).toEqual([
      'a merged',
      'b finished',
      'c merged',
    ])
    expect(after.get('b')?.detail).toMatch(/conflicts/)
    expect(git.git(git.repo, 'log', '--first-parent', '--format=%s', '-2').split('\n')).toEqual([
      ...['Merge c into main', 'Merge a into main'],
    ])
    expect(await act('merge.run', { worktrees: ['b'], tests: ['true'] })).toMatchObject({ outcome: 'refused' })
  })

  test('nothing is merged untested unless somebody says so, and not where vc may not write', async () => {
    const { git, act, finish, make, propose } = await scene()
    git.commit(await make('work'), 'new', 'x')
    await finish('work')
    await expect(propose('merge.run', {})).rejects.toMatchObject({ code: 'no_tests' })
    expect(await act('merge.run', { untested: true })).toMatchObject({ outcome: 'verified' })
    const shut = await scene({ allow_write_commands: false })
    expect(await shut.act('worktree.create', { repo: shut.git.repo, branch: 'b' })).toMatchObject({
      ...{ outcome: 'refused', refusal: { code: 'writes_not_allowed' } },
    })
    expect(await shut.rows()).toEqual([])
  })
})
