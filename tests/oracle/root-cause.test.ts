import { expect, test } from 'vitest'
import { type IncidentFacts, rankCauses, type TimelineEvent } from '../../src/oracle/root-cause.ts'

const T0 = Date.parse('2026-11-20T03:00:00Z')
const event = (kind: string, minute: number, change: string, text = change): TimelineEvent => ({
  ts: new Date(T0 + minute * 60_000).toISOString(), kind, machine: 'atlas', subject: 's', severity: 'info', change, text,
}) // biome-ignore format: one row
const facts = (
  rules: readonly (readonly [string, string?])[],
  timeline: readonly TimelineEvent[] = [],
): IncidentFacts => ({
  machineId: 'atlas',
  openedAtMs: T0,
  alerts: rules.map(([rule, machineId = 'atlas'], i) => ({
    rule,
    machineId,
    subject: 's',
    firedAtMs: T0 + i,
    title: `${rule} title`,
  })),
  timeline,
})
const causes = (given: IncidentFacts): readonly string[] => rankCauses(given).map((one) => one.cause)

test.each([
  ['a dead machine before what followed', facts([['machine_unreachable'], ['collector_red']]), 'dead_machine'],
  ['a full disk', facts([['disk_low'], ['collector_red']]), 'disk_full'],
  ['killed for want of memory', facts([['load_high'], ['oom_kills'], ['swap_rising']]), 'out_of_memory'],
  ['a rate limit', facts([['account_near_limit']], [event('agent', 1, 'rate_limited')]), 'rate_limit'],
  [
    'three machines at once',
    facts([
      ['machine_unreachable', 'a'],
      ['machine_unreachable', 'b'],
      ['machine_unreachable', 'c'],
    ]),
    'network',
  ],
  [
    'an update just before',
    facts([['collector_red']], [event('version', -2, 'changed', 'caut 1.0 → 2.0')]),
    'version_change',
  ],
  ['vc itself', facts([['collector_red']]), 'collector'],
])('%s', (_name, given, expected) => expect(causes(given)[0]).toBe(expected))

test('a commit long before, or after, is no cause', () => {
  expect(causes(facts([['load_high']], [event('commit', -31, 'moved'), event('commit', 3, 'moved')]))).toEqual([])
  const near = rankCauses(facts([['load_high']], [event('commit', -1, 'moved')]))[0]?.score ?? 0
  const far = rankCauses(facts([['load_high']], [event('commit', -25, 'moved')]))[0]?.score ?? 0
  expect(near).toBeGreaterThan(far)
})

test('every hypothesis says what it counted, and the score is the sum of it', () => {
  for (const one of rankCauses(facts([['disk_low'], ['oom_kills']], [event('agent', 1, 'failed')]))) {
    const sum = one.reasons.reduce((total, reason) => total + Number(/^\+([\d.]+)/.exec(reason)?.[1]), 0)
    expect(one.score).toBeCloseTo(Math.min(0.95, sum), 5)
  }
})

test('without a reason there is no hypothesis', () => expect(rankCauses(facts([['mail_backlog']]))).toEqual([]))
