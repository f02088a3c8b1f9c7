import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planAuth, readIdentity } from '../../../src/transport/ssh/identity.ts'
import { loginRefused } from '../../../src/transport/ssh/login-words.ts'
import type { ResolvedTarget } from '../../../src/transport/ssh/ssh-g.ts'
import { hasProgram } from '../../programs.ts'

const agentTrouble = (): string | null => null
const plan = { methods: [{ type: 'none' as const, username: 'ann' }], leftOut: [], absent: [], agentTrouble }
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
      { ...login, plan: { ...plan, methods: [], absent: ['/home/ann/.ssh/id_a', '/home/ann/.ssh/id_b'] } },
      'ann@atlas: no key to offer: no key file at /home/ann/.ssh/id_a, /home/ann/.ssh/id_b',
    ],
    [
      'which keys were left out, and not which files are not there',
      {
        ...login,
        plan: { ...plan, methods: [], leftOut: ['/home/ann/.ssh/id_a: holds no key'], absent: ['/home/ann/.ssh/id_b'] },
      },
      'ann@atlas: no key accepted; /home/ann/.ssh/id_a: holds no key',
    ],
  ])('%s', (_, refused, words) => {
    expect(loginRefused(refused)).toBe(words)
  })
})

describe('what an agent could not offer is told', () => {
  const withAgent = async (test: (socket: string) => Promise<void>): Promise<void> => {
    const dir = mkdtempSync(join(tmpdir(), 'vc-agent-'))
    await test(join(dir, 'agent.sock')).finally(() => rmSync(dir, { recursive: true }))
  }
  const wordsOf = async (agentSocket: string, identitiesOnly = false): Promise<string> => {
    const asked = { user: 'ann', identityFiles: [], identitiesOnly, agentSocket, pubkeyAuthentication: true }
    const planned = await planAuth(asked as unknown as ResolvedTarget)
    const [method] = planned.methods
    if (method?.type !== 'agent' || typeof method.agent === 'string') throw new Error('no agent is asked')
    const { agent } = method
    await new Promise<void>((heard) => agent.getIdentities(() => heard()))
    return loginRefused({ ...login, plan: planned })
  }

  test('one that is gone', () =>
    withAgent(async (socket) => {
      expect(await wordsOf(socket)).toBe(
        `ann@atlas: no key accepted; the ssh agent at ${socket} does not answer: start one there, or vc with the SSH_AUTH_SOCK of one that lives`,
      )
    }))

  test('one without keys', () =>
    withAgent(async (socket) => {
      // SSH_AGENT_IDENTITIES_ANSWER with none
      const server = createServer((client) =>
        client.on('data', () => client.end(Buffer.from([0, 0, 0, 5, 12, 0, 0, 0, 0]))),
      )
      await new Promise<void>((listens) => server.listen(socket, listens))
      try {
        expect(await wordsOf(socket)).toBe(
          `ann@atlas: no key accepted; the ssh agent at ${socket} holds no key: ssh-add`,
        )
      } finally {
        server.close()
      }
    }))
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
