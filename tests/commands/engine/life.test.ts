import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { agents } from '../../../src/store/index.ts'
import { hasProgram } from '../../programs.ts'
import { endServer, openScene, scratch } from './scene.ts'

const until = async (what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> => {
  const end = Date.now() + withinMs
  for (;;) {
    if (await holds()) return
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await pause(50)
  }
}

const isAlive = (pid: number | null): boolean => {
  try {
    process.kill(pid ?? 0, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasProgram('tmux'))('the life of an agent on a real tmux', () => {
  test('it is started, seen, and stopped with everything it started', async () => {
    const scene = await openScene()
    const acted = await scene.act('agent.spawn', {
      machine: 'here',
      cli: 'generic',
      cwd: '/',
      role: 'polecat',
      args: ['sh', '-c', 'sleep 1000 & sleep 1000'],
    })
    expect(acted).toMatchObject({ outcome: 'verified', effects: [{ observed: true }, { observed: true }] })
    const [id = ''] = (acted.data?.agents ?? []) as string[]
    const { pane_pid: pid, ...row } = scene.agent(id)
    expect(row).toMatchObject({ status: 'running', role: 'coder', label: 'polecat', tier: 'sonnet', launches: 1 })
    expect(isAlive(pid)).toBe(true)
    const stopped = await scene.act('agent.stop', { agent: id })
    expect(stopped).toMatchObject({ outcome: 'verified' })
    expect(isAlive(pid)).toBe(false)
    expect(scene.agent(id)).toMatchObject({ status: 'stopped', wanted: 'stop' })
    expect(await scene.happened(id)).toEqual(['spawn', 'stop'])
  })

  test('a daemon that dies finds all of them again with one look, and no one twice', async () => {
    const dir = scratch()
    const before = await openScene({ dir })
    const ids = [await before.spawn(['sleep', '1000']), await before.spawn(['sleep', '1001'])]
    const pids = ids.map((id) => before.agent(id).pane_pid)
    await before.crash()
    const after = await openScene({ dir })
    await after.engine.look()
    for (const [index, id] of ids.entries()) {
      expect(after.agent(id)).toMatchObject({ status: 'running', pane_pid: pids[index], launches: 1 })
      expect(await after.happened(id)).toEqual(['spawn', 'readopt'])
    }
    await after.engine.look()
    expect(await after.happened(ids[0] ?? '')).toEqual(['spawn', 'readopt'])
  })

  test('one whose process dies is started again by the policy its owner agreed to', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '1000'], { restart: 'on_failure' })
    const first = scene.agent(id).pane_pid
    process.kill(first ?? 0, 'SIGKILL')
    await until('it is seen to have ended', async () => {
      await scene.engine.look()
      return scene.agent(id).status !== 'running'
    })
    expect(scene.agent(id)).toMatchObject({ status: 'backing_off', ended_at: expect.any(String) })
    scene.engine.start(scene.acting)
    await until('it runs again', async () => {
      await scene.engine.look()
      return scene.agent(id).status === 'running'
    })
    expect(scene.agent(id)).toMatchObject({ launches: 2, restarts: 1 })
    expect(scene.agent(id).pane_pid).not.toBe(first)
    expect(await scene.happened(id)).toEqual(['spawn', 'crash', 'restart'])
  })

  test('without a policy it stays as it ended', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sh', '-c', 'exit 3'])
    scene.engine.start(scene.acting)
    await until('it is seen to have ended', async () => {
      await scene.engine.look()
      return scene.agent(id).status === 'stopped'
    })
    expect(scene.agent(id)).toMatchObject({ exit_code: 3, launches: 1 })
    expect(scene.agent(id).status_reason).toContain('policy is never')
  })

  test('one that ends again and again is given up, with the count', async () => {
    const scene = await openScene({ engineKeys: { restart_max_endings: 3, restart_max_delay_seconds: 1 } })
    const id = await scene.spawn(['sh', '-c', 'exit 1'], { restart: 'always' })
    scene.engine.start(scene.acting)
    await until('it is given up', async () => {
      await scene.engine.look()
      return scene.agent(id).status === 'crash_loop'
    })
    expect(scene.agent(id)).toMatchObject({ launches: 3, restarts: 2 })
    expect(await scene.happened(id)).toEqual(['spawn', 'crash', 'restart', 'crash', 'restart', 'crash', 'give_up'])
    expect((await scene.act('agent.stop', { agent: id })).effects).toEqual([
      { what: `${id}: no process of it was left`, observed: true, evidence: 'process table' },
    ])
  })

  test('a full machine queues and starts the next when a place is free, the urgent one first', async () => {
    const scene = await openScene({ engineKeys: { max_agents_per_machine: 1 } })
    const first = await scene.spawn(['sleep', '1000'])
    const later = await scene.spawn(['sleep', '1001'])
    const urgent = await scene.spawn(['sleep', '1002'], { priority: 'critical' })
    expect([later, urgent].map((id) => scene.agent(id).status)).toEqual(['queued', 'queued'])
    scene.engine.start(scene.acting)
    await scene.act('agent.stop', { agent: first })
    await until('the urgent one runs', async () => {
      await scene.engine.look()
      return scene.agent(urgent).status === 'running'
    })
    expect(scene.agent(later).status).toBe('queued')
  })

  test('looks that run while agents are started conclude nothing about them', async () => {
    const scene = await openScene()
    scene.engine.start(scene.acting)
    let looking = true
    const looks = (async () => {
      while (looking) {
        await scene.engine.look()
        await pause(5)
      }
    })()
    const ids: string[] = []
    try {
      for (let i = 0; i < 6; i += 1) ids.push(await scene.spawn(['sleep', String(2000 + i)], { restart: 'always' }))
    } finally {
      looking = false
      await looks
    }
    await scene.engine.look()
    for (const id of ids) {
      expect(scene.agent(id)).toMatchObject({ status: 'running', launches: 1, restarts: 0 })
      expect(await scene.happened(id)).not.toContain('crash')
    }
  })

  test('one whose start was interrupted before its place was written down is found by its tags', async () => {
    const dir = scratch()
    const before = await openScene({ dir })
    const id = await before.spawn(['sleep', '1000'])
    const { pane_pid: pid, ...row } = before.agent(id)
    await before.engine.here.ports.book.change(
      { ...row, status: 'starting', pane_pid: null, pane_id: null, server_start: null, pane_start_ticks: null },
      [],
    )
    await before.crash()
    const after = await openScene({ dir })
    await after.engine.look()
    expect(after.agent(id)).toMatchObject({ status: 'running', pane_pid: pid })
  })

  test('the session its CLI is in is learnt from what is seen in its terminal, and kept when it dies', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '1000'])
    const isIn = async (session: string): Promise<void> => {
      const row = (await agents(scene.store.db, {})).find((one) => one.agent_id === id)
      if (row === undefined) throw new Error(`${id} is no agent`)
      const { verdict: _, first_seen: firstSeen, ...known } = row
      const rows = [{ ...known, first_seen: new Date(firstSeen), session_id: session }]
      await scene.store.write({
        ...{ machineId: 'here', source: 'test', at: new Date(), awaited: true },
        batches: [{ table: 'agents', rows }],
      })
    }
    await scene.engine.look()
    expect(scene.agent(id).session_id).toBeNull()
    await isIn('session-one')
    await scene.engine.look()
    expect(scene.agent(id).session_id).toBe('session-one')
    await isIn('session-two')
    process.kill(scene.agent(id).pane_pid ?? 0, 'SIGKILL')
    await until('it is seen to have ended', async () => {
      await scene.engine.look()
      return scene.agent(id).status !== 'running'
    })
    expect(scene.agent(id).session_id).toBe('session-two')
  })

  test('nobody is asked for a yes to what cannot be done', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '1000'])
    const caller = { pid: 1, terminal: true }
    const asks = async (verb: string, params: object): Promise<string> => {
      const wish = { verb, params: { agent: id, ...params }, origin: 'person', actor: 'ana' }
      const proposed = await scene.acting.propose({ wish, caller })
      return proposed.verdict === 'ask' ? 'asks' : (proposed.acted.refusal?.code ?? proposed.acted.outcome)
    }
    expect(await asks('agent.recover', { how: 'fresh' })).toBe('runs')
    expect(await asks('agent.stop', {})).toBe('asks')
    await scene.act('agent.stop', { agent: id })
    expect(await asks('agent.stop', {})).toBe('already_stopped')
    expect(await asks('agent.recover', { how: 'resume' })).toBe('no_session')
    expect(await asks('agent.recover', { how: 'fresh' })).toBe('asks')
  })

  test('a machine that was started anew makes a plan and no deed', async () => {
    const dir = scratch()
    const scene = await openScene({ dir })
    const id = await scene.spawn(['sleep', '1000'], { restart: 'always' })
    const { book } = scene.engine.here.ports
    await book.change({ ...scene.agent(id), boot_id: 'the-boot-before' }, [])
    await endServer(dir)
    scene.engine.start(scene.acting)
    await scene.engine.look()
    expect(scene.agent(id)).toMatchObject({ status: 'lost', wanted: 'run', pane_pid: null })
    await scene.engine.look()
    expect(scene.agent(id)).toMatchObject({ status: 'lost', launches: 1 })
    expect(await scene.act('agent.recover', { agent: id, how: 'resume' })).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'no_session' },
    })
    expect(await scene.act('agent.recover', { agent: id, how: 'fresh' })).toMatchObject({ outcome: 'verified' })
    expect(scene.agent(id)).toMatchObject({ status: 'running', launches: 2 })
    expect(await scene.happened(id)).toEqual(['spawn', 'lost', 'recover'])
  })
})
