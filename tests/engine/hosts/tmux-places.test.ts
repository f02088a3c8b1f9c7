import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { tmux as collector } from '../../../src/collectors/tmux/index.ts'
import type { Executor } from '../../../src/core/executor.ts'
import { openTmuxHost } from '../../../src/engine/hosts/tmux-host.ts'
import { missingPrograms } from '../../transport/executors/fleet.ts'
import { SHELL_PROGRAMS } from './host-contract.ts'
import { alive, hostedTmux } from './hosted-tmux.ts'

describe.skipIf(missingPrograms(['tmux', 'setsid']) !== null)('where the tmux server of agents lies', () => {
  const here = hostedTmux()

  test('no server, a stale socket and a socket in somebody else’s place are told apart', async () => {
    expect(await here.host.list()).toMatchObject({ is: 'listed', panes: [] })
    const pane = await here.start('exec cat')
    process.kill(pane.ref.serverPid, 'SIGKILL')
    await vi.waitFor(() => expect(alive(pane.ref.serverPid)).toBe(false), { timeout: 45_000 })
    expect(await here.host.list()).toMatchObject({ is: 'listed', panes: [] })
    expect(await here.host.type(pane.ref, { text: 'x' })).toMatchObject({ is: 'refused', why: 'pane_gone' })
    expect(await here.host.end(pane.ref, 0)).toMatchObject({ is: 'refused', why: 'pane_gone' })
    const again = await here.start('exec cat')
    expect(again.ref.paneId).toBe(pane.ref.paneId)
    expect(await here.host.type(pane.ref, { text: 'x' })).toMatchObject({ is: 'refused', why: 'pane_gone' })
    const noWay: Executor = {
      ...here.executor,
      run: async (request) => ({ ...(await here.executor.run({ ...request, script: 'exit 0' })), class: 'refused' }),
    }
    const unreached = openTmuxHost({ machineId: 'far', executor: noWay, socket: here.scratch.socket })
    expect(await unreached.type(again.ref, { text: 'x' })).toMatchObject({ is: 'trouble', code: 'way' })
    const lost: Executor = {
      ...noWay,
      run: async (request) => ({ ...(await noWay.run(request)), class: 'connection_lost' }),
    }
    const broken = openTmuxHost({ machineId: 'far', executor: lost, socket: here.scratch.socket })
    expect(await broken.type(again.ref, { text: 'x' })).toMatchObject({ is: 'outcome_unknown' })
  })

  test('a home too deep for a socket gets one in the temp folder, and the collector finds it there', async () => {
    const state = join(here.scratch.dir, 'x'.repeat(100))
    const deep: Executor = {
      ...here.executor,
      run: (request) =>
        here.executor.run({
          ...request,
          script: `XDG_STATE_HOME='${state}'; export XDG_STATE_HOME\n${request.script}`,
        }),
    }
    const own = openTmuxHost({ machineId: 'here', executor: deep })
    const started = await own.start({ name: 'deep', argv: ['cat'], cwd: '/tmp', log: null })
    const socket = started.is === 'started' ? started.pane.ref.socket : ''
    try {
      expect(socket).toMatch(/^\/tmp\/vc-\d+-\d+\/tmux\.sock$/)
      expect(await seenByCollector(state)).toMatchObject([{ socket, session_name: 'deep' }])
    } finally {
      if (socket !== '') spawnSync('tmux', ['-S', socket, 'kill-server'])
      if (socket !== '') rmSync(dirname(socket), { recursive: true, force: true })
    }
  })

  const seenByCollector = async (state: string) => {
    const ran = await collector.collect({
      cursors: new Map(),
      startedAt: new Date(),
      known: async () => [],
      run: async ({ script, args }: { script: string; args: readonly string[] }) => {
        const env = { ...process.env, XDG_STATE_HOME: state, TMUX_TMPDIR: here.scratch.dir }
        const { stdout } = spawnSync('sh', ['-s', '--', ...args], { input: script, env })
        return { fault: null, stdout, stderr: new Uint8Array(0) }
      },
    } as never)
    return ran.batches.find(({ table }) => table === 'pty_sessions')?.rows
  }

  test('the collector sees the sessions on vc’s own socket', async () => {
    const state = join(here.scratch.dir, 'state')
    const own = openTmuxHost({ machineId: 'here', executor: here.executor, socket: join(state, 'vc/run/tmux.sock') })
    const started = await own.start({
      name: 'seen',
      argv: [...SHELL_PROGRAMS.echo] as ['sh', ...string[]],
      cwd: '/tmp',
      log: null,
    })
    try {
      expect(started.is).toBe('started')
      expect(await seenByCollector(state)).toMatchObject([
        { socket: join(state, 'vc/run/tmux.sock'), session_name: 'seen' },
      ])
    } finally {
      spawnSync('tmux', ['-S', join(state, 'vc/run/tmux.sock'), 'kill-server'])
    }
  })
})
