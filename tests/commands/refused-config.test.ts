import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRefusedConfig } from '../../src/commands/refused-config.ts'
import { loadConfig } from '../../src/config/index.ts'
import { VcError } from '../../src/core/errors.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-refused-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const REPLY = { topic: 'health', version: 1, generatedAt: '2026-11-20T08:00:00.000Z', data: {} }
const GOOD = '[[machines]]\nid = "atlas"\nssh = "local"\n'
const write = (text: string): void => writeFileSync(join(dir, 'vc.toml'), text, { mode: 0o600 })

const watched = () => {
  let loads = 0
  const path = join(dir, 'vc.toml')
  const refused = openRefusedConfig({ is: 'file', path }, async () => {
    loads += 1
    return loadConfig(path)
  })
  const said = async (topic = 'health') => (await refused.told({ ...REPLY, topic })).warnings ?? []
  return { refused, said, loads: () => loads }
}

test('a file that was edited to something that is refused is told once, with the fix, until it is right again', async () => {
  write(GOOD)
  const { said, loads } = watched()
  expect(await said()).toEqual([])
  expect(loads()).toBe(0)
  write(`${GOOD}tagz = []\n`)
  const warning = expect.stringMatching(
    /^config_refused: the configuration is refused, and the daemon goes on with the one before: .*vc\.toml:4: unknown key 'tagz'.* \(.*'tags'.*; all of it: vc config lint\)$/,
  )
  for (const topic of ['health', 'triage', 'status', 'machines', 'doctor']) expect(await said(topic)).toEqual([warning])
  expect(await said('usage')).toEqual([])
  // It is read anew only when it was changed.
  expect(loads()).toBe(1)
  write(GOOD)
  expect(await said()).toEqual([])
})

test('a reload that is refused is told, too, and lint is named only where it has something to say', async () => {
  write(GOOD)
  const { refused, said } = watched()
  refused.reloaded(new VcError('restart_needed', 'the data lies elsewhere', 'put it back'))
  expect(await said()).toEqual([expect.stringMatching(/: the data lies elsewhere \(put it back\)$/)])
  refused.reloaded(null)
  expect(await said()).toEqual([])
})

test('a daemon without a file hears of one that is made and refused', async () => {
  const at = { env: { XDG_CONFIG_HOME: dir }, home: dir, tmp: dir, uid: process.getuid?.() ?? 0, cwd: '/' }
  const refused = openRefusedConfig({ is: 'built_in' }, async () => loadConfig(undefined, at), at)
  expect((await refused.told(REPLY)).warnings).toBeUndefined()
  mkdirSync(join(dir, 'vc'))
  writeFileSync(join(dir, 'vc', 'vc.toml'), 'tagz = []\n', { mode: 0o600 })
  expect((await refused.told(REPLY)).warnings).toHaveLength(1)
})
