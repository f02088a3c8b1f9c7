// What stands beside an answer is said wherever the answer is shown: nobody may take the past for now, or silence for calm.
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import type { Reader } from '../../src/core/carrier.ts'
import { vc } from './fake-cli.ts'

const WARNINGS = ['past: this is how it was at 2026-11-20 (leave at out)', 'embedded: no daemon is running (start one)']
const NOTHING = {
  ...{ actions: [], refused: 0, unknown: 0, steps: null },
  ...{
    alerts: [],
    counts: {},
    more: false,
    history: [],
    deliveries: [],
    incidents: [],
    open: 0,
    detail: null,
    hits: [],
  },
  ...{ windows: [], accounts: [], recommendations: [], line: null, kinds: [], worst: [], backtests: [] },
  ...{ agents: [], by_status: {}, pools: [], queue: [], orphans: [], orphan_mem_bytes: null, events: [] },
  standing: { agents: 0, mem_bytes: null, tokens_24h: 0, cost_microusd_24h: 0 },
}
const DIFF = {
  ...{ from: '2026-11-20T22:00:00Z', to: '2026-11-20T23:00:00Z', machines: [], agents: [], repos: [], accounts: [] },
  ...{ versions: [], alerts: { opened: [], resolved: [], passed: [] } },
}
const openReader = async (): Promise<Reader> => ({
  carrier: 'embedded',
  ask: async ({ topic }) => ({
    ...{ topic, version: 1, generatedAt: '2026-11-20T22:00:00Z', warnings: WARNINGS },
    data: topic === 'diff' ? DIFF : NOTHING,
  }),
  close: async () => {},
})
const parts = {
  openReader,
  loadConfig: async () => loadConfig(undefined, { env: {}, home: '/nowhere', tmp: '/tmp', uid: 0, cwd: '/' }),
}

const COMMANDS = [
  ['alert', 'list'],
  ['audit', 'list'],
  ['incident', 'list'],
  ['agent', 'list'],
  ['agent', 'pool'],
  ['agent', 'recover'],
  ['account', 'list'],
  ['account', 'recommend'],
  ['oracle', 'accuracy'],
  ['search', 'x'],
  ['diff', '1h'],
] as const

test.each(COMMANDS)('vc %s %s says it as text: the past above the answer, all else on stderr', async (...argv) => {
  const { exit, out, err } = await vc(argv, parts)
  expect(exit, err).toBe(0)
  expect(out.split('\n')[0]).toBe(WARNINGS[0])
  expect(err).toBe(`vc: note: ${WARNINGS[1]}\n`)
})

test.each(COMMANDS)('vc %s %s --json holds it in the answer, which is JSON and nothing else', async (...argv) => {
  const { exit, out, err } = await vc([...argv, '--json'], parts)
  expect(exit, err).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ warnings: WARNINGS })
})
