import { describe, expect, test } from 'vitest'
import type { Proposal } from '../../src/core/action.ts'
import { admit, type GateFacts } from '../../src/guardian/gate.ts'

const proposal = (over: Partial<Proposal> = {}): Proposal => ({
  verb: 'agent.send',
  target: { machineId: 'atlas', agentId: 'atlas/claude-7k2m' },
  params: {},
  class: 'reversible',
  why: 'send 5 characters',
  origin: 'person',
  actor: 'ana',
  ...over,
})

const facts = (over: Partial<GateFacts> = {}): GateFacts => ({
  machine: { enabled: true, allowWriteCommands: true },
  agent: { kind: 'managed', ended: false },
  callerAgent: null,
  terminal: true,
  confirmed: false,
  mandated: false,
  ...over,
})

const noAgent = ({ agent: _agent, ...rest }: GateFacts): GateFacts => rest

const CASES: readonly (readonly [string, Proposal, GateFacts, string])[] = [
  ['a person at a terminal is asked', proposal(), facts(), 'ask'],
  ['a confirmed proposal passes', proposal(), facts({ confirmed: true }), 'allowed'],
  ['an adopted agent is one of ours', proposal(), facts({ agent: { kind: 'adopted', ended: false } }), 'ask'],
  ['an observed agent is never touched', proposal(), facts({ agent: { kind: 'observed', ended: false }, confirmed: true }), 'agent_observed'],
  ['but it may be adopted', proposal({ verb: 'agent.adopt' }), facts({ agent: { kind: 'observed', ended: false } }), 'ask'],
  ['an agent that ended', proposal(), facts({ agent: { kind: 'managed', ended: true }, confirmed: true }), 'agent_ended'],
  ['an agent nobody knows', proposal(), facts({ agent: null, confirmed: true }), 'unknown_agent'],
  ['a machine nobody knows', proposal(), facts({ machine: null, confirmed: true }), 'unknown_machine'],
  ['a disabled machine', proposal(), facts({ machine: { enabled: false, allowWriteCommands: true }, confirmed: true }), 'machine_disabled'],
  ['a machine without allow_write_commands', proposal(), facts({ machine: { enabled: true, allowWriteCommands: false }, confirmed: true }), 'writes_not_allowed'],
  ['no terminal', proposal(), facts({ terminal: false }), 'no_terminal'],
  ['no terminal, though confirmed', proposal(), facts({ terminal: false, confirmed: true }), 'no_terminal'],
  ['an agent CLI above the caller', proposal(), facts({ callerAgent: 'claude', confirmed: true }), 'caller_is_agent'],
  ['an agent that has a terminal of its own', proposal(), facts({ callerAgent: 'codex' }), 'caller_is_agent'],
  ['a caller that could not be looked at', proposal(), facts({ callerAgent: 'unknown', confirmed: true }), 'caller_unknown'],
  ['an agent as origin is asked like anybody: by its caller', proposal({ origin: 'agent' }), facts({ callerAgent: 'claude', confirmed: true }), 'caller_is_agent'],
  ['what changes nothing needs nobody', proposal({ class: 'read' }), facts({ machine: null, callerAgent: 'claude', terminal: false }), 'allowed'],
  ['vc itself without a mandate', proposal({ origin: 'guardian' }), facts({ confirmed: true }), 'no_mandate'],
  ['vc itself with a mandate', proposal({ origin: 'guardian', mandate: 'a-1' }), facts({ mandated: true, terminal: false }), 'allowed'],
  ['a mandate does not reach an observed agent', proposal({ origin: 'guardian', mandate: 'a-1' }), facts({ mandated: true, agent: { kind: 'observed', ended: false } }), 'agent_observed'],
  ['a mandate does not outlive the machine flag', proposal({ origin: 'guardian', mandate: 'a-1' }), facts({ mandated: true, machine: { enabled: true, allowWriteCommands: false } }), 'writes_not_allowed'],
  ['a mandate is no yes for somebody else', proposal({ mandate: 'a-1' }), facts({ mandated: true, terminal: false }), 'no_terminal'],
  ['an action without an agent', proposal({ verb: 'agent.spawn', target: { machineId: 'atlas', agentId: null } }), noAgent(facts()), 'ask'],
] // biome-ignore format: a table of cases

describe('the gate', () => {
  test.each(CASES)('%s', (_name, given, about, expected) => {
    const verdict = admit(given, about)
    expect(verdict.verdict === 'refused' ? verdict.code : verdict.verdict).toBe(expected)
  })

  test('every refusal says what to do', () => {
    for (const [name, given, about] of CASES) {
      const verdict = admit(given, about)
      if (verdict.verdict === 'refused')
        expect(
          [verdict.message, verdict.fix].every((text) => text !== ''),
          name,
        ).toBe(true)
    }
  })

  test('the question names target, reason and whether there is a way back', () => {
    const verdict = admit(proposal({ class: 'irreversible', verb: 'agent.stop', why: 'end it' }), facts())
    expect(verdict).toEqual({
      verdict: 'ask',
      question: 'agent.stop on atlas/claude-7k2m: end it (cannot be undone). Do it?',
    })
  })
})
