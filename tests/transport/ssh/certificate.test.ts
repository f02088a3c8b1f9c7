import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateTrouble, validityOf } from '../../../src/transport/ssh/certificate.ts'
import { sshWordsFailure } from '../../../src/transport/ssh/failure.ts'
import type { ResolvedTarget } from '../../../src/transport/ssh/ssh-g.ts'
import { hasProgram } from '../../programs.ts'

let dir: string
const keygen = (...args: readonly string[]) => execFileSync('ssh-keygen', ['-q', ...args], { stdio: 'ignore' })

describe.runIf(hasProgram('ssh-keygen'))('a certificate', () => {
  const sign = (name: string, type: string, validity: string): string => {
    const path = join(dir, name)
    keygen('-t', type, '-N', '', '-f', path)
    keygen('-s', join(dir, 'ca'), '-I', 'ann on atlas', '-n', 'ann,ops', '-V', validity, `${path}.pub`)
    return `${path}-cert.pub`
  }
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'vc-cert-'))
    keygen('-t', 'ed25519', '-N', '', '-f', join(dir, 'ca'))
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  test.each(['ed25519', 'ecdsa', 'rsa'])('of type %s tells from when to when it counts', (type) => {
    const path = sign(type, type, '20200101000000Z:20200201000000Z')
    const [from, until] = [Date.UTC(2020, 0, 1), Date.UTC(2020, 1, 1)].map((ms) => ms / 1000)
    expect(validityOf(readFileSync(path, 'utf8'))).toEqual({ from, until })
  })

  test('that has ended, does not count yet or never ends is told apart', async () => {
    const path = sign('short', 'ed25519', '20200101000000Z:20200201000000Z')
    const target = { certificateFiles: [path], identityFiles: [] } as unknown as ResolvedTarget
    const at = (iso: string) => certificateTrouble(target, Date.parse(iso))
    expect(await at('2020-03-01T00:00:00Z')).toBe(`its certificate ${path} ended at 2020-02-01 00:00Z: have it renewed`)
    expect(await at('2019-12-01T00:00:00Z')).toBe(`its certificate ${path} counts only from 2020-01-01 00:00Z`)
    expect(await at('2020-01-15T00:00:00Z')).toBeNull()
    const forever = { ...target, certificateFiles: [sign('forever', 'ed25519', 'always:forever')] }
    expect(await certificateTrouble(forever, Date.now())).toBeNull()
  })
})

test('any bytes are no certificate, and never a throw', () => {
  const word = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('base64'))
  const types = fc.constantFrom('ssh-ed25519-cert-v01@openssh.com', 'ssh-rsa', '')
  fc.assert(
    fc.property(types, word, (type, blob) => {
      const name = Buffer.from(type)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(name.length)
      const whole = Buffer.concat([length, name, Buffer.from(blob, 'base64')]).toString('base64')
      expect(() => validityOf(`${type} ${whole}`)).not.toThrow()
    }),
  )
})

test("a host certificate that is not accepted is told with ssh's reason, not as a missing key alone", () => {
  const key = 'No ED25519 host key is known for [10.0.0.5]:22 and you have requested strict checking.'
  const words = (first: string): string => `${first}${key}\r\nHost key verification failed.\r\n`
  expect(sshWordsFailure(words('Certificate invalid: expired\r\n'))).toEqual({
    class: 'host_key_unknown',
    detail: `its host certificate is not accepted (expired), have it signed anew; ${key}`,
  })
  expect(sshWordsFailure(words(''))).toEqual({ class: 'host_key_unknown', detail: key })
})
