import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { OfferedKey, TrustPorts } from '../../src/commands/machines-trust.ts'
import { vc } from './fake-cli.ts'
import { scratchHome } from './scratch-home.ts'

const SHA = 'SHA256:uNiVztksCsDhcc0u9e8BrDXx0C2lZTZqGJKZnkQ0rUo'
const at = scratchHome()

const KEY = { host: 'atlas', port: 22, keyType: 'ssh-ed25519', fingerprint: SHA, onFileIn: [] }

const ports = (
  known: OfferedKey['known'],
): { readonly trustPorts: () => Promise<TrustPorts>; readonly written: string[] } => {
  const written: string[] = []
  return {
    written,
    trustPorts: async () => ({
      scanHostKey: async () => ({ ...KEY, known }),
      lookAgain: async () => {},
      writeTrust: async (_, key) => void written.push(key.fingerprint),
      audit: async () => {},
    }),
  }
}

test('trust without anybody to confirm is exit 4 and names the fingerprint and the way', async () => {
  const { trustPorts, written } = ports('unknown')
  const said = await vc(['machines', 'trust', 'atlas'], { at: at(), trustPorts })
  expect([said.exit, said.out, written]).toEqual([4, '', []])
  expect(said.err).toContain(SHA)
  expect(said.err).toContain('--fingerprint SHA256:')
  const json = await vc(['machines', 'trust', 'atlas', '--json'], { at: at(), trustPorts })
  expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'not_confirmed', exit_code: 4 } })
})

test('trust with the right fingerprint is exit 0 and says where it was written', async () => {
  const { trustPorts, written } = ports('unknown')
  const said = await vc(['machines', 'trust', 'atlas', '--fingerprint', SHA], { at: at(), trustPorts })
  expect(said).toMatchObject({ exit: 0, err: '' })
  expect(said.out).toContain(join(at().home, '.local/share/vc/known_hosts'))
  expect(written).toEqual([SHA])
})

test('list without a store shows the configuration on stdout and the reason on stderr', async () => {
  const said = await vc(['machines', 'list'], { at: at() })
  expect(said.exit).toBe(0)
  expect(said.out).toMatch(/^machine +ssh +status +seen/)
  expect(said.out).toMatch(/^atlas +ann@atlas +unknown +never$/m)
  expect(said.err).toContain('state is unknown: this test has no reader')
  const json = await vc(['machines', 'list', '--json'], { at: at() })
  expect(JSON.parse(json.out)).toMatchObject({ machines: [{ id: 'atlas', status: 'unknown', age_s: null }] })
})

// The commands that edit take their surroundings from the process: tests/cli/bin.test.ts runs them for real.
test('show prints what is configured as TOML', async () => {
  const said = await vc(['machines', 'show', 'atlas'], { at: at() })
  expect(said.out).toContain('id = "atlas"\nssh = "ann@atlas"')
  expect(said.out).not.toContain('null')
  expect(readFileSync(join(at().home, '.config/vc/vc.toml'), 'utf8')).toContain('ann@atlas')
})
