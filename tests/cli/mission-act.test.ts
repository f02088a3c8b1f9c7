import { expect, test } from 'vitest'
import { likelySlips } from '../../src/cli/mission-act.ts'

const told = (given: Parameters<typeof likelySlips>[0]) => likelySlips(given).map(({ code, fix }) => [code, fix])

test("a role or type that is very like a known one is told of, once; words of one's own are not", () => {
  const missions = [
    { to_role: 'codr', type: 'revew' },
    { to_role: 'codr', type: 'coding' },
    { to_role: 'coder', type: 'migration' },
    { to_role: 'night watch', type: undefined },
    { to_role: 'polecat' },
    null,
    'text',
  ]
  expect(told({ missions })).toEqual([
    ['strange_role', 'if it is a slip: coder'],
    ['strange_type', 'if it is a slip: review'],
  ])
  expect(told({ role: 'reviewr', types: ['docs', 'tesing'] })).toEqual([
    ['strange_role', 'if it is a slip: reviewer'],
    ['strange_type', 'if it is a slip: testing'],
  ])
  expect(told({ missions: 'nothing of the kind' })).toEqual([])
})
