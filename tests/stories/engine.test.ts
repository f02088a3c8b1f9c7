import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openLocalExecutor } from '../../src/transport/local.ts'
import { openScene } from '../commands/engine/scene.ts'
import { hasProgram } from '../programs.ts'
import { newUser, until } from './vc-process.ts'

const MANY = 20

interface EngineTopic {
  readonly agents: readonly {
    readonly agent: string
    readonly status: string
    readonly pid: number
    readonly launches: number
    readonly health: { readonly alive: boolean | null }
  }[]
  readonly events: readonly { readonly type: string; readonly agent: string }[]
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasProgram('tmux'))('agents and the daemon', () => {
  test(`kill -9 of the daemon leaves ${MANY} agents alive, and the next one has them again with their history`, async () => {
    const user = newUser()
    const dataDir = join(user.home, '.local/share/vc')
    const runDir = join(user.home, '.local/state/vc/run')
    const socket = join(runDir, 'tmux.sock')
    onTestFinished(async () => {
      const script = `tmux -S '${socket}' kill-server; exit 0`
      await openLocalExecutor().run({ script, deadlineMs: 10_000, maxStdout: 1000, maxStderr: 1000 })
      await user.leave()
    })
    for (const dir of [dataDir, runDir, join(user.home, '.config/vc')]) mkdirSync(dir, { recursive: true, mode: 0o700 })
    writeFileSync(
      join(user.home, '.config/vc/vc.toml'),
      '[[machines]]\nid = "here"\nssh = "local"\nallow_write_commands = true\n',
      { mode: 0o600 },
    )
    const before = await openScene({ dir: dataDir, socket })
    const acted = await before.act('agent.spawn', {
      ...{ machine: 'here', cli: 'generic', cwd: user.home, count: MANY, restart: 'always' },
      args: ['sh', '-c', 'echo first words of $VC_AGENT; exec sleep 1000'],
    })
    expect(acted.outcome).toBe('verified')
    await before.crash()

    const ask = async (): Promise<EngineTopic> => {
      const said = await user.vc('robot', 'engine', '--json', '--limit', '1000')
      return (JSON.parse(said.stdout) as { data: EngineTopic }).data
    }
    const readopted = async (times: number): Promise<EngineTopic> => {
      let topic: EngineTopic = { agents: [], events: [] }
      await until(
        async () => {
          topic = await ask()
          return topic.events.filter((event) => event.type === 'readopt').length >= times * MANY
        },
        () => `${times * MANY} agents found again; seen: ${JSON.stringify(topic.events.slice(0, 5))}`,
      )
      return topic
    }
    const first = user.start('daemon')
    await first.until(/answering/)
    const met = await readopted(1)
    first.child.kill('SIGKILL')
    await first.ended
    expect(met.agents.filter((agent) => isAlive(agent.pid))).toHaveLength(MANY)

    const second = user.start('daemon')
    await second.until(/answering/)
    const again = await readopted(2)
    expect(again.agents.map(({ agent, pid }) => [agent, pid])).toEqual(met.agents.map(({ agent, pid }) => [agent, pid]))
    for (const agent of again.agents)
      expect(agent).toMatchObject({ status: 'running', launches: 1, health: { alive: true } })
    expect(again.events.filter(({ type }) => type === 'crash' || type === 'restart')).toEqual([])
    const [one] = again.agents
    const log = await user.vc('agent', 'logs', one?.agent ?? '', '--screen')
    expect(log.stdout).toContain(`first words of ${one?.agent}`)
    second.child.kill('SIGTERM')
    await second.ended
    expect(again.agents.filter((agent) => isAlive(agent.pid))).toHaveLength(MANY)
  }, 180_000)
})
