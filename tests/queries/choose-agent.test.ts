import { expect, test } from 'vitest'
import { chooseAgent } from '../../src/queries/explain.ts'

const AGENTS = [
  { agentId: 'atlas/claude-2abc', names: ['proc:b:1:1'], ended: true },
  { agentId: 'atlas/claude-7k2m', names: ['session:claude:0c3d-11'], ended: false },
  { agentId: 'borg/codex-7kxy', names: [], ended: false },
]
const NAMES = { agents: AGENTS, total: AGENTS.length }

test.each([
  ['atlas/claude-7k2m', 'atlas/claude-7k2m'],
  ['claude-7', 'atlas/claude-7k2m'],
  ['0c3d', 'atlas/claude-7k2m'],
  ['7k2m', 'atlas/claude-7k2m'],
  ['2a', 'atlas/claude-2abc'],
  ['claude', 'atlas/claude-7k2m'],
])('%s is %s', (wanted, agent) => {
  expect(chooseAgent(wanted, NAMES)).toBe(agent)
})

test('letters that two begin with are refused, and living agents are named before those that ended', () => {
  expect(() => chooseAgent('7k', NAMES)).toThrow(expect.objectContaining({ code: 'ambiguous_agent' }))
  expect(() => chooseAgent('wholly-other-name', NAMES)).toThrow(
    expect.objectContaining({ fix: 'known: atlas/claude-7k2m, borg/codex-7kxy, atlas/claude-2abc' }),
  )
})
