import { expect, test } from 'vitest'
import type { Claimant, Mission } from '../../../src/core/missions/mission.ts'
import { compareMissions, suits } from '../../../src/core/missions/order.ts'
import { mission } from './missions.ts'

const ada: Claimant = {
  ...{ name: 'ada', role: 'coder', types: null, lanes: null, events: 'none', machineId: null, missionId: null },
}

test('lane first, then priority, then age', () => {
  const queue = [
    mission(1, { priority: 'low' }),
    mission(2, { lane: 'experimental', priority: 'critical' }),
    mission(3),
    mission(4, { priority: 'high' }),
    mission(5, { lane: 'critical', priority: 'low' }),
    mission(6, { priority: 'high' }),
  ]
  expect(queue.sort(compareMissions).map(({ seq }) => seq)).toEqual([5, 4, 6, 3, 1, 2])
})

test.each<[string, Partial<Mission>, Partial<Claimant>, boolean]>([
  ['anybody takes what is for nobody', {}, {}, true],
  ['what is for another stays', { toAgent: 'bob' }, {}, false],
  ['what is for me is mine', { toAgent: 'ada' }, {}, true],
  ['another role', { toRole: 'tester' }, {}, false],
  ['my role', { toRole: 'coder' }, {}, true],
  ['a role that I did not name', { toRole: 'coder' }, { role: null }, false],
  ['another type than I want', { type: 'review' }, { types: ['coding'] }, false],
  ['another lane than I want', { lane: 'critical' }, { lanes: ['standard'] }, false],
  ['an event is no work', { eventType: 'ROUTE' }, {}, false],
  ['work is no event', {}, { events: 'all' }, false],
  ['an event for who takes events', { eventType: 'ROUTE' }, { events: 'all' }, true],
  ['an event of the kind I want', { eventType: 'ROUTE' }, { events: ['ROUTE'] }, true],
  ['an event of another kind', { eventType: 'ROUTE' }, { events: ['TEST'] }, false],
  ['both, for who takes both', { eventType: 'ROUTE' }, { events: 'any' }, true],
  ['another machine', { machineId: 'atlas' }, { machineId: 'brio' }, false],
  ['a machine I did not name', { machineId: 'atlas' }, {}, true],
  ['another mission than the one I named', {}, { missionId: 'm-2' }, false],
])('%s', (_, about, claimant, expected) => {
  expect(suits(mission(1, about), { ...ada, ...claimant })).toBe(expected)
})
