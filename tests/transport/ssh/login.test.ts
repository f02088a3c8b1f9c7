import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readIdentity } from '../../../src/transport/ssh/identity.ts'
import { loginRefused } from '../../../src/transport/ssh/login-words.ts'
import { hasProgram } from '../../programs.ts'

const plan = { methods: [{ type: 'none' as const, username: 'ann' }], leftOut: [], absent: [] }
const ALL = 'All configured authentication methods failed'
const login = { user: 'ann', hostname: 'atlas', plan, takes: ['publickey'], said: ALL }

describe('a refused login says', () => {
  test.each([
    ['nothing more where the keys are simply not known there', login, 'ann@atlas: no key accepted'],
    [
      'what the server wants instead of a key',
      { ...login, takes: ['password', 'keyboard-interactive'] },
      'ann@atlas: no key accepted; the server takes no key, only password, keyboard-interactive, which vc never types: allow a key there',
    ],
    [
      'that an agent held too many keys',
      { ...login, said: 'Too many authentication failures' },
      'ann@atlas: no key accepted; the server let no further key be tried (too many authentication failures): name the right one with IdentityFile and IdentitiesOnly yes',
    ],
    [
      'where no key lies, if there is none to offer',
      { ...login, plan: { methods: [], leftOut: [], absent: ['/home/ann/.ssh/id_a', '/home/ann/.ssh/id_b'] } },
      'ann@atlas: no key to offer: no key file at /home/ann/.ssh/id_a, /home/ann/.ssh/id_b',
    ],
    [
      'which keys were left out, and not which files are not there',
      {
        ...login,
        plan: { methods: [], leftOut: ['/home/ann/.ssh/id_a: holds no key'], absent: ['/home/ann/.ssh/id_b'] },
      },
      'ann@atlas: no key accepted; /home/ann/.ssh/id_a: holds no key',
    ],
  ])('%s', (_, refused, words) => {
    expect(loginRefused(refused)).toBe(words)
  })
})

test.runIf(hasProgram('ssh-keygen'))('a key that others may read is no key, as for ssh', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-key-'))
  try {
    const path = join(dir, 'id')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
    expect(await readIdentity(path)).toMatchObject({ is: 'key' })
    chmodSync(path, 0o640)
    expect(await readIdentity(path)).toMatchObject({ is: 'unusable', why: expect.stringContaining('mode 0640') })
  } finally {
    rmSync(dir, { recursive: true })
  }
})
