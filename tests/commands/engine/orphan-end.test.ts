import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { endOrphan } from '../../../src/commands/engine/orphan-act.ts'
import { lookForOrphans } from '../../../src/commands/engine/orphans.ts'
import type { Executor } from '../../../src/core/executor.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { type EngineScene, openScene, scratch } from './scene.ts'

const statOf = (pid: number): readonly string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
const isAlive = (pid: number): boolean => {
  try {
    return !/^[ZX]$/.test(statOf(pid)[0] ?? 'X')
  } catch {
    return false
  }
}
const ticksOf = (pid: number): number => Number(statOf(pid)[19])

const endLater = (pid: number): void =>
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within 60 s: ${what}`)
    await wait(50)
  }
}

/** A process of the test's own, marked as one of an agent where `env` says so. */
const started = async (env: Readonly<Record<string, string>>, ...argv: readonly string[]): Promise<ChildProcess> => {
  const [file = 'sleep', ...args] = argv.length > 0 ? argv : ['sleep', '3700']
  const child = spawn(file, args, { env: { PATH: process.env.PATH ?? '', ...env }, stdio: ['pipe', 'pipe', 'ignore'] })
  const { pid = 0 } = child
  endLater(pid)
  // Before it became its program it is a copy of the one that started it, with other words around it.
  await until('its program to run', () => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === file)
  return child
}

/** An agent that ends and leaves one process behind; the pid of that. */
const leftBehind = async (scene: EngineScene, program: string): Promise<{ id: string; pid: number }> => {
  const id = await scene.spawn(['sh', '-c', `setsid ${program} & sleep 0.3`])
  await until('the agent to end', async () => {
    await scene.engine.look()
    return scene.agent(id).status !== 'running'
  })
  let pid = 0
  await until('what it left behind is seen', async () => {
    const seen = await lookForOrphans(scene.engine.here, 'here')
    pid = seen?.find((row) => row.agent_id === id && row.comm === 'sleep')?.pid ?? 0
    return pid > 0
  })
  endLater(pid)
  return { id, pid }
}

const listed = (scene: EngineScene): readonly number[] =>
  scene.engine.here.ports.book.orphans('here').map((row) => row.pid)

describe.skipIf(!hasProgram('tmux') || process.platform !== 'linux')('what an agent left behind', () => {
  test('is ended when a person says so, told by its number; another one of the same agent stays', async () => {
    const scene = await openScene()
    const { pid } = await leftBehind(scene, 'sleep 3701')
    const other = await leftBehind(scene, 'sleep 3702')
    expect(await scene.act('orphan.end', { pid: String(pid) })).toMatchObject({
      ...{ outcome: 'verified', effects: [{ what: expect.stringContaining(`pid ${pid} (sleep)`), observed: true }] },
    })
    expect([pid, other.pid].map(isAlive)).toEqual([false, true])
    expect(listed(scene)).toEqual([other.pid])
  }, 120_000)

  test('is ended although it is deaf to TERM', async () => {
    const scene = await openScene()
    const { pid } = await leftBehind(scene, `sh -c 'trap "" TERM; exec sleep 3703'`)
    expect(await scene.act('orphan.end', { pid, machine: 'here' })).toMatchObject({ outcome: 'verified' })
    expect(isAlive(pid)).toBe(false)
  }, 120_000)

  test('the answer is for the process that was shown: what is gone since is refused', async () => {
    const scene = await openScene()
    const { pid } = await leftBehind(scene, 'sleep 3704')
    const caller = { pid: 1, terminal: true }
    const wish = { verb: 'orphan.end', params: { pid }, origin: 'person', actor: 'ana' }
    const asked = await scene.acting.propose({ wish, caller })
    if (asked.verdict !== 'ask') throw new Error(JSON.stringify(asked))
    expect(asked.shown.join('\n')).toMatch(/^sleep, \d+ MB; .* left it behind \(agent ended\)/)
    process.kill(pid, 'SIGKILL')
    await until('it is gone', () => !isAlive(pid))
    const acted = await scene.acting.confirm({ token: asked.token, yes: true, caller })
    expect(acted).toMatchObject({ outcome: 'refused', refusal: { code: 'proposal_changed' } })
  }, 120_000)

  test('nothing else is ended: not what a living agent has, not what vc never started, not another vc’s', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '3705'])
    const { hub } = scene.engine.here.ports
    const living = scene.agent(id).pane_pid ?? 0
    const strange = (await started({})).pid ?? 0
    const foreign = (await started({ VC_HUB: '0123456789abcdef', VC_AGENT: 'here/agent-gone' })).pid ?? 0
    const sameAgent = (await started({ VC_HUB: hub, VC_AGENT: id })).pid ?? 0
    for (const pid of [living, strange, foreign, sameAgent, process.pid]) {
      const acted = await scene.act('orphan.end', { pid, machine: 'here' })
      expect(acted, String(pid)).toMatchObject({ outcome: 'refused', refusal: { code: 'not_left_behind' } })
      expect(isAlive(pid)).toBe(true)
    }
  }, 120_000)

  test.each([
    ['no number', { pid: 'all' }, 'bad_pid'],
    ['the number of init', { pid: 1 }, 'bad_pid'],
    ['a number nobody left behind, without a machine', { pid: 4_000_000 }, 'unknown_orphan'],
  ])('a wish with %s is no wish', async (_, params, code) => {
    const scene = await openScene()
    await expect(scene.act('orphan.end', params)).rejects.toMatchObject({ code })
  })

  test('the proofs are looked up again on the machine: another start, another mark, another agent', async () => {
    const executor = openLocalExecutor()
    onTestFinished(() => executor.close())
    const mark = { VC_HUB: 'feedfeedfeedfeed', VC_AGENT: 'here/agent-x' }
    const { pid = 0 } = await started(mark)
    const target = { pid, startTicks: ticksOf(pid), hub: mark.VC_HUB, agentId: mark.VC_AGENT }
    const tried = (over: object) => endOrphan(executor, { ...target, ...over }, 500)
    expect(await tried({ startTicks: target.startTicks + 1 })).toEqual({ is: 'refused', why: 'other_process' })
    expect(await tried({ hub: 'feedfeedfeedfee' })).toEqual({ is: 'refused', why: 'not_marked' })
    expect(await tried({ agentId: 'here/agent' })).toEqual({ is: 'refused', why: 'not_marked' })
    expect(await tried({ agentId: '.*' })).toEqual({ is: 'refused', why: 'not_marked' })
    expect(isAlive(pid)).toBe(true)
    expect(await tried({})).toEqual({ is: 'ended' })
    expect(await tried({})).toMatchObject({ is: 'gone' })
  })

  test('vc never ends what it runs below, though an agent started it', async () => {
    const dir = scratch()
    const mark = { VC_HUB: 'feedfeedfeedfeed', VC_AGENT: 'here/agent-x' }
    const above = await started(mark, 'sh', '-c', 'read -r f; sh -s <"$f"; read -r f')
    const { pid = 0 } = above
    const below: Executor = {
      kind: 'local',
      async run({ script }) {
        writeFileSync(join(dir, 'script'), script)
        above.stdin?.write(`${join(dir, 'script')}\n`)
        const chunks: Buffer[] = []
        above.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
        await until('the script to end', () => / end\n$/.test(Buffer.concat(chunks).toString()) || !isAlive(pid))
        return { class: 'ok', stdout: Buffer.concat(chunks) } as never
      },
      stream: () => {
        throw new Error('not asked')
      },
      close: async () => undefined,
    }
    const target = { pid, startTicks: ticksOf(pid), hub: mark.VC_HUB, agentId: mark.VC_AGENT }
    expect(await endOrphan(below, target, 500)).toEqual({ is: 'refused', why: 'above_vc' })
    expect(isAlive(pid)).toBe(true)
  })
})
