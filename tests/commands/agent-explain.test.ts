import { describe, expect, test } from 'vitest'
import { explainAgent, renderVerdict } from '../../src/commands/explain-agent.ts'
import { judgeBundle, parseBundle } from '../../src/commands/explain-bundle.ts'
import type { Sighting } from '../../src/core/agent.ts'
import { stateRow } from '../../src/oracle/agent-assess.ts'
import { decide } from '../../src/oracle/agent-state.ts'
import { bundleNamed } from '../oracle/agent-bundles.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const sightings: readonly Sighting[] = [
  {
    tier: 'live',
    source: 'claude.registry',
    says: 'idle',
    rule: 'claude.registry.idle@2.1',
    asOf: new Date(NOW.getTime() - 5_000),
    seenAt: NOW,
    since: null,
    until: null,
    reason: null,
  },
  {
    tier: 'transcript',
    source: 'claude.transcript',
    says: 'rate_limited',
    rule: 'claude.transcript.limit@2.1',
    asOf: new Date(NOW.getTime() - 5_100),
    since: null,
    until: new Date('2026-11-20T17:00:00Z'),
    reason: 'five_hour limit',
  },
]

describe('vc explain from stored rows', () => {
  const verdict = decide(sightings, { now: NOW })
  const agent = { agent_id: 'atlas/claude-7k2m', cli: 'claude', cli_version: '2.1.329' }
  const explanation = explainAgent({
    agent,
    state: stateRow('atlas/claude-7k2m', 'atlas', verdict, NOW),
    pane: null,
    processes: [],
    session: null,
    aliases: [{ alias: 'session:claude:s1' }],
  })

  test('is a bundle that judges again to the same verdict', () => {
    const again = judgeBundle(parseBundle(JSON.stringify(explanation)))
    expect(again).toMatchObject({ state: 'rate_limited', rule: verdict.rule, until: '2026-11-20T17:00:00.000Z' })
  })
  test('says what was never stored', () => {
    expect(explanation).toMatchObject({
      screen: null,
      not_stored: expect.arrayContaining(['screen', 'transcript_tail']),
      aliases: ['session:claude:s1'],
    })
  })
  test('an agent nobody judged yet is unknown', () => {
    expect(explainAgent({ agent, state: null, pane: null, processes: [], session: null, aliases: [] })).toMatchObject({
      verdict: { state: 'unknown' },
      sightings: [],
    })
  })
})

test('the words for people name winner, losers, ages and rules', () => {
  const text = renderVerdict('atlas/claude-7k2m', judgeBundle(bundleNamed('cl-error-500')))
  expect(text.split('\n')[0]).toBe('atlas/claude-7k2m: failed (server_error 500)')
  expect(text).toMatch(/won: {2}claude\.transcript says failed .* 2 s old, rule claude\.transcript\.error@2\.1/)
  expect(text).toMatch(/lost: claude\.registry says idle, 2 s old, rule claude\.registry\.idle@2\.1/)
})
