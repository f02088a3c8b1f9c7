import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratchTmux } from '../engine/hosts/scratch-tmux.ts'
import { type Fleet, missingPrograms, startFleet } from '../transport/executors/fleet.ts'
import { openDesk, PATIENCE_MS } from './desk.ts'
import { newUser, until } from './vc-process.ts'

// Hears lines and Ctrl-C, is deaf to polite ends, and has a child in a session of its own and one that nobody is the parent of.
const AGENT = `trap 'echo INTERRUPTED' INT
trap '' HUP TERM
setsid sh -c 'trap "" HUP TERM; exec sleep 3601' & echo $! > "$1/child"
( setsid sleep 3602 & echo $! > "$1/stray" )
echo READY
while :; do if IFS= read -r line; then printf 'HEARD %s\\n' "$line"; else sleep 0.2; fi; done
`

interface Kept {
  readonly agent: string
  readonly pid: number
  readonly status: string
  readonly launches: number
}

const missing = missingPrograms(['tmux', 'sshd', 'ssh', 'ssh-keygen', 'setsid'])

const isAlive = (pid: number): boolean => {
  try {
    // A dead one whose parent has not looked yet is dead.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe.skipIf(missing !== null || !existsSync('/proc/self/status'))('an agent on another machine, by ssh', () => {
  let fleet: Fleet
  const user = newUser()
  const desk = openDesk(user.env)
  const inner = scratchTmux()
  let stray = 0

  beforeAll(async () => {
    fleet = await startFleet(1, [])
    writeFileSync(join(fleet.dir, 'agent.sh'), AGENT)
    const config = join(user.home, 'vc.toml')
    const machine = '[[machines]]\nid = "there"\nssh = "m0000"\nallow_write_commands = true\n'
    writeFileSync(
      config,
      `[ssh]\nconfig_file = "${fleet.configFile}"\n\n[engine]\nlook_remote_seconds = 2\n\n${machine}`,
      {
        mode: 0o600,
      },
    )
    Object.assign(user.env, { VC_CONFIG: config })
  }, 60_000)

  afterAll(async () => {
    const socket = join(fleet.dir, 'home/.local/state/vc/run/tmux.sock')
    if (existsSync(socket)) inner.tmux('-S', socket, 'kill-server')
    if (stray > 0 && isAlive(stray)) process.kill(stray, 'SIGKILL')
    inner.down()
    desk.leave()
    fleet.down()
    await user.leave()
  }, 60_000)

  const kept = async (): Promise<Kept> => {
    const said = await user.vc('robot', 'engine', '--json')
    const { agents } = (JSON.parse(said.stdout) as { data: { agents: readonly Kept[] } }).data
    expect(agents).toHaveLength(1)
    return agents[0] as Kept
  }
  const shows = async (id: string, words: string): Promise<void> => {
    let lines = ''
    await until(
      async () => {
        lines = (await user.vc('agent', 'logs', id, '--screen')).stdout
        return lines.includes(words)
      },
      () => `${words} on its screen: ${lines}`,
      PATIENCE_MS,
    )
  }
  const pidIn = (name: string): number => Number(readFileSync(join(fleet.dir, name), 'utf8'))

  test('is started, told, interrupted, found again after kill -9 of the daemon, and stopped with what it left named', async () => {
    const daemon = user.start('daemon')
    await daemon.until(/answering on/)
    const spawned = await desk.vc(
      ...['agent', 'spawn', '-m', 'there', '--cwd', '/tmp', '--cli', 'generic', '--restart', 'always', '--yes'],
      ...['--', 'sh', join(fleet.dir, 'agent.sh'), fleet.dir],
    )
    expect(spawned, spawned.text).toMatchObject({ code: 0 })
    const first = await kept()
    expect(first).toMatchObject({ status: 'running', launches: 1 })
    const id = first.agent
    await shows(id, 'READY')
    stray = pidIn('stray')

    const sent = await desk.vc('agent', 'send', id, 'mend the build', '--yes')
    // What a program nobody knows does with a line is not claimed.
    expect(sent.text).toContain('not seen')
    await shows(id, 'HEARD mend the build')
    await desk.vc('agent', 'interrupt', id, '--yes')
    await shows(id, 'INTERRUPTED')
    expect(isAlive(first.pid)).toBe(true)
    const log = await user.vc('agent', 'logs', id)
    expect(log.stdout).toContain('HEARD mend the build')

    daemon.child.kill('SIGKILL')
    await daemon.ended
    expect([first.pid, pidIn('child'), stray].map(isAlive)).toEqual([true, true, true])
    const next = user.start('daemon')
    await next.until(/answering on/)
    let events: readonly { readonly type: string }[] = []
    await until(
      async () => {
        const said = await user.vc('robot', 'engine', '--json')
        events = (JSON.parse(said.stdout) as { data: { events: typeof events } }).data.events
        return events.some(({ type }) => type === 'readopt')
      },
      () => `it to be found again: ${JSON.stringify(events)}`,
      PATIENCE_MS,
    )
    expect(await kept()).toMatchObject({ agent: id, pid: first.pid, launches: 1, status: 'running' })
    await shows(id, 'HEARD mend the build')

    const child = pidIn('child')
    const stopped = await desk.vc('agent', 'stop', id, '--yes')
    expect(stopped.text).toMatch(new RegExp(`not seen.* pid ${stray} \\(sleep\\) of ${id} ended`))
    expect(stopped.code).toBe(5)
    expect([first.pid, child, stray].map(isAlive)).toEqual([false, false, true])
    expect(await kept()).toMatchObject({ status: 'stopped' })
    const orphans = await user.vc('agent', 'list', '--orphans')
    expect(orphans.stdout).toMatch(new RegExp(`${stray} +sleep`))
    const ended = await desk.vc('agent', 'stop', '--orphan', String(stray), '--yes')
    expect(ended, ended.text).toMatchObject({ code: 0 })
    expect(isAlive(stray)).toBe(false)
    expect((await user.vc('agent', 'list', '--orphans')).stdout).toContain('nothing was left behind')
    next.child.kill('SIGTERM')
    expect(await next.ended).toBe(0)
  }, 900_000)
})
