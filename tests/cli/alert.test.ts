import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Surroundings } from '../../src/config/index.ts'
import type { Reader } from '../../src/core/carrier.ts'
import { vc } from './fake-cli.ts'

let home: string
const at = (): Surroundings => ({ env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home })
const RULE = '[[rules]]\nid = "hot"\nquery = "machines"\nwhen = "load5 > 3"\nmachine = "id"\n'
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-cli-'))
  mkdirSync(join(home, '.config/vc'), { recursive: true })
  writeFileSync(join(home, '.config/vc/vc.toml'), `[alerts]\ndisabled_rules = ["cass_stale"]\n${RULE}`, { mode: 0o600 })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const ALERT = {
  id: 'machine_unreachable:atlas:transport', rule: 'machine_unreachable', machine: 'atlas', subject: 'transport', severity: 'critical', status: 'firing',
  title: 'atlas is unreachable: \u001b[31mrefused', evidence: { failures: 4 }, since: '2026-11-20T22:00:00.000Z', fired_at: '2026-11-20T22:00:00.000Z', resolved_at: null,
  acked_at: '2026-11-20T22:05:00.000Z', silenced_until: null, closed_at: null, suppressed_by: null, suppresses: 3,
} // biome-ignore format: one alert

const asked: unknown[] = []
const readerOf = (data: unknown) => async (): Promise<Reader> => ({
  carrier: 'embedded',
  ask: async ({ topic, params }) => {
    asked.push(params)
    return { topic, version: 1, generatedAt: '2026-11-20T22:00:00Z', data }
  },
  close: async () => {},
})
const answer = (over: object) => ({ alerts: [], counts: {}, more: false, history: [], deliveries: [], ...over })

test('a list says how bad, what, since when, and what hangs on it; nothing a machine said steers the terminal', async () => {
  const said = await vc(['alert', 'list', '-m', 'atlas', '--all'], {
    at: at(),
    openReader: readerOf(answer({ alerts: [ALERT] })),
  })
  expect([said.exit, said.err]).toEqual([0, ''])
  expect(said.out).toBe(
    'critical  atlas is unreachable: [31mrefused (acknowledged, 3 more because of it)\n  machine_unreachable:atlas:transport  since 2026-11-20 22:00Z\n',
  )
  expect(asked.at(-1)).toEqual({ machine: 'atlas', all: true })
})

test('nothing wrong is an answer', async () => {
  expect((await vc(['alert', 'list'], { at: at(), openReader: readerOf(answer({})) })).out).toBe('no alert stands\n')
})

test('one alert with its numbers, its history and who was told', async () => {
  const data = answer({
    alerts: [ALERT],
    history: [{ at: '2026-11-20T22:00:00.000Z', status: 'firing', severity: 'critical', title: 'x' }],
    deliveries: [
      {
        at: '2026-11-20T22:00:01.000Z',
        transition: 'firing',
        channel: 'ops',
        attempt: 2,
        outcome: 'failed',
        detail: 'answered 503',
      },
    ],
  })
  const { out } = await vc(['alert', 'show', 'machine'], { at: at(), openReader: readerOf(data) })
  expect(out).toContain('  failures: 4\n')
  expect(out).toContain('firing → ops: failed, attempt 2 (answered 503)')
})

test('rules: those of vc and of vc.toml, and which are off', async () => {
  const { out } = await vc(['alert', 'rules'], { at: at() })
  expect(out).toMatch(/^load_high +on +10 min +the five-minute load/m)
  expect(out).toMatch(/^cass_stale +off /m)
  expect(out).toMatch(/^user:hot +on +at once +a row of machines: load5 > 3$/m)
})

test('a span that is none is refused before anybody is asked', async () => {
  const said = await vc(['alert', 'silence', 'x', '--for', 'soon'], { at: at() })
  expect(said.exit).toBe(2)
  expect(said.err).toContain("'soon' is no span of time")
})

test('samples that do not do what they should end with a fault', async () => {
  const file = join(home, 's.json')
  const step = (expected: string[]) => ({
    steps: [{ at: '0m', answers: { machines: { machines: [{ id: 'a', load5: 4 }] } }, expect: expected }],
  })
  writeFileSync(file, JSON.stringify(step(['user:hot:a:a'])))
  const good = await vc(['rules', 'test', file], { at: at() })
  expect([good.exit, good.out]).toEqual([0, expect.stringContaining('as expected')])
  writeFileSync(file, JSON.stringify(step([])))
  const bad = await vc(['rules', 'test', file], { at: at() })
  expect(bad.exit).not.toBe(0)
  expect(bad.out).toContain('too many user:hot:a:a')
  expect((await vc(['rules', 'test', join(home, 'none.json')], { at: at() })).exit).toBe(2)
})
