import fc from 'fast-check'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { keyPath, literalOf, setKey, unsetKey } from '../../src/config/index.ts'

const FILE = `# mine
[polling]   # how often
max_connections = 50 # plenty

[[machines]]
id = "atlas"
ssh = "local"
`

const set = (text: string, key: string, typed: string): string => {
  const path = keyPath(key, ['atlas'])
  return setKey(text, path, literalOf(path, typed))
}

test('a key that stands there gets its value replaced, and nothing else moves', () => {
  expect(set(FILE, 'polling.max_connections', '8')).toBe(FILE.replace('50', '8'))
})

test('a new key stands below the header of its section, a new section at the end', () => {
  expect(set(FILE, 'polling.base_tick_local_seconds', '4')).toBe(
    FILE.replace('# how often\n', '# how often\nbase_tick_local_seconds = 4\n'),
  )
  expect(set(FILE, 'collectors.caut.enabled', 'false')).toBe(`${FILE}\n[collectors.caut]\nenabled = false\n`)
  expect(set('', 'polling.max_connections', '8')).toBe('[polling]\nmax_connections = 8\n')
})

test('a key of a machine is found by its id', () => {
  expect(parse(set(FILE, 'machines.atlas.enabled', 'false'))).toMatchObject({
    machines: [{ id: 'atlas', enabled: false, ssh: 'local' }],
  })
  expect(() => keyPath('machines.borg.enabled', ['atlas'])).toThrow(/names no machine 'borg'/)
})

test('what the key wants as a text is quoted; a list and a number are not', () => {
  expect(literalOf(['ssh', 'config_file'], '/home/x/.ssh/config')).toBe('"/home/x/.ssh/config"')
  expect(literalOf(['ssh', 'config_file'], 'a"b')).toBe('"a\\"b"')
  expect(literalOf(['polling', 'max_connections'], '8')).toBe('8')
  expect(literalOf(['polling', 'max_connections'], 'many')).toBe('"many"')
})

test('unset takes the line out; what is not there is no change', () => {
  expect(unsetKey(FILE, ['polling', 'max_connections'])).toBe(FILE.replace('max_connections = 50 # plenty\n', ''))
  expect(unsetKey(FILE, ['polling', 'other'])).toBeNull()
})

test('sections written in line are left to a person', () => {
  expect(() => set('polling = { max_connections = 5 }\n', 'polling.base_tick_local_seconds', '4')).toThrow(/line 1/)
  expect(() => unsetKey('polling = { max_connections = 5, x = 1 }\n', ['polling', 'x'])).toThrow(/holds more/)
})

test('whatever is typed becomes one value and never a second line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (typed) => {
      const after = parse(set(FILE, 'ssh.config_file', typed)) as Record<string, Record<string, unknown>>
      expect(Object.keys(after).sort()).toEqual(['machines', 'polling', 'ssh'])
      expect(Object.keys(after.ssh ?? {})).toEqual(['config_file'])
    }),
  )
})
