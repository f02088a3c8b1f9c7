import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownCapture } from '../../src/commands/evidence-ports.ts'
import { judgeBundle, parseBundle } from '../../src/commands/explain-bundle.ts'
import { loadConfig } from '../../src/config/index.ts'
import { openStage, programOf, startTicks, storedRows, writeHome } from '../collectors/evidence/played-agent.ts'
import { bundleNamed } from '../oracle/agent-bundles.ts'
import { hasProgram } from '../programs.ts'
import { until } from '../stories/vc-process.ts'

// Root alone may start sshd as this test does.
const able = hasProgram('sshd') && hasProgram('ssh-keygen') && hasProgram('tmux') && process.getuid?.() === 0

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

describe.skipIf(!able)('an agent behind a real sshd', () => {
  let dir: string
  let sshd: ChildProcess
  let stage: ReturnType<typeof openStage>

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'vc-explain-sshd-'))
    stage = openStage()
    const port = await freePort()
    for (const key of ['host', 'user'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, key)])
    const server = `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${dir}/host\nPidFile none\nUsePAM no\nStrictModes no\nAuthorizedKeysFile ${dir}/user.pub\n`
    writeFileSync(join(dir, 'sshd_config'), server)
    const client = `Host *\n  IdentityFile ${dir}/user\n  IdentityAgent none\n  UserKnownHostsFile none\n  GlobalKnownHostsFile none\n`
    writeFileSync(join(dir, 'ssh_config'), client)
    mkdirSync(join(dir, 'data'), { mode: 0o700 })
    const [kind, key] = readFileSync(join(dir, 'host.pub'), 'utf8').split(' ')
    writeFileSync(join(dir, 'data/known_hosts'), `[127.0.0.1]:${port} ${kind} ${key}\n`, { mode: 0o600 })
    const machine = (id: string, at: number) =>
      `[[machines]]\nid = "${id}"\nssh = "${userInfo().username}@127.0.0.1:${at}"\n`
    const config = `[vc]\ndata_dir = "data"\n[ssh]\nconfig_file = "ssh_config"\n${machine('atlas', port)}${machine('borg', 1)}`
    writeFileSync(join(dir, 'vc.toml'), config, { mode: 0o600 })
    mkdirSync('/run/sshd', { recursive: true })
    sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await new Promise<void>((done, fail) => {
      sshd.on('exit', (code) => fail(new Error(`sshd ended with ${code}`)))
      sshd.stderr?.on('data', (chunk: Buffer) => chunk.includes('Server listening') && done())
    })
  })
  afterAll(async () => {
    sshd.removeAllListeners('exit')
    const ended = new Promise((done) => sshd.once('exit', done))
    sshd.kill()
    await ended
    stage.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const load = () =>
    loadConfig(join(dir, 'vc.toml'), { env: {}, home: dir, tmp: dir, uid: process.getuid?.() ?? 0, cwd: dir })

  const play = async (machine_id: string) => {
    const bundle = bundleNamed('cl-approve-write-file')
    const cwd = join(stage.dir, 'ledger')
    const shown = { cwd, screen: String(bundle.screen_ansi), title: '✳ Claude Code', width: 80, height: 24 }
    const at = stage.pane(shown, 'claude')
    await until(
      () => programOf(at.pid) === 'claude',
      () => 'claude to run',
    )
    const root_start_ticks = startTicks(at.pid)
    const transcript_path = writeHome(join(stage.dir, 'home'), bundle, { pid: at.pid, ticks: root_start_ticks })
    return storedRows({
      agent: { agent_id: `${machine_id}/claude-1`, machine_id, cli: 'claude', root_pid: at.pid, root_start_ticks },
      pane: { socket: stage.socket, pane_id: at.paneId, server_start_epoch_s: at.serverStartS },
      session: { transcript_path },
    })
  }

  test('is looked at over a connection of its own', { timeout: 60_000 }, async () => {
    const { bundle, notes } = await ownCapture(load())(await play('atlas'))
    expect(notes).toEqual([])
    expect(bundle).toMatchObject({ screen: expect.stringContaining('Create file'), host: { tmux: expect.any(String) } })
    const verdict = judgeBundle(bundle)
    expect(verdict).toMatchObject({ state: 'needs_approval', winner: { source: 'claude.registry' } })
    expect(judgeBundle(parseBundle(JSON.stringify(bundle)))).toEqual(verdict)
  })

  test('or the machine that cannot be reached is named', { timeout: 60_000 }, async () => {
    await expect(ownCapture(load())(await play('borg'))).rejects.toThrow(
      /borg\/claude-1 cannot be looked at now: .*refused/i,
    )
    await expect(ownCapture(load())(await play('cygnus'))).rejects.toThrow(/no machine is called 'cygnus'/)
  })
})
