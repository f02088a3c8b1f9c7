import { describe, expect, test } from 'vitest'
import { AGENT_ROLES, chooseTier, ROLE_LABELS, ROLE_NAMES, roleNamed, tierForTask } from '../../src/core/agent-role.ts'

describe('roles and tiers', () => {
  test.each([
    ['synthesis', 'low', 'opus'],
    ['coding', 'critical', 'opus'],
    ['analysis', 'normal', 'sonnet'],
    ['review', 'high', 'sonnet'],
    ['extraction', 'high', 'haiku'],
    ['general', 'normal', 'haiku'],
    ['general', 'low', 'haiku'],
  ] as const)('a task of type %s and priority %s gets %s', (type, priority, tier) => {
    expect(tierForTask({ type, priority }).tier).toBe(tier)
  })

  test('what is asked for wins over the task, and the task over the role', () => {
    const task = { type: 'general', priority: 'critical' } as const
    expect(chooseTier({ role: 'tester', tier: 'sonnet', task })).toEqual({ tier: 'sonnet', reason: 'asked for' })
    expect(chooseTier({ role: 'tester', tier: null, task }).tier).toBe('opus')
    expect(chooseTier({ role: 'tester', tier: null, task: null }).tier).toBe('haiku')
  })

  test('a label of another orchestrator is a role and keeps its name; a name of neither is none', () => {
    expect(roleNamed('polecat')).toEqual({ role: 'coder', label: 'polecat' })
    expect(roleNamed('scribe')).toEqual({ role: 'scribe', label: null })
    expect(['toString', '__proto__', 'king'].map(roleNamed)).toEqual([null, null, null])
  })

  test('every role has words for the agent, and every label leads to a role', () => {
    expect(ROLE_NAMES).toHaveLength(10)
    for (const name of ROLE_NAMES) expect(AGENT_ROLES[name].prompt.length).toBeGreaterThan(40)
    for (const role of Object.values(ROLE_LABELS)) expect(ROLE_NAMES).toContain(role)
  })
})
