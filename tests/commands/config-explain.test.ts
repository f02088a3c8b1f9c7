import { expect, test } from 'vitest'
import { explainConfig } from '../../src/commands/config-explain.ts'
import { configSections, loadConfig, redactConfig } from '../../src/config/index.ts'

const loaded = loadConfig(undefined, { env: {}, home: '/nowhere', tmp: '/tmp', uid: 1, cwd: '/nowhere' })
const keys = (wanted?: string) =>
  explainConfig(wanted, loaded).flatMap((section) => section.keys.map((key) => key.path))

test.each([
  ['polling.max_connections', ['polling.max_connections']],
  ['backup_keep', ['store.backup_keep']],
  ['machines.ssh', ['machines.ssh']],
  ['machines.atlas.ssh', ['machines.ssh']],
  ['collectors.claude.homes', ['collectors.claude.homes']],
  ['machines.atlas.collectors.probe.enabled', ['machines.collectors.probe.enabled']],
  ['prices.openai/gpt-5.1.input_usd_per_mtok', ['prices."provider/model".input_usd_per_mtok']],
  [
    '[store]',
    ['store.memory_limit_mb', 'store.threads', 'store.low_resource', 'store.min_free_bytes', 'store.backup_keep'],
  ],
])('explain %s', (wanted, paths) => expect(keys(wanted)).toEqual(paths))

test('every key can be asked for by its own path, and all of them at once', () => {
  for (const section of configSections()) {
    for (const key of section.keys) expect(keys(key.path), key.path).toEqual([key.path])
  }
  expect(keys().length).toBeGreaterThan(60)
})

test('an unknown key gets the nearest one', () => {
  expect(() => keys('polling.max_conections')).toThrow(
    expect.objectContaining({ fix: 'did you mean: vc config explain polling.max_connections' }),
  )
})

test('what is in force is shown', () => {
  expect(explainConfig('log_level', loaded)[0]?.keys[0]).toMatchObject({ now: 'info', defaultText: '"info"' })
})

test('what is shown holds no secret', () => {
  const shown = JSON.stringify(
    redactConfig({
      web: { token: 'hunter2hunter2', token_file: '/etc/token', port: 7000, nested: [{ password: 'pw' }] },
      alerts: { webhook_url: 'https://hooks.example/T0/B0', relay: 'smtp://ann:hunter2@mail' },
      prices: { 'a/b': { input_usd_per_mtok: 3 } },
    }),
  )
  expect(shown).not.toMatch(/hunter2|"pw"|hooks\.example/)
  expect(shown).toContain('"/etc/token"')
  expect(shown).toContain('"input_usd_per_mtok":3')
})
