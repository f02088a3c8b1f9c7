import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LoadedConfig } from '../../../src/config/index.ts'
import { silentLog } from '../../../src/core/log.ts'
import type { Row } from '../../../src/core/rows.ts'
import type { HostPane } from '../../../src/core/session-host.ts'
import { startAdoptRule } from '../../../src/daemon/adopt-rule.ts'
import { openTmuxHost } from '../../../src/engine/hosts/tmux-host.ts'
import { agentNamed, auditedActions } from '../../../src/store/index.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { openSteerScene, type SteerScene } from './scene.ts'

const ID = 'here/claude-user'
const NOW = new Date('2026-11-21T06:00:00Z')

const paneRow = ({ ref, sessionName }: HostPane): Row => ({
  socket: ref.socket, server_pid: ref.serverPid, server_start_epoch_s: ref.serverStartS, pane_id: ref.paneId, session_id: '$0',
  session_name: sessionName, pane_pid: ref.pid, dead: false, gone: false,
}) // biome-ignore format: a table of values

const agentRow = ({ ref, sessionName }: HostPane, session: string, cwd: string): Row => ({
  agent_id: ID, machine_id: 'here', cli: 'claude', kind: 'observed', first_seen: NOW, ended: null, session_id: session, cwd,
  root_pid: ref.pid, root_start_ticks: ref.startTicks, pane_key: `${ref.socket}:${ref.serverStartS}:${ref.paneId}`, session_name: sessionName,
}) // biome-ignore format: a table of values

/** A Claude that a person started in a tmux server of their own, as vc's looks saw it. */
const ownClaude = async (scene: SteerScene) => {
  const executor = openLocalExecutor()
  const host = openTmuxHost({ machineId: 'here', executor, socket: join(scene.dir, 'user.sock') })
  const session = randomUUID()
  const started = await host.start({
    name: 'mine',
    argv: [join(scene.dir, 'bin/claude'), '--session-id', session],
    cwd: scene.dir,
    log: null,
  })
  if (started.is !== 'started') throw new Error(JSON.stringify(started))
  const { pane } = started
  onTestFinished(async () => {
    const script = `tmux -S '${join(scene.dir, 'user.sock')}' kill-server 2>/dev/null; exit 0`
    await executor.run({ script, deadlineMs: 10_000, maxStdout: 1_000, maxStderr: 1_000 })
  })
  const put = (table: string, row: Row) =>
    scene.store.write({ machineId: 'here', source: 'tmux', at: NOW, batches: [{ table, rows: [row] }], awaited: true })
  await put('pty_panes', paneRow(pane))
  await put('agents', agentRow(pane, session, scene.dir))
  const screen = async (): Promise<string> => {
    const [captured] = await host.capture([pane.ref])
    return captured?.is === 'screen' ? captured.text : ''
  }
  await expect.poll(screen, { timeout: 20_000 }).toContain('? for shortcuts')
  return { pane, host, screen }
}

describe.skipIf(!hasProgram('tmux'))('an agent in a tmux of its owner', { timeout: 60_000 }, () => {
  test('gets no key until it is adopted, then the same as one of vc’s own, and none after its release', async () => {
    const scene = await openSteerScene()
    const { screen } = await ownClaude(scene)
    const send = (text: string) => scene.steer('agent.send', { agent: ID, text })
    expect((await send('one')).refusal).toMatchObject({ code: 'agent_observed', fix: `vc agent adopt ${ID}` })
    expect((await scene.steer('agent.adopt', { agent: ID })).outcome).toBe('recorded')
    expect(await send('two')).toMatchObject({
      outcome: 'verified',
      effects: [{ observed: true, evidence: 'transcript' }],
    })
    expect(await screen()).toContain('❯ two')
    expect((await scene.steer('agent.release', { agent: ID })).outcome).toBe('recorded')
    expect((await send('three')).refusal?.code).toBe('agent_observed')
    expect(await screen()).not.toMatch(/one|three/)
  })

  test('is not typed at when another program stands in its pane, or it has ended', async () => {
    const scene = await openSteerScene()
    const { pane, host } = await ownClaude(scene)
    await scene.steer('agent.adopt', { agent: ID })
    const { token } = await scene.asked('agent.send', { agent: ID, text: 'one' })
    await host.end(pane.ref, 200)
    const next = await host.start({ name: 'next', argv: ['sh', '-c', 'cat'], cwd: scene.dir, log: null })
    const acted = await scene.confirm(token)
    expect(acted).toMatchObject({ outcome: 'refused', refusal: { code: 'no_terminal_seen' } })
    const [seen] = next.is === 'started' ? await host.capture([next.pane.ref]) : []
    expect(seen?.is === 'screen' ? seen.text : 'not seen').toBe('')
  })

  test('is adopted by a rule of vc.toml, once, and stays released when a person says so', async () => {
    const scene = await openSteerScene({ adopt: ['claude'] })
    await ownClaude(scene)
    const kind = async () => (await agentNamed(scene.store.db, ID))?.kind
    const rule = (clis: readonly string[]) => {
      const loaded = { config: { machines: [{ id: 'here', adopt: clis }] } } as unknown as LoadedConfig
      return startAdoptRule({
        store: scene.store,
        loaded: () => loaded,
        acting: scene.steering,
        log: silentLog,
        everyMs: 3_600_000,
      })
    }
    const looked = async (clis: readonly string[]) => {
      const one = rule(clis)
      await one.look()
      await one.stop()
      return kind()
    }
    expect(await looked([])).toBe('observed')
    expect(await looked(['codex'])).toBe('observed')
    expect(await looked(['claude'])).toBe('adopted')
    expect((await scene.steer('agent.release', { agent: ID })).outcome).toBe('recorded')
    expect(await looked(['claude'])).toBe('observed')
    const said = await auditedActions(scene.store.db, { since: new Date(0), agentId: ID, limit: 5 })
    expect(said.map(({ verb, origin }) => `${verb} ${origin}`).sort()).toEqual([
      'agent.adopt guardian',
      'agent.release person',
    ])
  })

  test('is not adopted by vc itself where vc.toml has no such rule', async () => {
    const scene = await openSteerScene()
    await ownClaude(scene)
    expect((await scene.steering.byItself({ verb: 'agent.adopt', params: { agent: ID } })).refusal?.code).toBe(
      'no_mandate',
    )
  })
})
