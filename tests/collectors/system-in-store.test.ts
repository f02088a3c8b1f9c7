import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { git } from '../../src/collectors/git/index.ts'
import { probe } from '../../src/collectors/probe/index.ts'
import { tmux } from '../../src/collectors/tmux/index.ts'
import { toolVersions } from '../../src/collectors/tool-versions/index.ts'
import type { Collector } from '../../src/core/collector.ts'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'
import { hasProgram } from '../programs.ts'
import { scrapedInto } from './scraped-into.ts'

const programs = ['tmux', 'git'].map(hasProgram).every(Boolean) && process.platform === 'linux'

describe.runIf(programs)('this machine, through the real frame, into a real store', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vcs-')))
  const saved = process.env.TMUX_TMPDIR
  const agent = join(dir, 'repo', 'claude')
  const sockets = join(dir, `tmux-${process.getuid?.() ?? 0}`)
  const tmuxCli = (...args: string[]): void =>
    void execFileSync('tmux', ['-S', join(sockets, 'default'), '-f', '/dev/null', ...args], {
      env: { ...process.env, TMUX: '' },
    })
  let store: Store
  let background: ReturnType<typeof spawn>
  const executor = openLocalExecutor()
  const asker = openAsker({ executor, local: true })

  const tick = (collectors: readonly Collector[]): Promise<readonly ScrapeRun[]> =>
    scrapedInto(store, { asker, collectors })
  const rows = (sql: string) => store.db.rows(sql.replaceAll('$repo', `'${join(dir, 'repo')}'`))

  beforeAll(async () => {
    process.env.TMUX_TMPDIR = dir
    mkdirSync(join(dir, 'repo'))
    mkdirSync(sockets, { mode: 0o700 })
    execFileSync('git', ['init', '-q', join(dir, 'repo')])
    copyFileSync('/bin/sleep', agent)
    tmuxCli('new-session', '-d', '-s', 'work', '-c', join(dir, 'repo'), `exec ${agent} 600`)
    background = spawn(agent, ['601'], { argv0: 'codex', cwd: dir, stdio: 'ignore' })
    store = await openStore({ dataDir: join(dir, 'data') })
  })
  afterAll(async () => {
    if (saved === undefined) delete process.env.TMUX_TMPDIR
    else process.env.TMUX_TMPDIR = saved
    tmuxCli('kill-server')
    background.kill()
    asker.close()
    await executor.close()
    await store.close()
    rmSync(dir, { recursive: true })
  })

  test('probe, tmux, git and tool versions are committed and find each other', async () => {
    const first = await tick([probe, tmux, git, toolVersions])
    expect(first.map((run) => [run.collector, run.up, run.fault, run.detail])).toEqual(
      ['probe', 'tmux', 'git', 'tool_versions'].map((name) => [name, true, null, null]),
    )
    const second = await tick([probe, tmux, git, toolVersions])
    expect(second.every((run) => run.up)).toBe(true)
    const found = await rows(
      `SELECT a.cli, p.session_name, p.screen_hash IS NOT NULL AS seen FROM latest_agent_processes a
       JOIN latest_pty_panes p ON p.machine_id = a.machine_id AND p.tty = a.tty WHERE a.cwd = $repo`,
    )
    expect(found).toMatchObject([{ cli: 'claude', session_name: 'work', seen: true }])
    expect(await rows(`SELECT state FROM latest_repo_status_snapshots WHERE path = $repo`)).toMatchObject([
      { state: 'ok' },
    ])
    const versions = await rows(`SELECT count(version)::INTEGER AS known FROM machine_tool_capabilities`)
    expect(versions[0]?.known).toBeGreaterThan(0)
    const again = await tick([probe])
    expect(again[0]?.batches.find((batch) => batch.table === 'sys_samples')?.rows).toHaveLength(1)
    expect((await rows('SELECT count(*)::INTEGER AS n FROM agent_processes WHERE gone AND cwd = $repo'))[0]?.n).toBe(0)
  })
})
