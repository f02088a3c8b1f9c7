import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTarget, type SshTarget } from '../../../src/core/ssh-target.ts'
import { parseKnownHosts } from '../../../src/transport/ssh/known-hosts.ts'
import { needsOpenSsh } from '../../../src/transport/ssh/needs-openssh.ts'
import { masterArgs } from '../../../src/transport/ssh/openssh-args.ts'
import { openTargetResolver } from '../../../src/transport/ssh/resolve.ts'
import type { ResolvedTarget } from '../../../src/transport/ssh/ssh-g.ts'
import { missingPrograms } from '../executors/fleet.ts'

const lacking = missingPrograms(['ssh', 'ssh-keygen'])
const target = (text: string) => parseTarget(text) as SshTarget

describe.skipIf(lacking !== null)('a target resolved by ssh -G', () => {
  let dir = ''
  let resolve: (text: string) => Promise<ResolvedTarget>
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'vc-resolve-'))
    writeFileSync(join(dir, 'more'), 'Host *.lab\n  User lab\n  Port 2200\n')
    writeFileSync(
      join(dir, 'config'),
      `Include ${dir}/more
Host atlas
  HostName 10.0.0.7
  HostKeyAlias fleet-key
  IdentityFile ${dir}/id_%r_%h
  IdentityFile "${dir}/with space"
  IdentityAgent none
  UserKnownHostsFile ${dir}/kh1 "${dir}/kh 2"
  ProxyJump jump.lab,bob@inner:2222
  ConnectTimeout 7
  ServerAliveInterval 4
Match host 10.0.0.7 user ops
  IdentitiesOnly yes
Host proxied
  ProxyCommand nc %h %p
Host token
  PKCS11Provider /usr/lib/p11.so
Host plain
  IdentityFile ${dir}/id_plain
Host fido
  IdentityAgent none
  IdentityFile ${dir}/id_fido
Host *
  GSSAPIAuthentication yes
`,
    )
    writeFileSync(join(dir, 'bad'), 'Host atlas\n  Portt 22\n')
    const resolver = openTargetResolver({ configFile: join(dir, 'config') })
    resolve = (text) => resolver.resolve(target(text))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('honours Include, Match, tokens, quotes and order', async () => {
    expect(await resolve('ops@atlas:2022')).toMatchObject({
      hostname: '10.0.0.7', port: 2022, user: 'ops', hostKeyAlias: 'fleet-key', agentSocket: null, identitiesOnly: true,
      identityFiles: [`${dir}/id_ops_10.0.0.7`, `${dir}/with space`],
      proxyJump: ['jump.lab', 'bob@inner:2222'], connectTimeoutMs: 7_000, serverAliveIntervalMs: 4_000,
    }) // biome-ignore format: one thing per line is too long
    expect((await resolve('ops@atlas')).userKnownHostsFiles[0]).toBe(`${dir}/kh1`)
    expect(await resolve('box.lab')).toMatchObject({ hostname: 'box.lab', port: 2200, user: 'lab' })
  })

  it('asks ssh once per target', async () => {
    const resolver = openTargetResolver({ configFile: join(dir, 'config') })
    const [one, two] = await Promise.all([resolver.resolve(target('box.lab')), resolver.resolve(target('box.lab'))])
    expect(one).toBe(two)
  })

  it('tells of a target that an edited ssh_config sends elsewhere, and of no other', async () => {
    const file = join(dir, 'edited')
    const write = (port: number) => writeFileSync(file, `Host box\n  HostName 192.0.2.7\n  Port ${port}\n`)
    write(22)
    const resolver = openTargetResolver({ configFile: file })
    const port = async () => (await resolver.resolve(target('box'))).port
    expect(await port()).toBe(22)
    expect(await resolver.again(target('box'))).toBe(false)
    write(2222)
    expect([await port(), await resolver.again(target('box')), await port()]).toEqual([22, true, 2222])
    writeFileSync(file, 'Host box\n  Portt 22\n')
    expect([await resolver.again(target('box')), await port()]).toEqual([false, 2222])
  })

  it('gives the words of ssh for a configuration it refuses, and for no ssh at all', async () => {
    const bad = openTargetResolver({ configFile: join(dir, 'bad') })
    await expect(bad.resolve(target('atlas'))).rejects.toMatchObject({
      code: 'bad_ssh_config',
      exitCode: 2,
      message: expect.stringContaining('line 2'),
    })
    const none = openTargetResolver({ sshBinary: join(dir, 'no-ssh') })
    await expect(none.resolve(target('atlas'))).rejects.toMatchObject({ code: 'tool_missing' })
  })

  it('obeys no file that others can write, which ssh itself would with -F', async () => {
    const open = join(dir, 'open')
    writeFileSync(open, `Host atlas\n  ProxyCommand touch ${dir}/ran\nMatch exec "touch ${dir}/ran"\n`)
    chmodSync(open, 0o666)
    await expect(openTargetResolver({ configFile: open }).resolve(target('atlas'))).rejects.toMatchObject({
      code: 'unsafe_ssh_config',
      exitCode: 2,
      fix: `chmod go-w ${open}`,
    })
    expect(existsSync(join(dir, 'ran'))).toBe(false)
  })

  it('says which included file others can write, and how to mend it: ssh refuses it, met or not', async () => {
    const part = join(dir, 'part')
    writeFileSync(part, `Host atlas\n  ProxyCommand touch ${dir}/ran\n`)
    chmodSync(part, 0o666)
    const whole = join(dir, 'whole')
    for (const text of [`Include ${dir}/par*\n`, `Match host elsewhere\n  Include ${part}\n`]) {
      writeFileSync(whole, text, { mode: 0o600 })
      await expect(openTargetResolver({ configFile: whole }).resolve(target('atlas'))).rejects.toMatchObject({
        code: 'unsafe_ssh_config',
        message: expect.stringContaining(`${part} belongs to somebody else or can be written by others`),
        fix: expect.stringContaining(`chmod go-w ${part}`),
      })
    }
  })

  it('carries no tunnel and lends no ticket, whatever the ssh_config says', async () => {
    const resolved = await resolve('plain')
    const options = { controlPath: '/srv/cm', trustFile: null, connectTimeoutMs: 1, keepaliveIntervalMs: 1 }
    const of = (one: ResolvedTarget) =>
      masterArgs({ ...options, resolved: one, keepaliveCountMax: 1 }).filter((arg) => /^(Tunnel|GSSAPID)/.test(arg))
    expect(of({ ...resolved, gssapiAuthentication: true })).toEqual(['Tunnel=no', 'GSSAPIDelegateCredentials=no'])
    expect(of({ ...resolved, gssapiAuthentication: false })).toEqual(['Tunnel=no'])
  })

  it('says what needs the ssh binary, and nothing where ssh2 will do', async () => {
    const why = async (text: string) => needsOpenSsh(await resolve(text))
    expect(await why('proxied')).toContain('ProxyCommand')
    expect(await why('token')).toContain('PKCS#11')
    writeFileSync(join(dir, 'id_fido.pub'), `sk-ssh-ed25519@openssh.com ${skBlob().toString('base64')} me\n`)
    writeFileSync(join(dir, 'id_fido'), 'handle')
    expect(await why('fido')).toContain('FIDO')
    expect(await why('plain')).toBeNull()
    writeFileSync(join(dir, 'id_plain-cert.pub'), 'cert')
    expect(await why('plain')).toContain('certificate')
    const authority = parseKnownHosts([`@cert-authority box.lab ssh-ed25519 ${edBlob().toString('base64')}\n`])
    expect(await needsOpenSsh({ ...(await resolve('box.lab')), port: 22 }, authority)).toContain(
      'certificate authority',
    )
  })
})

const withType = (type: string): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(type.length)
  return Buffer.concat([head, Buffer.from(type), Buffer.alloc(40, 7)])
}
const skBlob = () => withType('sk-ssh-ed25519@openssh.com')
const edBlob = () => withType('ssh-ed25519')
