import { describe, expect, onTestFinished, test } from 'vitest'
import type { Executor } from '../../../src/core/executor.ts'
import { notRun } from '../../../src/transport/executor-run.ts'
import { scratchTmux } from '../../engine/hosts/scratch-tmux.ts'
import { missingPrograms, startFleet } from '../../transport/executors/fleet.ts'
import { openOn } from '../../transport/executors/ways.ts'
import { openScene, scratch } from './scene.ts'

const missing = missingPrograms(['tmux', 'sshd', 'ssh', 'ssh-keygen'])

/** A way over real ssh that can be cut and mended. */
const cuttable = async (open: () => Promise<Executor>) => {
  const inner = await open()
  onTestFinished(() => inner.close())
  let cut = false
  const way: Executor = {
    kind: inner.kind,
    run: (request) => (cut ? Promise.resolve(notRun('refused', 'connection refused by the test')) : inner.run(request)),
    stream: (request) => inner.stream(request),
    close: async () => undefined,
  }
  return {
    way: async () => way,
    cut: (value: boolean) => {
      cut = value
    },
  }
}

describe.skipIf(missing !== null)('agents on another machine, over ssh', () => {
  test('they outlive the daemon and the way to them, and nothing is concluded while it is cut', async () => {
    const fleet = await startFleet(1, [])
    onTestFinished(fleet.down)
    const tmux = scratchTmux()
    onTestFinished(tmux.down)
    const dir = scratch()
    const line = await cuttable(() => openOn(fleet, 'ssh2', 'm0000'))
    const options = { dir, socket: tmux.socket, others: { m0000: line.way } }
    const before = await openScene(options)
    const wish = { machine: 'm0000', cli: 'generic', cwd: '/tmp', count: 3, restart: 'always', args: ['sleep', '1000'] }
    const acted = await before.act('agent.spawn', wish)
    expect(acted.outcome).toBe('verified')
    const ids = (acted.data?.agents ?? []) as readonly string[]
    const pids = ids.map((id) => before.agent(id).pane_pid)

    line.cut(true)
    await before.engine.look()
    for (const id of ids) {
      expect(before.agent(id).status).toBe('running')
      expect(await before.happened(id)).not.toContain('crash')
    }
    const refused = await before.act('agent.stop', { agent: ids[0] })
    expect(refused).toMatchObject({ outcome: 'refused', refusal: { code: 'way' } })
    await before.crash()

    const after = await openScene(options)
    await after.engine.look()
    expect(ids.map((id) => after.agent(id).status)).toEqual(['running', 'running', 'running'])
    line.cut(false)
    await after.engine.look()
    expect(ids.map((id) => after.agent(id).pane_pid)).toEqual(pids)
    expect(await after.happened(ids[1] ?? '')).toEqual(['spawn', 'readopt'])
  }, 120_000)
})
