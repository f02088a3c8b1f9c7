import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addMachine, parseConfig, type Surroundings, setMachineKey, writeConfig } from '../../src/config/index.ts'

const FILE = `# my fleet
[polling]   # slow link
max_connections = 10 # few

[[machines]]
id = "atlas"      # the big one
ssh = "local"
enabled = true    # for now

  [[machines]]
  # indented by taste
  id = 'borg'
  ssh = "borg"
`

const machinesOf = (text: string) => {
  const { config, problems } = parseConfig(text, 'vc.toml')
  expect(problems.filter((problem) => problem.severity === 'error')).toEqual([])
  return config?.machines ?? []
}

test('adding a machine keeps every byte that was there', () => {
  const after = addMachine(FILE, { id: 'cray', ssh: 'ops@cray:2222', tags: ['gpu', 'far "off"'] })
  expect(after.startsWith(FILE)).toBe(true)
  expect(machinesOf(after)[2]).toMatchObject({ id: 'cray', ssh: 'ops@cray:2222', tags: ['gpu', 'far "off"'] })
  expect(machinesOf(addMachine('', { id: 'a', ssh: 'local' }))).toHaveLength(1)
  expect(machinesOf(addMachine('# no newline', { id: 'a', ssh: 'local' }))).toHaveLength(1)
})

test('a list on one line is not rewritten; the error says what to type', () => {
  expect(() => addMachine('machines = [{ id = "a", ssh = "local" }]', { id: 'b', ssh: 'b' })).toThrow(/one list/)
})

test('switching replaces only the value, or adds one line under the id', () => {
  const off = setMachineKey(FILE, 0, 'enabled', false)
  expect(off).toBe(FILE.replace('enabled = true ', 'enabled = false '))
  const other = setMachineKey(FILE, 1, 'enabled', false)
  expect(other).toBe(FILE.replace("  id = 'borg'\n", "  id = 'borg'\n  enabled = false\n"))
  const inline = 'machines = [\n  { id = "a", ssh = "local" }, # first\n  { id = "b", ssh = "b" },\n]\n'
  expect(setMachineKey(inline, 1, 'enabled', false)).toBe(inline.replace('id = "b",', 'id = "b", enabled = false,'))
  const windows = FILE.replaceAll('\n', '\r\n')
  expect(setMachineKey(windows, 1, 'enabled', false).replaceAll('\r\n', '\n')).toBe(other)
  expect(setMachineKey(windows, 1, 'enabled', false)).not.toMatch(/[^\r]\n/)
})

test('off and on again, at any place among any comments, gives the machine back and no other change', () => {
  const comment = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\u0000-\u001f\u007f]/g, ''))
  const block = fc.tuple(comment, fc.constantFrom('', '  ', '\t')).map(([text, indent]) => ({ text, indent }))
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), fc.nat(), (blocks, pick) => {
      const text = blocks
        .map(
          ({ text, indent }, n) =>
            `#${text}\n${indent}[[machines]]\n${indent}id = "m${n}" # ${text}\n${indent}ssh = "m${n}"\n`,
        )
        .join('\n')
      const index = pick % blocks.length
      const off = setMachineKey(text, index, 'enabled', false)
      expect(machinesOf(off).map(({ enabled }) => enabled)).toEqual(blocks.map((_, n) => n !== index))
      const on = setMachineKey(off, index, 'enabled', true)
      expect(
        on
          .split('\n')
          .filter((line) => !line.includes('enabled'))
          .join('\n'),
      ).toBe(text)
    }),
  )
})

let dir: string
const at = (): Surroundings => ({ env: {}, home: dir, tmp: dir, uid: process.getuid?.() ?? 0, cwd: dir })
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-write-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const put = (text: string): string => {
  const path = join(dir, 'vc.toml')
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

test('a new file is private, makes its folder and never replaces one', () => {
  const path = join(dir, 'deep/er/vc.toml')
  writeConfig(path, null, '# new\n', at())
  expect(lstatSync(path).mode & 0o777).toBe(0o600)
  expect(() => writeConfig(path, null, '# other\n', at())).toThrow(/exists already/)
  expect(readFileSync(path, 'utf8')).toBe('# new\n')
})

test('the previous text is kept as .bak and nothing else is left behind', () => {
  const path = put('# one\n')
  writeConfig(path, '# one\n', '# two\n', at())
  expect(readFileSync(path, 'utf8')).toBe('# two\n')
  expect(readFileSync(`${path}.bak`, 'utf8')).toBe('# one\n')
  expect(existsSync(`${path}.new`)).toBe(false)
})

test('a text that lint would refuse is never written', () => {
  const path = put('# one\n')
  expect(() => writeConfig(path, '# one\n', '[poling]\n', at())).toThrow(/unknown section/)
  expect(readFileSync(path, 'utf8')).toBe('# one\n')
  expect(existsSync(`${path}.bak`)).toBe(false)
})

test('two writers: the second one sees that the file changed, or that somebody is at it', () => {
  const path = put('# one\n')
  writeFileSync(path, '# meanwhile\n')
  expect(() => writeConfig(path, '# one\n', '# two\n', at())).toThrow(/changed while/)
  expect(existsSync(`${path}.new`)).toBe(false)
  writeFileSync(`${path}.new`, '')
  expect(() => writeConfig(path, '# meanwhile\n', '# two\n', at())).toThrow(/another vc is writing/)
  expect(readFileSync(path, 'utf8')).toBe('# meanwhile\n')
})

test('a linked file stays a link, its target is written', () => {
  const target = join(dir, 'dotfiles.toml')
  writeFileSync(target, '# one\n', { mode: 0o600 })
  const link = join(dir, 'vc.toml')
  symlinkSync(target, link)
  expect(writeConfig(link, '# one\n', '# two\n', at())).toBe(target)
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(readFileSync(target, 'utf8')).toBe('# two\n')
})
