import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { probe } from '../../../src/collectors/probe/index.ts'
import { terminals } from '../../../src/collectors/terminals/index.ts'
import { tmux } from '../../../src/collectors/tmux/index.ts'
import { agentBatches } from '../../../src/daemon/agents.ts'
import { openMemory } from '../../../src/daemon/memory.ts'
import { openStore, type Store } from '../../../src/store/index.ts'
import { openAsker } from '../../../src/transport/asker.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { scrapedInto } from '../scraped-into.ts'

const programs = ['screen', 'tmux', 'script'].map(hasProgram).every(Boolean) && process.platform === 'linux'

describe.runIf(programs)('agents in a real screen, a real tmux and a terminal of nobody', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vct-')))
  const saved = { SCREENDIR: process.env.SCREENDIR, TMUX_TMPDIR: process.env.TMUX_TMPDIR }
  const agent = join(dir, 'claude')
  const sockets = join(dir, `tmux-${process.getuid?.() ?? 0}`)
  const executor = openLocalExecutor()
  const asker = openAsker({ executor, local: true })
  const cwd = (name: string) => join(dir, name)
  let store: Store
  let plain: ReturnType<typeof spawn>

  const tick = async (): Promise<void> => {
    for (const run of await scrapedInto(store, { asker, collectors: [probe, tmux, terminals] }))
      expect([run.collector, run.fault, run.detail]).toEqual([run.collector, null, null])
  }
  const kinds = () =>
    store.db.rows<{ cwd: string; source: string; socket: string; session_name: string; tty: string }>(
      `SELECT p.source, split_part(p.socket, ':', 1) AS socket, p.session_name, p.tty, a.cwd FROM latest_agent_processes a
       JOIN latest_pty_panes p ON p.machine_id = a.machine_id AND p.tty = a.tty WHERE a.cwd LIKE '${dir}/%' ORDER BY a.cwd`,
    )

  beforeAll(async () => {
    Object.assign(process.env, { SCREENDIR: join(dir, 'screens'), TMUX_TMPDIR: dir })
    copyFileSync('/bin/sleep', agent)
    for (const name of ['in-plain', 'in-screen', 'in-tmux']) mkdirSync(cwd(name))
    for (const name of [sockets, join(dir, 'screens')]) mkdirSync(name, { mode: 0o700 })
    const tmuxArgs = [
      '-S',
      join(sockets, 'default'),
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      'work',
      '-c',
      cwd('in-tmux'),
    ]
    execFileSync('tmux', [...tmuxArgs, `exec ${agent} 600`], { env: { ...process.env, TMUX: '' } })
    execFileSync('screen', ['-c', '/dev/null', '-dmS', 'night', agent, '601'], { cwd: cwd('in-screen') })
    plain = spawn('script', ['-qc', `exec ${agent} 602`, '/dev/null'], { cwd: cwd('in-plain'), stdio: 'ignore' })
    store = await openStore({ dataDir: join(dir, 'data') })
  })
  afterAll(async () => {
    spawnSync('screen', ['-S', 'night', '-X', 'quit'])
    spawnSync('tmux', ['-S', join(sockets, 'default'), 'kill-server'])
    plain.kill()
    for (const [name, value] of Object.entries(saved))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    asker.close()
    await executor.close()
    await store.close()
    rmSync(dir, { recursive: true })
  })

  test('each sits on one terminal of its kind, and each is one agent', { timeout: 60_000 }, async () => {
    await vi.waitFor(
      async () => {
        await tick()
        expect(await kinds()).toHaveLength(3)
      },
      { timeout: 40_000, interval: 200 },
    )
    expect(await kinds()).toMatchObject([
      { cwd: cwd('in-plain'), source: 'terminals', socket: 'pty', session_name: 'script' },
      { cwd: cwd('in-screen'), source: 'terminals', socket: 'screen', session_name: 'night' },
      { cwd: cwd('in-tmux'), source: 'tmux', session_name: 'work' },
    ])
    const memory = openMemory(store)
    const facts = {
      known: (table: string) => memory.known('atlas', table),
      probe: async () => ({ up: true, partial: false }),
    }
    const batches = await agentBatches(facts, 'atlas', null, new Date())
    const agents = batches
      .find((batch) => batch.table === 'agents')
      ?.rows.filter((row) => String(row.cwd).startsWith(dir))
    expect(agents?.map((row) => [row.cwd, row.session_name])).toEqual(
      expect.arrayContaining([
        [cwd('in-plain'), 'script'],
        [cwd('in-screen'), 'night'],
        [cwd('in-tmux'), 'work'],
      ]),
    )
    expect(agents).toHaveLength(3)
    const changes = () =>
      store.db.rows<{ n: number }>("SELECT count(*)::INTEGER AS n FROM pty_panes WHERE source = 'terminals'")
    const before = await changes()
    await tick()
    expect(await changes()).toEqual(before)
  })
})
