import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratchTmux } from '../engine/hosts/scratch-tmux.ts'
import { type Fleet, missingPrograms, startFleet } from '../transport/executors/fleet.ts'
import { openDesk, PATIENCE_MS } from './desk.ts'
import { newUser, until } from './vc-process.ts'

const missing = missingPrograms(['tmux', 'sshd', 'ssh', 'ssh-keygen'])

describe.skipIf(missing !== null)('the engine, when vc.toml changes under it', () => {
  let fleet: Fleet
  const user = newUser()
  const desk = openDesk(user.env)
  const inner = scratchTmux()
  const config = join(user.home, 'vc.toml')

  const configure = (ssh: string, allow: boolean): void => {
    const machine = `[[machines]]\nid = "there"\nssh = "${ssh}"\nallow_write_commands = ${allow}\n`
    writeFileSync(config, `[ssh]\nconfig_file = "${fleet.configFile}"\n\n${machine}`, { mode: 0o600 })
  }

  beforeAll(async () => {
    // Two ways to the same machine, and one where nobody listens.
    fleet = await startFleet(2, ['refuse'])
    configure('m0000', true)
    Object.assign(user.env, { VC_CONFIG: config })
  }, 60_000)

  afterAll(async () => {
    const socket = join(fleet.dir, 'home/.local/state/vc/run/tmux.sock')
    if (existsSync(socket)) inner.tmux('-S', socket, 'kill-server')
    inner.down()
    desk.leave()
    fleet.down()
    await user.leave()
  }, 60_000)

  const status = async (): Promise<unknown> => {
    const said = await user.vc('robot', 'engine', '--json')
    return (JSON.parse(said.stdout) as { data: { agents: readonly { status: string }[] } }).data.agents[0]?.status
  }

  test('what a machine allows and where it is are in force at once, and an agent is met again over another way', async () => {
    const daemon = user.start('daemon')
    await daemon.until(/answering on/)
    const reloads = (): number => daemon.said().split('configuration reloaded').length - 1
    const reload = async (ssh: string, allow: boolean): Promise<void> => {
      const before = reloads()
      configure(ssh, allow)
      daemon.child.kill('SIGHUP')
      await until(
        () => reloads() > before,
        () => `a reload: ${daemon.said()}`,
        PATIENCE_MS,
      )
    }
    const spawned = await desk.vc(
      ...['agent', 'spawn', '-m', 'there', '--cwd', '/tmp', '--cli', 'generic', '--restart', 'always', '--yes'],
      ...['--', 'sleep', '3800'],
    )
    expect(spawned, spawned.text).toMatchObject({ code: 0 })
    const [id = ''] = /there\/agent-\w+/.exec(spawned.text) ?? []

    await reload('m0000', false)
    const forbidden = await desk.vc('agent', 'stop', id, '--yes')
    expect(forbidden).toMatchObject({ code: 4, text: expect.stringContaining('vc may change nothing on there') })

    await reload('refuse', true)
    const unreached = await desk.vc('agent', 'stop', id, '--yes')
    expect(unreached).toMatchObject({ code: 4, text: expect.stringContaining('refused') })
    expect(unreached.text).not.toContain('vc may change nothing')
    // Nobody answered: nothing is concluded of the agent.
    expect(await status()).toBe('running')

    await reload('m0001', true)
    const stopped = await desk.vc('agent', 'stop', id, '--yes')
    expect(stopped, stopped.text).toMatchObject({ code: 0 })
    expect(await status()).toBe('stopped')
    daemon.child.kill('SIGTERM')
    expect(await daemon.ended).toBe(0)
  }, 900_000)
})
