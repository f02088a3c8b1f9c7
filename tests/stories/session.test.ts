import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTmuxHost } from '../../src/engine/hosts/tmux-host.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'
import { scratchTmux } from '../engine/hosts/scratch-tmux.ts'
import { type Fleet, missingPrograms, startFleet } from '../transport/executors/fleet.ts'
import { openOn } from '../transport/executors/ways.ts'
import { newUser, until } from './vc-process.ts'

const BIN = join(import.meta.dirname, '../../bin/vc.js')
const OWN = '.local/state/vc/run/tmux.sock'
const ECHO = ['sh', '-c', `while IFS= read -r l; do printf '%s\\n' "$l" | tr a-z A-Z; done`] as const

const missing = missingPrograms(['tmux', 'sshd', 'ssh', 'ssh-keygen'])

describe.skipIf(missing !== null)('a seat at an agent', () => {
  let fleet: Fleet
  const user = newUser()
  // the terminal of the person: a tmux of another server, so that keys can be pressed and the screen be read
  const desk = scratchTmux()
  const inner = { here: join(user.home, OWN), there: '' }

  beforeAll(async () => {
    fleet = await startFleet(1, [])
    inner.there = join(fleet.dir, 'home', OWN)
    const config = join(user.home, 'vc.toml')
    const machines = '[[machines]]\nid = "here"\nssh = "local"\n\n[[machines]]\nid = "there"\nssh = "m0000"\n'
    writeFileSync(config, `[ssh]\nconfig_file = "${fleet.configFile}"\n\n${machines}`, { mode: 0o600 })
    Object.assign(user.env, { VC_CONFIG: config })
    const start = async (machineId: string, executor: ReturnType<typeof openLocalExecutor>, socket: string) => {
      const host = openTmuxHost({ machineId, executor, socket })
      const tags = { agent: `${machineId}/claude-7k2m` }
      const started = await host.start({ name: 'vc-claude-7k2m', argv: ECHO, cwd: '/tmp', tags, log: null })
      expect(started.is).toBe('started')
      await executor.close()
    }
    await start('here', openLocalExecutor(), inner.here)
    await start('there', await openOn(fleet, 'ssh2', 'm0000'), inner.there)
  }, 60_000)

  afterAll(async () => {
    for (const socket of [inner.here, inner.there]) if (existsSync(socket)) tmuxAt(socket, 'kill-server')
    desk.down()
    fleet.down()
    rmSync(desk.dir, { recursive: true, force: true })
    await user.leave()
  }, 60_000)

  const tmuxAt = (socket: string, ...args: readonly string[]): string => desk.tmux('-S', socket, ...args).stdout
  const sitDown = (name: string, ...flags: readonly string[]): string => {
    const words = [process.execPath, BIN, 'session', 'attach', name, ...flags].join(' ')
    const env = Object.entries({ ...user.env, TMUX: 'inside,1,0' }).flatMap(([key, value]) => ['-e', `${key}=${value}`])
    const seat = `s${Math.random().toString(36).slice(2)}`
    desk.tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '90',
      '-y',
      '20',
      '-s',
      seat,
      ...env,
      `${words}; echo "left $?"; exec cat`,
    )
    return seat
  }
  const seen = (seat: string): string => desk.tmux('capture-pane', '-p', '-t', `=${seat}:`).stdout
  // keys that come in one read count as pasted, and a pasted prefix is none (assume-paste-time): so it is pressed
  // again, as a person would
  const leaves = async (seat: string): Promise<void> => {
    let pressedMs = 0
    const left = (): boolean => {
      if (seen(seat).includes('left 0')) return true
      if (Date.now() - pressedMs > 2000) {
        desk.tmux('send-keys', '-t', `=${seat}:`, 'C-b', 'd')
        pressedMs = Date.now()
      }
      return false
    }
    await until(left, () => seen(seat), 40_000)
  }
  const clients = (socket: string): string => tmuxAt(socket, 'list-clients', '-F', '#{client_readonly}').trim()
  const size = (socket: string): string =>
    tmuxAt(socket, 'list-panes', '-a', '-F', '#{pane_width}x#{pane_height}').trim()

  test('all terminals are listed, and a machine that is not there is named', async () => {
    const { stdout, code } = await user.vc('session', 'list', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      sessions: [
        { machine: 'here', agent: 'here/claude-7k2m', state: 'running', attached: 0, cols: 120, rows: 30 },
        { machine: 'there', agent: 'there/claude-7k2m', socket: inner.there },
      ],
      unseen: [],
    })
    const table = await user.vc('session', 'list', '--machine', 'there')
    expect(table.stdout).toMatch(/there +vc-claude-7k2m +there\/claude-7k2m +running/)
  }, 60_000)

  test.each(['here', 'there'] as const)(
    'a person types into an agent that is %s, and leaves it running',
    async (place) => {
      const seat = sitDown(`${place}/claude-7k2m`)
      await until(
        () => clients(inner[place]) === '0',
        () => `a client at ${place}: ${seen(seat)}`,
        40_000,
      )
      desk.tmux('send-keys', '-t', `=${seat}:`, `seated ${place}`, 'Enter')
      await until(
        () => seen(seat).includes(`SEATED ${place.toUpperCase()}`),
        () => seen(seat),
        40_000,
      )
      expect(size(inner[place])).toBe('120x30')
      await leaves(seat)
      expect(clients(inner[place])).toBe('')
      expect(size(inner[place])).toBe('120x30')
    },
    150_000,
  )

  test('who only looks cannot type', async () => {
    const seat = sitDown('there/vc-claude-7k2m', '-r')
    await until(
      () => clients(inner.there) === '1',
      () => `a client: ${seen(seat)}`,
      40_000,
    )
    desk.tmux('send-keys', '-t', `=${seat}:`, 'secretly', 'Enter')
    await leaves(seat)
    expect(tmuxAt(inner.there, 'capture-pane', '-p')).not.toMatch(/secretly/i)
    expect(size(inner.there)).toBe('120x30')
  }, 150_000)

  test('a name on two machines asks which, an unknown one and no terminal say what to do', async () => {
    const both = await user.vc('session', 'attach', 'claude-7k2m', '--print')
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('machine/session') })
    const none = await user.vc('session', 'attach', 'nobody', '--print')
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('vc session list') })
    const pipe = await user.vc('session', 'attach', 'here/claude-7k2m')
    expect(pipe).toMatchObject({ code: 2, stderr: expect.stringContaining('--print') })
    const words = await user.vc('session', 'attach', 'here/claude-7k2m', '--print', '-r')
    expect(words.stdout).toContain(`tmux -u -S ${inner.here} attach-session -E -r -t %0`)
  }, 60_000)
})
