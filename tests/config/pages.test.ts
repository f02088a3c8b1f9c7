import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { collectors } from '../../src/collectors/index.ts'
import { COLLECTOR_KEYS } from '../../src/config/collector-keys.ts'
import { configExample, configReference, configSections, parseConfig } from '../../src/config/index.ts'
import { parseTarget } from '../../src/core/ssh-target.ts'

const page = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const REFRESH = 'run: node scripts/config-docs.ts'

test('vc.toml and docs/config.md are what the schema says', () => {
  expect(page('vc.toml'), REFRESH).toBe(configExample())
  expect(page('docs/config.md'), REFRESH).toBe(configReference())
})

test('every key has a meaning, and its default is a value it accepts', () => {
  for (const section of configSections()) {
    for (const key of section.keys) {
      expect(key.about, key.path).not.toBe('')
      if (key.default == null || /machines|prices|channels|rules/.test(section.path)) continue
      const { config, problems } = parseConfig(`[${section.path}]\n${key.name} = ${JSON.stringify(key.default)}\n`, 'f')
      expect(config, `${key.path}: ${JSON.stringify(problems)}`).not.toBeNull()
    }
  }
})

test('vc.toml may name exactly the collectors there are, at the pace they have', () => {
  const told = Object.values(COLLECTOR_KEYS).map(({ name, interval }) => ({ name, interval }))
  const real = collectors.map(({ name, interval }) => ({ name, interval }))
  const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name)
  expect(told.toSorted(byName), 'src/config/collector-keys.ts').toEqual(real.toSorted(byName))
})

test('a collector reads no option that vc.toml does not know', () => {
  const known = new Set(Object.values(COLLECTOR_KEYS).flatMap(({ options }) => Object.keys(options)))
  const folder = new URL('../../src/collectors/', import.meta.url)
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    for (const [, name = ''] of text.matchAll(/ctx\.options\.(\w+)/g)) {
      expect([...known, 'prices'], `${file}: add it to src/config/collector-keys.ts`).toContain(name)
    }
  }
})

const TARGETS = [
  'local', 'atlas', 'ann@atlas', 'ann@atlas:2222', 'ssh://ann@atlas:2222', 'ssh://atlas', 'ann@[::1]:22', '[fe80::1%eth0]', '::1',
  'ann@10.0.0.5:22', 'a_b.c-d', 'atlas:0', 'atlas:99999', 'atlas:x', '-o', '-oProxyCommand=x', 'a b', 'a;b', '$(x)', 'a\nb', 'ann:pw@atlas',
  'ssh://ann:pw@atlas', 'ann@', '@atlas', 'ä', '`x`', "a'b", 'a/b',
  'ann@atlas:22:22', '[atlas]', 'ann@[10.0.0.5]:22', '[::1]22', 'atlas/', 'SSH://ann@atlas', '[::1]@atlas', 'a%b', 'ssh://@atlas',
] // biome-ignore format: a list of words

test.each(TARGETS)('the file and the transport agree about the target %j', (target) => {
  const text = `[[machines]]\nid = "m"\nssh = ${JSON.stringify(target)}\n`
  const accepted = parseConfig(text, 'f').config !== null
  const passed = ((): boolean => {
    try {
      return parseTarget(target) !== null
    } catch {
      return false
    }
  })()
  expect(accepted).toBe(passed)
})
