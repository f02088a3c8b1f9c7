import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Executor } from '../../../src/core/executor.ts'
import { parseTarget, type SshTarget } from '../../../src/core/ssh-target.ts'
import { type FleetWay, openExecutor } from '../../../src/transport/open-executor.ts'
import { openTargetResolver } from '../../../src/transport/ssh/resolve.ts'
import { scanHostKey, writeTrust } from '../../../src/transport/ssh/trust.ts'
import { knownHostsPaths } from '../../../src/transport/ssh/way.ts'
import { type Fleet, missingPrograms, startFleet } from '../executors/fleet.ts'
import { fleetWay, request, text, until } from '../executors/ways.ts'

const lacking = missingPrograms(['sshd', 'ssh', 'ssh-keygen', 'ssh-agent', 'ssh-add'])

describe.skipIf(lacking !== null)('the way to a machine', () => {
  let fleet: Fleet
  let executor: Executor | null = null
  const open = async (target: string, way: FleetWay, transport: 'auto' | 'ssh2' | 'openssh' = 'auto') => {
    const opened = await openExecutor({ target, transport }, way)
    executor = opened.executor
    return opened
  }
  /** The fleet's ssh_config with more hosts before it. */
  const configWith = (name: string, hosts: string): FleetWay => {
    const file = join(fleet.dir, name)
    writeFileSync(file, `${hosts}\n${readFileSync(fleet.configFile, 'utf8')}`)
    return fleetWay(fleet, { resolver: openTargetResolver({ configFile: file }) })
  }
  const addressOf = (host: string): string => {
    const row = readFileSync(join(fleet.dir, 'hosts'), 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`${host} `))
    const [, address = '', port = ''] = row?.split(' ') ?? []
    return `  HostName ${address}\n  Port ${port}\n`
  }
  beforeAll(async () => {
    fleet = await startFleet(3, ['unknownkey', 'changedkey', 'onesession'])
  })
  afterEach(async () => {
    await executor?.close()
    executor = null
  })
  afterAll(() => fleet?.down())

  it.each(['ssh2', 'openssh'] as const)(
    'leads over jump hosts with %s, each checked by its own key',
    async (transport) => {
      const way = configWith(
        'jump',
        `Host far\n  ProxyJump m0000,m0001\n${addressOf('m0002')}Host astray\n  ProxyJump unknownkey\n${addressOf('m0002')}`,
      )
      const far = (await open('far', way, transport)).executor
      const ran = await far.run(request('echo "$SSH_CONNECTION" | wc -w; echo there'))
      expect([ran.class, text(ran.stdout)], ran.detail ?? '').toEqual(['ok', '4\nthere\n'])
      await far.close()
      const astray = (await open('astray', way, transport)).executor
      // With ControlPersist ssh throws away what a jump host's own ssh says, so only ssh2 can name the reason.
      const seen = transport === 'ssh2' ? 'host_key_unknown' : 'connection_lost'
      const lost = await astray.run(request('true'))
      expect(lost).toMatchObject({ class: seen, exitCode: null })
      if (transport === 'ssh2') expect(lost.detail).toContain('jump host unknownkey')
    },
  )

  it('logs in with a passphrase key through the agent only, and says so without one', async () => {
    const key = join(fleet.dir, 'id_locked')
    copyFileSync(join(fleet.dir, 'id_ed25519'), key)
    execFileSync('chmod', ['600', key])
    const socket = join(fleet.dir, 'agent.sock')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      await until(() => {
        try {
          execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
          return true
        } catch {
          return false
        }
      }, 'the agent takes the key')
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', key])
      const host = (name: string, sock: string) =>
        `Host ${name}\n  IdentitiesOnly yes\n  IdentityAgent ${sock}\n  IdentityFile ${key}\n${addressOf('m0000')}  UserKnownHostsFile ${fleet.dir}/known_hosts\n`
      // Its own file without the fleet's identities, which would let everyone in.
      const file = join(fleet.dir, 'agent-config')
      writeFileSync(file, `${host('held', socket)}${host('alone', 'none')}`)
      const way = fleetWay(fleet, { resolver: openTargetResolver({ configFile: file }) })
      expect(await (await open('held', way, 'ssh2')).executor.run(request('true'))).toMatchObject({ class: 'auth' })
      writeFileSync(`${key}.pub`, readFileSync(join(fleet.dir, 'id_ed25519.pub')))
      expect(await (await open('held', way, 'ssh2')).executor.run(request('true'))).toMatchObject({ class: 'ok' })
      const alone = await (await open('alone', way, 'ssh2')).executor.run(request('true'))
      expect(alone).toMatchObject({ class: 'auth', detail: expect.stringContaining('id_locked') })
    } finally {
      agent.kill()
    }
  })

  it('turns to the ssh binary when a server speaks only what ssh2 does not', async () => {
    const conf = join(fleet.dir, 'run', 's-onesession.conf')
    appendFileSync(conf, 'KexAlgorithms sntrup761x25519-sha512@openssh.com\n')
    fleet.fleet('rekey', 'onesession')
    writeFileSync(join(fleet.dir, 'known_hosts'), '')
    const way = fleetWay(fleet)
    const resolved = await way.resolver.resolve(parseTarget('onesession') as SshTarget)
    const keyLine = readFileSync(join(fleet.dir, 'run', 'rekey.pub'), 'utf8')
    writeFileSync(join(fleet.dir, 'vc_known_hosts'), `[${resolved.hostname}]:${resolved.port} ${keyLine}`)
    const opened = await open('onesession', way)
    let ran = await opened.executor.run(request('echo hi'))
    // The sshd has only just been started again.
    await until(async () => {
      if (ran.class === 'refused') ran = await opened.executor.run(request('echo hi'))
      return ran.class !== 'refused'
    }, 'the server answers')
    expect([ran.class, text(ran.stdout)], ran.detail ?? '').toEqual(['ok', 'hi\n'])
    expect(opened.why()).toContain('no matching key exchange')
    expect(opened.executor.kind).toBe('openssh')
  })
})

