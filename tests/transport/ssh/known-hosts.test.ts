import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseKnownHosts } from '../../../src/transport/ssh/known-hosts.ts'
import { openKnownHosts } from '../../../src/transport/ssh/known-hosts-files.ts'
import { missingPrograms } from '../executors/fleet.ts'

const blobOf = (type: string, fill: number): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(type.length)
  return Buffer.concat([head, Buffer.from(type), Buffer.alloc(36, fill)])
}
const ed = blobOf('ssh-ed25519', 1)
const otherEd = blobOf('ssh-ed25519', 2)
const rsa = blobOf('ssh-rsa', 3)
const line = (hosts: string, key: Buffer, type = 'ssh-ed25519') =>
  `${hosts} ${type} ${key.toString('base64')} comment\n`

describe('known_hosts', () => {
  it('knows comma lists, ports, case and comments', () => {
    const known = parseKnownHosts([`# words\n\n${line('atlas,10.0.0.1', ed)}${line('[borg]:2222', ed)}`])
    expect(known.verify('ATLAS', 22, null, ed)).toBe('ok')
    expect(known.verify('10.0.0.1', 22, null, ed)).toBe('ok')
    expect(known.verify('borg', 2222, null, ed)).toBe('ok')
    expect(known.verify('borg', 22, null, ed)).toBe('unknown')
    expect(known.verify('atlas', 22, null, otherEd)).toBe('changed')
  })

  it('falls back to the bare name off the standard port, but only to accept', () => {
    const known = parseKnownHosts([line('atlas', ed)])
    expect(known.verify('atlas', 2222, null, ed)).toBe('ok')
    expect(known.verify('atlas', 2222, null, otherEd)).toBe('unknown')
  })

  it('knows wildcards and exclusions', () => {
    const known = parseKnownHosts([line('*.lab,!dmz.lab,node?', ed)])
    expect(known.verify('a.lab', 22, null, ed)).toBe('ok')
    expect(known.verify('dmz.lab', 22, null, ed)).toBe('unknown')
    expect(known.verify('node7', 22, null, ed)).toBe('ok')
    expect(known.verify('node77', 22, null, ed)).toBe('unknown')
  })

  it('puts an alias in the place of name and port', () => {
    const known = parseKnownHosts([line('fleet-key', ed)])
    expect(known.verify('10.9.9.9', 2222, 'fleet-key', ed)).toBe('ok')
    expect(known.verify('fleet-key', 22, 'other', ed)).toBe('unknown')
  })

  it('refuses a revoked key whoever offers it, and sees authorities', () => {
    const known = parseKnownHosts([
      `@revoked ${line('*', ed)}${line('atlas', ed)}@cert-authority ${line('*.lab', rsa, 'ssh-rsa')}`,
    ])
    expect(known.verify('atlas', 22, null, ed)).toBe('revoked')
    expect(known.hasCertAuthority('a.lab', 22, null)).toBe(true)
    expect(known.hasCertAuthority('atlas', 22, null)).toBe(false)
    expect(known.verify('a.lab', 22, null, rsa)).toBe('unknown')
  })

  it('names the types on file, and takes another type for a change', () => {
    const known = parseKnownHosts([line('atlas', rsa, 'ssh-rsa')])
    expect(known.typesOnFile('atlas', 22, null)).toEqual(['ssh-rsa'])
    expect(known.verify('atlas', 22, null, ed)).toBe('changed')
  })

  it('gives no weight to a line whose type and key disagree', () => {
    const known = parseKnownHosts([line('atlas', rsa, 'ssh-ed25519')])
    expect(known.verify('atlas', 22, null, rsa)).toBe('unknown')
  })

  it('reads any text without a throw and never calls a key known that is not there', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, host) => {
        expect(parseKnownHosts([text, line('elsewhere', otherEd)]).verify(host, 22, null, ed)).not.toBe('ok')
      }),
    )
  })
})

const lacking = missingPrograms(['ssh-keygen'])
describe.skipIf(lacking !== null)('known_hosts files', () => {
  let dir = ''
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'vc-known-'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('reads what ssh-keygen -H hashed, with and without a port', async () => {
    const file = join(dir, 'hashed')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'key')])
    const [type = '', base64 = ''] = readFileSync(join(dir, 'key.pub'), 'utf8').split(' ')
    writeFileSync(file, `atlas,10.0.0.1 ${type} ${base64}\n[borg]:2222 ${type} ${base64}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    expect(readFileSync(file, 'utf8')).not.toContain('atlas')
    const { hosts } = await openKnownHosts([file]).read()
    const key = Buffer.from(base64, 'base64')
    expect(['atlas', '10.0.0.1'].map((name) => hosts.verify(name, 22, null, key))).toEqual(['ok', 'ok'])
    expect(hosts.verify('borg', 2222, null, key)).toBe('ok')
    expect(hosts.verify('borg', 22, null, key)).toBe('unknown')
    expect(hosts.verify('atlas', 22, null, ed)).toBe('changed')
  })

  it('indexes once, and again when a file changes or appears', async () => {
    const [one, two] = [join(dir, 'one'), join(dir, 'two')]
    writeFileSync(one, line('atlas', ed))
    const files = openKnownHosts([one, two])
    const first = await files.read()
    expect((await files.read()).hosts).toBe(first.hosts)
    expect(first.hosts.verify('borg', 22, null, ed)).toBe('unknown')
    writeFileSync(two, line('borg', ed))
    const second = await files.read()
    expect(second.stamp).not.toBe(first.stamp)
    expect(second.hosts.verify('borg', 22, null, ed)).toBe('ok')
    appendFileSync(two, line('ceti', ed))
    expect((await files.read()).hosts.verify('ceti', 22, null, ed)).toBe('ok')
  })
})
