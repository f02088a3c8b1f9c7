import { expect, test } from 'vitest'
import {
  type Consent,
  type OfferedKey,
  sameFingerprint,
  type TrustPorts,
  trustMachine,
} from '../../src/commands/machines-trust.ts'
import { loadConfig, type MachineConfig } from '../../src/config/index.ts'
import type { VcError } from '../../src/core/errors.ts'

const SHA = 'SHA256:uNiVztksCsDhcc0u9e8BrDXx0C2lZTZqGJKZnkQ0rUo'
const loaded = loadConfig(undefined, { env: {}, home: '/home/ann', tmp: '/tmp', uid: 1000, cwd: '/' })
const machine = { ...loaded.config.machines[0], id: 'atlas', ssh: 'ann@atlas' } as MachineConfig

const ports = (known: OfferedKey['known'], audit: TrustPorts['audit'] = async () => {}) => {
  const written: string[] = []
  const audits: string[] = []
  const looked: string[] = []
  const onFileIn = ['/home/ann/.ssh/known_hosts', "/srv/it's/known_hosts"]
  const offered: OfferedKey = { host: 'atlas', port: 22, keyType: 'ssh-ed25519', fingerprint: SHA, known, onFileIn }
  const wired: TrustPorts = {
    scanHostKey: async () => offered,
    writeTrust: async (file, key) => void written.push(`${file} ${key.fingerprint}`),
    lookAgain: async (file) => void looked.push(file),
    audit: async (event) => {
      await audit(event)
      audits.push(`${event.machineId} ${event.kind} ${event.detail}`)
    },
  }
  return { wired, written, audits, looked }
}

const refusal = async (work: Promise<unknown>): Promise<VcError> => {
  try {
    await work
  } catch (error) {
    return error as VcError
  }
  throw new Error('it went through')
}

const FILE = '/home/ann/.local/share/vc/known_hosts'

test('the right fingerprint is written to the own known_hosts and audited', async () => {
  const { wired, written, audits } = ports('unknown')
  const report = await trustMachine(loaded, machine, { fingerprint: SHA, ask: null }, wired)
  expect(report).toMatchObject({ outcome: 'trusted', fingerprint: SHA, file: FILE, warnings: [] })
  expect([written, audits]).toEqual([[`${FILE} ${SHA}`], [`atlas trust ssh-ed25519 ${SHA}`]])
})

test('a person may confirm', async () => {
  const { wired, written } = ports('unknown')
  await trustMachine(loaded, machine, { fingerprint: undefined, ask: async (key) => key.fingerprint === SHA }, wired)
  expect(written).toHaveLength(1)
})

const REFUSED: [string, OfferedKey['known'], Consent, string][] = [
  ['another fingerprint', 'unknown', { fingerprint: `${SHA.slice(0, -1)}x`, ask: null }, 'fingerprint_mismatch'],
  [
    'another fingerprint than the one on file',
    'ok',
    { fingerprint: `${SHA.slice(0, -1)}x`, ask: null },
    'fingerprint_mismatch',
  ],
  ['an empty fingerprint', 'unknown', { fingerprint: '', ask: null }, 'fingerprint_mismatch'],
  ['nobody to ask', 'unknown', { fingerprint: undefined, ask: null }, 'not_confirmed'],
  ['a no', 'unknown', { fingerprint: undefined, ask: async () => false }, 'not_confirmed'],
  [
    'a changed key, even with its own fingerprint',
    'changed',
    { fingerprint: SHA, ask: async () => true },
    'host_key_changed',
  ],
  ['a revoked key', 'revoked', { fingerprint: SHA, ask: async () => true }, 'host_key_revoked'],
]

test.each(REFUSED)('%s is refused with exit 4 and writes nothing', async (_, known, consent, code) => {
  const { wired, written, audits } = ports(known)
  expect(await refusal(trustMachine(loaded, machine, consent, wired))).toMatchObject({ code, exitCode: 4 })
  expect([written, audits]).toEqual([[], []])
})

test('who offers another key is told which files hold the old one', async () => {
  const { wired } = ports('changed')
  const { fix } = await refusal(trustMachine(loaded, machine, { fingerprint: SHA, ask: null }, wired))
  expect(fix).toContain(
    "ssh-keygen -R atlas -f /home/ann/.ssh/known_hosts; ssh-keygen -R atlas -f '/srv/it'\\''s/known_hosts'",
  )
})

test('a key on file is not written twice, but a daemon that met another one is made to look again', async () => {
  const { wired, written, looked } = ports('ok')
  expect(await trustMachine(loaded, machine, { fingerprint: undefined, ask: null }, wired)).toMatchObject({
    outcome: 'already_trusted',
  })
  expect([written, looked]).toEqual([[], [FILE]])
})

test('an audit that fails is said, not hidden', async () => {
  const { wired, written } = ports('unknown', async () => {
    throw new Error('the store is locked')
  })
  const report = await trustMachine(loaded, machine, { fingerprint: SHA, ask: null }, wired)
  expect(report.warnings).toMatchObject([
    { code: 'not_audited', message: expect.stringContaining('the store is locked') },
  ])
  expect(written).toHaveLength(1)
})

test('this machine has no host key', async () => {
  const here = { ...machine, ssh: 'local' }
  expect(await refusal(trustMachine(loaded, here, { fingerprint: SHA, ask: null }, ports('ok').wired))).toMatchObject({
    exitCode: 2,
  })
})

test('fingerprints are compared as ssh prints them, with or without prefix and padding', () => {
  expect(sameFingerprint(SHA, ` ${SHA.slice(7)}= `)).toBe(true)
  expect(sameFingerprint('SHA256:', 'SHA256:')).toBe(false)
})
