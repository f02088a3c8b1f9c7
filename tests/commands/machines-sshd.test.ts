import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { probePorts, trustPorts } from '../../src/commands/machines-ports.ts'
import { probeMachine } from '../../src/commands/machines-probe.ts'
import { trustMachine } from '../../src/commands/machines-trust.ts'
import { loadConfig } from '../../src/config/index.ts'
import { openStore } from '../../src/store/index.ts'
import { hasProgram } from '../programs.ts'

let dir: string
let port: number
let sshd: ChildProcess

const keygen = (path: string): string => {
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  return spawnSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).stdout.split(' ')[1] ?? ''
}

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const startSshd = (hostKey: string): Promise<void> => {
  const config = `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${hostKey}\nPidFile none\nUsePAM no\nStrictModes no\nAuthorizedKeysFile ${dir}/user.pub\n`
  writeFileSync(join(dir, 'sshd_config'), config)
  mkdirSync('/run/sshd', { recursive: true })
  sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  return new Promise((done, fail) => {
    sshd.on('exit', (code) => fail(new Error(`sshd ended with ${code}`)))
    sshd.stderr?.on('data', (chunk: Buffer) => chunk.includes('Server listening') && done())
  })
}

const stopSshd = (): Promise<void> =>
  new Promise((done) => {
    sshd.removeAllListeners('exit')
    sshd.on('exit', () => done())
    sshd.kill()
  })

const load = () =>
  loadConfig(join(dir, 'ops.toml'), { env: {}, home: dir, tmp: dir, uid: process.getuid?.() ?? 0, cwd: dir })
const machine = () => {
  const [found] = load().config.machines
  if (!found) throw new Error('no machine')
  return found
}
const probe = async () => probeMachine(load(), machine(), await probePorts(load()))

// Root alone may start sshd as these tests do.
const able = hasProgram('sshd') && hasProgram('ssh-keygen') && process.getuid?.() === 0

describe.skipIf(!able)('against a real sshd', () => {
  let fingerprint: string

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'vc-sshd-'))
    port = await freePort()
    fingerprint = keygen(join(dir, 'host'))
    keygen(join(dir, 'other'))
    keygen(join(dir, 'user'))
    writeFileSync(
      join(dir, 'ssh_config'),
      `Host *\n  IdentityFile ${dir}/user\n  IdentityAgent none\n  UserKnownHostsFile none\n  GlobalKnownHostsFile none\n`,
    )
    const target = `${userInfo().username}@127.0.0.1:${port}`
    writeFileSync(
      join(dir, 'ops.toml'),
      `[vc]\ndata_dir = "data"\n[ssh]\nconfig_file = "ssh_config"\n[[machines]]\nid = "atlas"\nssh = "${target}"\n`,
      { mode: 0o600 },
    )
    await startSshd(join(dir, 'host'))
  })
  afterAll(async () => {
    await stopSshd()
    rmSync(dir, { recursive: true, force: true })
  })

  test('unknown, then trusted, then reached, then changed and refused', async () => {
    expect(await probe()).toMatchObject({
      class: 'host_key_unknown',
      fix: expect.stringContaining('vc machines trust atlas'),
    })

    const consent = { fingerprint, ask: null }
    const report = await trustMachine(load(), machine(), consent, await trustPorts(load()))
    expect(report).toMatchObject({ outcome: 'trusted', fingerprint, keyType: 'ssh-ed25519', warnings: [] })
    expect(readFileSync(join(dir, 'data/known_hosts'), 'utf8')).toMatch(
      new RegExp(`^\\[127\\.0\\.0\\.1\\]:${port} ssh-ed25519 \\S+\n$`),
    )
    const store = await openStore({ dataDir: join(dir, 'data') })
    const rows = await store.db.rows('SELECT machine_id, kind, detail, actor FROM security_events')
    await store.close()
    expect(rows).toEqual([
      { machine_id: 'atlas', kind: 'trust', detail: `ssh-ed25519 ${fingerprint}`, actor: userInfo().username },
    ])

    expect(
      await trustMachine(load(), machine(), { fingerprint: undefined, ask: null }, await trustPorts(load())),
    ).toMatchObject({ outcome: 'already_trusted' })
    expect(await probe()).toMatchObject({
      class: 'ok',
      kind: 'ssh2',
      os: expect.stringMatching(/\S+ \S+/),
      tools: { tmux: expect.any(String) },
    })

    await stopSshd()
    await startSshd(join(dir, 'other'))
    expect(await probe()).toMatchObject({ class: 'host_key_changed' })
    await expect(trustMachine(load(), machine(), consent, await trustPorts(load()))).rejects.toMatchObject({
      code: 'host_key_changed',
      exitCode: 4,
    })
    expect(readFileSync(join(dir, 'data/known_hosts'), 'utf8').trim().split('\n')).toHaveLength(1)

    // A daemon that met the other key waits for a known_hosts file to change.
    const { executor } = await (await probePorts(load())).openExecutor(machine())
    const look = { script: ':', deadlineMs: 9_000, maxStdout: 1_000, maxStderr: 1_000 }
    const ran = async () => (await executor.run(look)).class
    expect(await ran()).toBe('host_key_changed')
    await stopSshd()
    await startSshd(join(dir, 'host'))
    expect(await ran()).toBe('host_key_changed')
    await trustMachine(load(), machine(), consent, await trustPorts(load()))
    expect(await ran()).toBe('ok')
    await executor.close()

    const onFile = readFileSync(join(dir, 'data/known_hosts'), 'utf8')
    const [, keyType, key] = onFile.trim().split('\n').at(-1)?.split(' ') ?? []
    writeFileSync(join(dir, 'data/known_hosts'), `${onFile}@revoked * ${keyType} ${key}\n`)
    for (const transport of ['ssh2', 'openssh'] as const)
      expect(
        await probeMachine(load(), { ...machine(), transport }, await probePorts(load())),
        transport,
      ).toMatchObject({
        class: 'host_key_changed',
        detail: expect.stringMatching(/revoked/i),
        fix: expect.stringContaining('a key that was revoked'),
      })
    writeFileSync(join(dir, 'data/known_hosts'), onFile)
  })

  test('the ssh binary does the same where vc.toml asks for it', async () => {
    const file = join(dir, 'ops.toml')
    writeFileSync(file, `${readFileSync(file, 'utf8')}transport = "openssh"\n`)
    expect(await probe()).toMatchObject({ class: 'ok', kind: 'openssh', why: 'vc.toml asks for it' })
    writeFileSync(file, readFileSync(file, 'utf8').replace('transport = "openssh"\n', ''))
  })

  test('a machine nobody answers for says why, and writes nothing', async () => {
    await stopSshd()
    await expect(
      trustMachine(load(), machine(), { fingerprint, ask: null }, await trustPorts(load())),
    ).rejects.toMatchObject({ code: 'refused', exitCode: 1 })
    await startSshd(join(dir, 'host'))
  })
})
