import { expect, test } from 'vitest'
import { parsePriceOverrides } from '../../src/collectors/prices/index.ts'
import { collectorSettings, parseConfig } from '../../src/config/index.ts'

const collector = { name: 'claude', interval: { localS: 30, remoteS: 30 }, timeoutMs: 25_000 }

const settings = (text: string, index = 0, name = 'claude') => {
  const { config, problems } = parseConfig(`${text}\n`, 'f')
  const machine = config?.machines[index]
  if (!config || !machine) throw new Error(JSON.stringify(problems))
  return collectorSettings(config, machine, { ...collector, name })
}

const MACHINES = '[[machines]]\nid = "a"\nssh = "local"\n[[machines]]\nid = "b"\nssh = "b"\n'

test('without a word the collector keeps its own pace', () => {
  expect(settings(MACHINES)).toEqual({
    enabled: true,
    intervalMs: 30_000,
    isPaceNamed: false,
    timeoutMs: 25_000,
    options: {},
  })
})

test('machine over collector over default interval over own', () => {
  const general = `${MACHINES}[machines.collectors.claude]\ninterval_seconds = 90\n[collectors.claude]\ninterval_seconds = 60\n`
  expect(settings(general, 0).intervalMs).toBe(60_000)
  expect(settings(general, 1).intervalMs).toBe(90_000)
  expect(settings(`[polling]\ndefault_interval_seconds = 120\n${MACHINES}`).intervalMs).toBe(120_000)
})

test('an interval is rounded up to the tick of the machine, and a timeout never passes it', () => {
  const text = `${MACHINES}[collectors.claude]\ninterval_seconds = 13\n`
  expect(settings(text, 0)).toMatchObject({ intervalMs: 14_000, timeoutMs: 14_000 })
  expect(settings(text, 1)).toMatchObject({ intervalMs: 20_000, timeoutMs: 20_000 })
})

test('options are only what the file sets; the machine wins', () => {
  const text = `${MACHINES}[machines.collectors.claude]\nhomes = ["/b"]\n[collectors.claude]\nhomes = ["/all"]\nother_users = true\n`
  expect(settings(text, 0).options).toEqual({ homes: ['/all'], other_users: true })
  expect(settings(text, 1).options).toEqual({ homes: ['/b'], other_users: true })
})

test("a home of Claude's transcripts is a home of its live state, once", () => {
  const text = `${MACHINES}[machines.collectors.claude]\nhomes = ["/b"]\n[collectors.claude]\nhomes = ["/all"]\n[collectors.live]\nclaude_homes = ["/all", "/live"]\n`
  expect(settings(text, 0, 'live').options).toEqual({ claude_homes: ['/all', '/live'] })
  expect(settings(text, 1, 'live').options).toEqual({ claude_homes: ['/all', '/live', '/b'] })
  expect(settings(MACHINES, 0, 'live').options).toEqual({})
})

test('a collector can be off everywhere and on in one place', () => {
  const text = `${MACHINES}[machines.collectors.claude]\nenabled = true\n[collectors.claude]\nenabled = false\n`
  expect([settings(text, 0).enabled, settings(text, 1).enabled]).toEqual([false, true])
})

test('the prices of the file reach the collectors that price, without what it leaves unset', () => {
  const text = `${MACHINES}[prices."openai/gpt-x"]\ninput_usd_per_mtok = 1.5\noutput_usd_per_mtok = 6\n`
  expect(settings(text).options).toEqual({
    prices: { 'openai/gpt-x': { input_usd_per_mtok: 1.5, output_usd_per_mtok: 6 } },
  })
  expect([...parsePriceOverrides(settings(text).options.prices).keys()]).toEqual(['openai/gpt-x'])
})
