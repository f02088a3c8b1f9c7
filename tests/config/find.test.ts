import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lintConfig } from '../../src/commands/config-files.ts'
import { configExample, loadConfig, type Surroundings } from '../../src/config/index.ts'
import { builtInMachine, safeHostId } from '../../src/config/load.ts'
import type { VcError } from '../../src/core/errors.ts'

let home: string
const uid = process.getuid?.() ?? 0

const at = (env: Record<string, string> = {}): Surroundings => ({
  env,
  home,
  tmp: join(home, 'tmp'),
  uid,
  cwd: join(home, 'cwd'),
})

const put = (path: string, text: string, mode = 0o600): string => {
  const full = join(home, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
  chmodSync(full, mode)
  return full
}

const machine = (id: string): string => `[[machines]]\nid = "${id}"\nssh = "local"\n`
const ids = (flag?: string, env: Record<string, string> = {}): string[] =>
  loadConfig(flag, at(env)).config.machines.map(({ id }) => id)

const refusal = (flag: string | undefined, env: Record<string, string> = {}): VcError => {
  try {
    loadConfig(flag, at(env))
  } catch (error) {
    return error as VcError
  }
  throw new Error('it was loaded')
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-find-'))
  mkdirSync(join(home, 'cwd'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('without any file vc looks at this machine only', () => {
  const loaded = loadConfig(undefined, at())
  expect(loaded.source).toEqual({ is: 'built_in' })
  expect(loaded.config.machines).toEqual([builtInMachine()])
  expect(loaded.config.machines[0]).toMatchObject({ ssh: 'local', enabled: true })
})

test.each([
  ['box.example.org', 'box'],
  ['-weird name-', 'weird-name'],
  ['ünïcode', 'n-code'],
  ['', 'local'],
  ['...', 'local'],
])('host name %j becomes the id %j', (name, id) => expect(safeHostId(name)).toBe(id))

test('--config wins over VC_CONFIG, VC_CONFIG over the home, XDG_CONFIG_HOME over ~/.config', () => {
  const flag = put('flag.toml', machine('flag'))
  const env = put('env.toml', machine('env'))
  put('.config/vc/vc.toml', machine('home'))
  put('xdg/vc/vc.toml', machine('xdg'))
  expect(ids(flag, { VC_CONFIG: env })).toEqual(['flag'])
  expect(ids(undefined, { VC_CONFIG: env })).toEqual(['env'])
  expect(ids()).toEqual(['home'])
  expect(ids(undefined, { VC_CONFIG: '' })).toEqual(['home'])
  expect(ids(undefined, { XDG_CONFIG_HOME: join(home, 'xdg') })).toEqual(['xdg'])
  expect(ids(undefined, { XDG_CONFIG_HOME: 'relative' })).toEqual(['home'])
  expect(ids('../flag.toml')).toEqual(['flag'])
})

test('a file that was asked for must exist', () => {
  expect(refusal('/nowhere/vc.toml')).toMatchObject({ code: 'config_missing', exitCode: 2 })
  expect(refusal(undefined, { VC_CONFIG: '/nowhere/vc.toml' }).message).toContain('VC_CONFIG')
})

test('a link that leads nowhere is told as one: a file made in its place would not be found either', () => {
  const link = join(home, 'link.toml')
  symlinkSync(join(home, 'gone.toml'), link)
  const { message, fix } = refusal(link)
  expect(message).toBe(`${link} (named by --config) is a link that leads nowhere`)
  expect(fix).toBe(`look: ls -l ${link}`)
})

test.each([
  ['in a line of its own', Buffer.from('[vc]\n# caf\xe9\n', 'latin1'), ':2 is not UTF-8 text', 'save it as UTF-8'],
  ['as UTF-16', Buffer.from('\ufeff[vc]\n', 'utf16le'), ' is not UTF-8 text', 'it is UTF-16: save it as UTF-8'],
])('a file that is no UTF-8 %s is refused with the place and the fix', (_, bytes, message, fix) => {
  const file = put('vc.toml', '')
  writeFileSync(file, bytes)
  expect(refusal(file)).toMatchObject({ code: 'config_not_text', exitCode: 2, message: `${file}${message}`, fix })
})

test('what lint was told to judge is not called the value of an option', () => {
  expect(() => lintConfig(at(), '/nowhere/vc.toml')).toThrow('/nowhere/vc.toml (named by [file])')
  expect(() => lintConfig(at(), undefined, '/nowhere/vc.toml')).toThrow('(named by --config)')
  expect(() => lintConfig(at(), '')).toThrow('the value of [file] is empty')
})

test.each(['', ' '])('an empty --config (%j) is refused as such, not taken for the current folder', (flag) => {
  put('.config/vc/vc.toml', machine('home'))
  expect(refusal(flag)).toMatchObject({
    code: 'config_unnamed',
    exitCode: 2,
    message: 'the value of --config is empty',
  })
})

test('a ./vc.toml is mentioned and never loaded by itself', () => {
  put('cwd/vc.toml', machine('stray'))
  const loaded = loadConfig(undefined, at())
  expect(loaded.config.machines[0]?.id).not.toBe('stray')
  expect(loaded.notices).toMatchObject([{ code: 'config_not_loaded' }])
  const meant = loadConfig('./vc.toml', at())
  expect(meant.config.machines[0]?.id).toBe('stray')
  expect(meant.notices).toEqual([])
})

test('an example with nothing switched on is not worth a word', () => {
  put('cwd/vc.toml', configExample())
  expect(loadConfig(undefined, at()).notices).toEqual([])
})

test.each([0o620, 0o602, 0o666, 0o777])('a file others can write (%o) is refused with the chmod to type', (mode) => {
  const path = put('open.toml', machine('open'), mode)
  expect(refusal(path)).toMatchObject({ code: 'config_unsafe', exitCode: 2, fix: `chmod go-w ${path}` })
})

test.each([0o600, 0o644, 0o400, 0o755])('a file only its owner can write (%o) is loaded', (mode) => {
  expect(ids(put('mine.toml', machine('mine'), mode))).toEqual(['mine'])
})

test.skipIf(uid !== 0)('a file of somebody else is refused with the chown to type', () => {
  const path = put('theirs.toml', machine('theirs'))
  chownSync(path, 12_345, 12_345)
  expect(refusal(path)).toMatchObject({ code: 'config_unsafe', fix: expect.stringContaining(`sudo chown 0 ${path}`) })
  const link = join(home, 'link.toml')
  symlinkSync(path, link)
  expect(refusal(link).message).toContain('belongs to uid 12345')
})

test('a folder, a device and a text that is no text are refused, never waited for', () => {
  expect(refusal(home)).toMatchObject({ code: 'config_unsafe' })
  expect(refusal('/dev/zero').exitCode).toBe(2)
  const path = join(home, 'latin1.toml')
  writeFileSync(path, Buffer.from([0x23, 0xe4, 0x0a]))
  expect(refusal(path)).toMatchObject({ code: 'config_not_text' })
})

test('a file without machines means this machine', () => {
  expect(ids(put('a.toml', '[polling]\nmax_connections = 5\n'))).toEqual([builtInMachine().id])
})

test('an ssh_config that is not there is a warning with its line, for it keeps every ssh machine away', () => {
  const text = '[ssh]\nconfig_file = "fleet_config"\n'
  expect(loadConfig(put('etc/ops.toml', text), at()).notices).toMatchObject([
    {
      code: 'ssh_config_missing',
      message: expect.stringMatching(/ops\.toml:2: there is no ssh_config at .*etc\/fleet_config/),
    },
  ])
  put('etc/fleet_config', 'Host atlas\n')
  expect(loadConfig(put('etc/ops.toml', text), at()).notices).toEqual([])
})

test('an ssh_config that others can write is a warning: it names programs that would run', () => {
  const text = '[ssh]\nconfig_file = "open_config"\n'
  const open = put('etc/open_config', 'Host atlas\n')
  chmodSync(open, 0o646)
  expect(loadConfig(put('etc/ops.toml', text), at()).notices).toMatchObject([
    { code: 'ssh_config_unsafe', fix: expect.stringContaining('chmod go-w') },
  ])
})

test('paths in a file are taken from its own folder, ~ from the home', () => {
  const file = put('etc/ops.toml', '[vc]\ndata_dir = "data"\n[ssh]\nconfig_file = "~/fleet_config"\n')
  const loaded = loadConfig(file, at())
  expect(loaded.paths.dataDir).toBe(join(home, 'etc/data'))
  expect(loaded.config.ssh.config_file).toBe(join(home, 'fleet_config'))
})
