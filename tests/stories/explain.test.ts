import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStage, programOf, startTicks, writeHome } from '../collectors/evidence/played-agent.ts'
import { bundleNamed } from '../oracle/agent-bundles.ts'
import { hasProgram } from '../programs.ts'
import { newUser, until } from './vc-process.ts'

const ready = hasProgram('tmux')

describe.runIf(ready)('vc explain, on a machine with an agent', () => {
  let user: ReturnType<typeof newUser>
  let stage: ReturnType<typeof openStage>
  beforeEach(() => {
    user = newUser()
    // where tmux keeps the sockets of this user: vc looks there
    const folder = join(user.home, `tmux-${process.getuid?.() ?? 0}`)
    mkdirSync(folder, { mode: 0o700 })
    stage = openStage(join(folder, 'private'))
  })
  afterEach(async () => {
    stage.close()
    await user.leave()
  }, 60_000)

  const play = async (): Promise<number> => {
    const bundle = bundleNamed('cl-approve-write-file')
    const cwd = join(user.home, 'ledger')
    const shown = { cwd, screen: String(bundle.screen_ansi), title: '✳ Claude Code', width: 80, height: 24 }
    const { pid } = stage.pane(shown, 'claude')
    await until(
      () => programOf(pid) === 'claude',
      () => 'claude to run',
    )
    writeHome(user.home, bundle, { pid, ticks: startTicks(pid) })
    return pid
  }

  const agentOf = async (pid: number): Promise<string> => {
    const { agents } = JSON.parse((await user.vc('robot', 'agents', '--json')).stdout).data
    return agents.find((agent: { pid: number }) => agent.pid === pid)?.agent ?? ''
  }

  const explained = async (agent: string) => {
    const said = await user.vc('explain', agent, '--json')
    expect(said).toMatchObject({ code: 0, stderr: '' })
    const file = join(user.home, 'f.json')
    writeFileSync(file, said.stdout)
    const bundle = JSON.parse(said.stdout)
    expect(bundle).toMatchObject({
      notes: [],
      screen: expect.stringContaining('Create file'),
      verdict: { state: 'needs_approval', winner: { source: 'claude.registry' } },
      live_state: { claude_sessions: expect.arrayContaining([expect.objectContaining({ status: 'waiting' })]) },
    })
    const again = await user.vc('explain', '--from', file, '--json')
    expect(JSON.parse(again.stdout)).toEqual(bundle.verdict)
    return bundle
  }

  test('without a daemon it looks for itself, and the printed bundle judges again', { timeout: 180_000 }, async () => {
    const pid = await play()
    expect(await user.vc('collect')).toMatchObject({ code: 0 })
    const agent = await agentOf(pid)
    const bundle = await explained(agent)
    expect(bundle.transcript_tail.length).toBeGreaterThan(0)
    const stored = await user.vc('explain', agent, '--stored', '--json')
    expect(JSON.parse(stored.stdout)).toMatchObject({ screen: null, sightings: expect.any(Array) })
    // nothing of the look was kept; only the words of the open dialog are, for a day
    const kept = readFileSync(join(user.home, '.local/share/vc/vc.duckdb'), 'latin1')
    expect(kept.includes('I will add the parser first')).toBe(false)
  })

  test('a daemon asks over the connection it keeps; an agent that ended is told as dead', {
    timeout: 180_000,
  }, async () => {
    const pid = await play()
    const daemon = user.start('daemon')
    await daemon.until(/answering on/)
    let agent = ''
    await until(
      async () => {
        agent = await agentOf(pid)
        return agent !== ''
      },
      () => `the daemon to see ${pid}`,
    )
    await explained(agent)
    process.kill(pid, 'SIGKILL')
    await until(
      async () => JSON.parse((await user.vc('explain', agent, '--json')).stdout).verdict.state === 'dead',
      () => 'the agent to be dead',
    )
  })
})