describe.skipIf(lacking !== null)('trust in a host key', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet(1, ['unknownkey', 'changedkey'])
  })
  afterAll(() => fleet?.down())
  const scan = async (host: string) => {
    const way = fleetWay(fleet)
    const resolved = await way.resolver.resolve(parseTarget(host) as SshTarget)
    const scanned = await scanHostKey(resolved, {
      resolver: way.resolver,
      trustFile: way.trustFile,
      keepaliveIntervalMs: 0,
      keepaliveCountMax: 3,
      timeoutMs: 3_000,
    })
    if (scanned.is === 'failed') throw new Error(scanned.failure.detail)
    return { key: scanned.value, others: knownHostsPaths(resolved, null), file: way.trustFile ?? '' }
  }

  it('shows the fingerprint ssh-keygen shows, and lets both transports in once written', async () => {
    const { key, others, file } = await scan('unknownkey')
    expect(
      execFileSync('ssh-keygen', ['-l', '-f', join(fleet.dir, 'run', 'hostkey-unknownkey.pub')], { encoding: 'utf8' }),
    ).toContain(key.fingerprint)
    expect(key.verdict).toBe('unknown')
    expect(await writeTrust(file, key, others)).toBe('written')
    expect(await writeTrust(file, key, others)).toBe('already')
    for (const transport of ['ssh2', 'openssh'] as const) {
      const { executor } = await openExecutor({ target: 'unknownkey', transport }, fleetWay(fleet))
      expect(await executor.run(request('true'))).toMatchObject({ class: 'ok' })
      await executor.close()
    }
  })

  it('never replaces a changed key', async () => {
    const { key, others, file } = await scan('changedkey')
    expect(key.verdict).toBe('changed')
    await expect(writeTrust(file, key, others)).rejects.toMatchObject({ code: 'host_key_changed' })
  })

  it.each(['ssh2', 'openssh'] as const)(
    'does not knock again at a changed key with %s until a known_hosts file changes',
    async (transport) => {
      const own = await startFleet(1, ['changedkey'])
      const { executor } = await openExecutor({ target: 'changedkey', transport }, fleetWay(own))
      try {
        const first = await executor.run(request('true'))
        expect(first.class).toBe('host_key_changed')
        own.fleet('stop-one', 'changedkey')
        expect(await executor.run(request('true'))).toMatchObject({ class: 'host_key_changed', detail: first.detail })
        // The host may take a moment to be gone; until then each knock meets the changed key again, and remembers it.
        await until(async () => {
          appendFileSync(join(own.dir, 'known_hosts'), '# touched\n')
          return (await executor.run(request('true'))).class === 'refused'
        }, 'it connects again')
      } finally {
        await executor.close()
        own.down()
      }
    },
  )
})
