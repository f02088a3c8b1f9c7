import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEditedConfig } from '../../src/commands/edited-config.ts'
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
  const edited = openEditedConfig(loadConfig(path), async () => {
    loads += 1
    return loadConfig(path)
  })
  const told = (topic = 'health', params: Record<string, unknown> = {}) =>
    edited.told({ ...REPLY, topic }, { topic, params })
  const said = async (topic?: string, params?: Record<string, unknown>) => (await told(topic, params)).warnings ?? []
  return { edited, told, said, loads: () => loads, take: () => edited.taken(loadConfig(path)) }
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
  const { edited, said, take } = watched()
  edited.refused(new VcError('restart_needed', 'the data lies elsewhere', 'put it back'))
  expect(await said()).toEqual([expect.stringMatching(/: the data lies elsewhere \(put it back\)$/)])
  take()
  expect(await said()).toEqual([])
})

test('a daemon without a file hears of one that is made and refused', async () => {
  const at = { env: { XDG_CONFIG_HOME: dir }, home: dir, tmp: dir, uid: process.getuid?.() ?? 0, cwd: '/' }
  const edited = openEditedConfig(loadConfig(undefined, at), async () => loadConfig(undefined, at), at)
  const told = () => edited.told(REPLY, { topic: 'health', params: {} })
  expect((await told()).warnings).toBeUndefined()
  mkdirSync(join(dir, 'vc'))
  writeFileSync(join(dir, 'vc', 'vc.toml'), 'tagz = []\n', { mode: 0o600 })
  expect((await told()).warnings).toHaveLength(1)
})

const EDITED = `${GOOD}tags = ["gpu"]\n[[machines]]\nid = "borg"\nssh = "borg"\n[[machines]]\nid = "coyote"\nssh = "coyote"\nenabled = false\n[polling]\nmax_connections = 50\n`

test('an edit that is not loaded is told beside each answer until it is taken up, with what it would change', async () => {
  write(GOOD)
  const { told, said, loads, take } = watched()
  write(EDITED)
  const warning = expect.stringMatching(
    /^config_not_loaded: vc\.toml changed at .* UTC, \d s ago, and is not loaded: it adds borg, coyote and changes atlas, \[polling\] \(vc config reload; what it would refuse: vc config lint\)$/,
  )
  for (const topic of ['health', 'usage', 'machine']) expect(await said(topic)).toEqual([warning])
  expect(loads()).toBe(1)
  // What it says now changes nothing about the past.
  expect(await said('health', { at: '2h' })).toEqual([])
  // Only what the file wants looked at is missed, and only by who asked about it.
  expect((await told()).notLoaded).toEqual(['borg'])
  expect((await told('health', { machine: 'atlas,borg' })).notLoaded).toEqual(['borg'])
  expect((await told('health', { machine: 'atlas' })).notLoaded).toBeUndefined()
  take()
  expect(await told()).toEqual(REPLY)
})

test('an edit that is taken back, or changes a comment only, is none', async () => {
  write(GOOD)
  const { said } = watched()
  write(EDITED)
  expect(await said()).toHaveLength(1)
  write(`# why atlas\n${GOOD}`)
  expect(await said()).toEqual([])
})

test('an edit made while another is taken up is not missed', async () => {
  write(GOOD)
  const { edited, said } = watched()
  write(EDITED)
  const next = loadConfig(join(dir, 'vc.toml'))
  write(GOOD)
  edited.taken(next)
  expect(await said()).toEqual([expect.stringContaining('is not loaded: it drops borg, coyote and changes atlas')])
})

test('data that would lie elsewhere is refused before anybody is sent to reload it', async () => {
  write(GOOD)
  const { said } = watched()
  write(`${GOOD}[vc]\ndata_dir = "${join(dir, 'other')}"\n`)
  expect(await said()).toEqual([expect.stringMatching(/^config_refused: .*keeps its data elsewhere.*start it anew/)])
})

test('a file that is gone leaves what it said in force until that is reloaded', async () => {
  const at = { env: { XDG_CONFIG_HOME: dir }, home: dir, tmp: dir, uid: process.getuid?.() ?? 0, cwd: '/' }
  mkdirSync(join(dir, 'vc'))
  const file = join(dir, 'vc', 'vc.toml')
  writeFileSync(file, '[[machines]]\nid = "atlas"\nssh = "atlas"\n', { mode: 0o600 })
  const load = async () => loadConfig(undefined, at)
  const edited = openEditedConfig(await load(), load, at)
  rmSync(file)
  const [here] = (await load()).config.machines
  expect(await edited.unloaded()).toMatchObject({
    changed: 'vc.toml is gone, which is not taken up',
    difference: `it adds ${here?.id} and drops atlas`,
    machines: [here?.id],
  })
})
