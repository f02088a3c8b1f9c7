import fc from 'fast-check'
import { parse as parseToml } from 'smol-toml'
import { expect, test } from 'vitest'
import { COLLECTOR_NAMES, configExample, parseConfig } from '../../src/config/index.ts'

const accepted = (text: string) => {
  const { config, problems } = parseConfig(text, 'vc.toml')
  expect(problems.filter((problem) => problem.severity === 'error')).toEqual([])
  if (config === null) throw new Error('refused without a reason')
  return config
}

test('an empty file is the defaults of the plan', () => {
  const { polling, machines, store, collectors } = accepted('')
  expect(polling).toMatchObject({
    max_machines_in_flight: 32,
    max_collectors_in_flight_per_machine: 4,
    max_connects_in_flight: 16,
    max_connections: 1000,
    base_tick_local_seconds: 2,
    base_tick_remote_seconds: 10,
    default_interval_seconds: null,
  })
  expect(store.backup_keep).toBe(7)
  expect(machines).toEqual([])
  expect(Object.keys(collectors)).toEqual(COLLECTOR_NAMES)
})

test("the plan's own example is accepted, and nothing may be changed on a machine that does not say so", () => {
  const config = accepted(`
[vc]
db_path = "~/.local/share/vc/vc.duckdb"
data_dir = "~/.local/share/vc"
[polling]
default_interval_seconds = 120
max_machines_in_flight = 8
max_collectors_in_flight_per_machine = 4
[[machines]]
id = "orko"
ssh = "local"  # special-case local execution
tags = ["primary", "claude", "codex"]
[[machines]]
id = "sydneymc"
ssh = "ubuntu@sydneymc.internal:22"
[[machines]]
id = "gpu-box"
ssh = "ubuntu@10.0.0.50:22"
[autopilot]
mode = "suggest"
[autopilot.safe_commands]
allow = ["caam recommend"]
[web]
port = 7000
`)
  expect(config.machines.map((machine) => machine.id)).toEqual(['orko', 'sydneymc', 'gpu-box'])
  for (const machine of config.machines) {
    expect(machine).toMatchObject({
      enabled: true,
      allow_write_commands: false,
      allow_autopilot: false,
      transport: 'auto',
    })
  }
  expect(config.web).toEqual({ port: 7000 })
})

test('a section that is only kept says so instead of seeming to obey', () => {
  const { problems } = parseConfig('[web]\nload = 3\n', 'vc.toml')
  expect(problems).toMatchObject([{ severity: 'warning', code: 'not_used_yet', line: 1 }])
})

test('an interval off the tick is accepted with a warning that names the pace it will have', () => {
  const { config, problems } = parseConfig(
    '[[machines]]\nid = "a"\nssh = "a"\n[collectors.git]\ninterval_seconds = 45\n',
    'f',
  )
  expect(config).not.toBeNull()
  expect(problems).toMatchObject([{ severity: 'warning', line: 5, message: expect.stringContaining('every 50 s') }])
})

test('the commented example changes nothing as it is', () => {
  expect(accepted(configExample())).toEqual(accepted(''))
  expect(parseConfig(configExample(), 'vc.toml').problems).toEqual([])
})

test('the commented example is valid when every line is switched on', () => {
  const on = configExample().replace(/^#(?=\S)/gm, '')
  expect(parseToml(on)).toHaveProperty('polling.max_machines_in_flight', 32)
  const config = accepted(on)
  expect(config.machines).toMatchObject([{ ssh: 'local' }, { id: 'atlas' }])
})

const words = fc.constantFrom(
  '[vc]', '[polling]', '[[machines]]', '[machines.collectors.probe]', '[collectors.claude]', '[prices."a/b"]', '[web]',
  'id = "a"', 'ssh = "local"', 'ssh = 3', 'tags = [1]', 'machines = 3', 'collectors = []', 'timeout_seconds = 99999',
  'interval_seconds = 0', 'interval_seconds = inf', 'retry_min_seconds = "x"', 'x = { y = [ {} ] }', 'homes = ["a"]', '# c', '',
) // biome-ignore format: a list of lines

test('no text makes the parser throw, and a refusal always names a reason', () => {
  const lines = fc.array(words, { maxLength: 12 }).map((all) => all.join('\n'))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), lines), (text) => {
      const { config, problems } = parseConfig(text, 'f')
      expect(config === null).toBe(problems.some((problem) => problem.severity === 'error'))
    }),
    { numRuns: 500 },
  )
})

test('a target that only a disabled machine shares is counted once', () => {
  const block = (id: string, enabled: boolean): string =>
    `[[machines]]\nid = "${id}"\nssh = "ann@atlas"\nenabled = ${enabled}\n`
  const said = (text: string) => parseConfig(text, 'vc.toml').problems.map(({ code }) => code)
  expect(said(block('old', false) + block('new', true))).toEqual([])
  expect(said(block('old', true) + block('new', true))).toEqual(['duplicate_target'])
})
