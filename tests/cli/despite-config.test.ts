// Beside a daemon that runs with what a refused file said before, whoever only asks is answered.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { vc } from './fake-cli.ts'
import { fakeReader, newHome } from './fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
  home.configure('[[machines]]\nid = "atlas"\nssh = "local"\ntagz = []\n')
})
afterEach(() => home.leave())

const ANSWERS = {
  alerts: { alerts: [], more: false, history: [], deliveries: [] },
  events: { events: [], next: '2026-11-20T08:00:00.000Z', more: false },
  health: { machines: [] },
  engine: { agents: [], total: 0, pools: [], queue: [], orphans: [], events: [], standing: { agents: 0 } },
  agents: { agents: [] },
}

test.each([
  ['machines', 'list'],
  ['alert', 'list'],
  ['watch', '--count', '1'],
  ['agent', 'list'],
])('vc %s %s', async (...argv) => {
  const { reader, closed } = fakeReader(ANSWERS)
  const beside = await vc(argv, { ...home.parts, runningReader: async () => reader })
  expect(beside.exit, beside.err).toBe(0)
  expect(beside.err.match(/the configuration is refused, .*vc\.toml:4: unknown key 'tagz'/g)).toHaveLength(1)
  expect(beside.out).not.toContain('refused')
  expect(closed()).toBeGreaterThan(0)
  const alone = await vc(argv, home.parts)
  expect(alone).toMatchObject({ exit: 2, err: expect.stringContaining("unknown key 'tagz'") })
})

test('the machines a daemon looks at are listed with what it knows of them', async () => {
  const { reader } = fakeReader()
  const list = async (...argv: string[]) =>
    vc(['machines', 'list', ...argv], { ...home.parts, runningReader: async () => reader })
  expect((await list()).out).toMatch(/\natlas .*online/)
  const { machines } = JSON.parse((await list('--json')).out)
  expect(machines.map(({ id, configured }: { id: string; configured: boolean }) => [id, configured])).toEqual([
    ['atlas', true],
    ['borg', true],
  ])
})
