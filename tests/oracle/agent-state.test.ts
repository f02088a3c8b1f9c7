import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AGENT_STATES, type AgentState, type Sighting, TIERS } from '../../src/core/agent.ts'
import { decide } from '../../src/oracle/agent-state.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000)

const seen = (source: string, rule: string, says: AgentState, over: Partial<Sighting> = {}): Sighting => ({
  tier:
    source === 'screen'
      ? 'screen'
      : /transcript|rows|threads/.test(source)
        ? 'transcript'
        : source === 'process'
          ? 'process'
          : 'live',
  source,
  says,
  rule: `${source === 'screen' ? '' : `${source}.`}${rule}@1`,
  asOf: ago(5),
  seenAt: NOW,
  since: null,
  until: null,
  reason: null,
  ...over,
})

const stateOf = (...sightings: Sighting[]): AgentState => decide(sightings, { now: NOW }).state

describe('a conversation that was begun anew and not written down yet', () => {
  const answered = seen('gemini.transcript', 'answered', 'turn_finished', { asOf: ago(60) })
  const ready = seen('gemini.title', 'ready', 'idle', { asOf: ago(55), since: ago(55) })
  const fresh = (since: Date | null) => seen('screen', 'gemini.screen.fresh', 'idle', { asOf: NOW, since })
  test('is idle: the record of before tells of another', () =>
    expect(stateOf(ready, answered, fresh(ago(10)))).toBe('idle'))
  test('an empty screen of before the record, or of nobody knows when, is none', () => {
    expect(stateOf(ready, answered, fresh(ago(70)))).toBe('turn_finished')
    expect(stateOf(ready, answered, fresh(null))).toBe('turn_finished')
  })
})

describe('Claude: registry, then the turn end that explains it', () => {
  const idle = seen('claude.registry', 'idle', 'idle')
  test('idle alone is unknown: failed turns and limits look the same', () => expect(stateOf(idle)).toBe('unknown'))
  test('idle with an error record is failed', () =>
    expect(stateOf(idle, seen('claude.transcript', 'error', 'failed', { asOf: ago(5.1) }))).toBe('failed'))
  test('a prompt newer than the file is work', () =>
    expect(stateOf(idle, seen('claude.transcript', 'prompt', 'working', { asOf: ago(1) }))).toBe('working'))
  test('a prompt older than the file is not', () =>
    expect(stateOf(idle, seen('claude.transcript', 'prompt', 'working', { asOf: ago(60) }))).not.toBe('working'))
  test('busy outlives an old turn end', () =>
    expect(
      stateOf(
        seen('claude.registry', 'busy', 'working'),
        seen('claude.transcript', 'turn_end', 'turn_finished', { asOf: ago(600) }),
      ),
    ).toBe('working'))
  test('a turn end written since an old look at the file wins', () => {
    const busy = seen('claude.registry', 'busy', 'working', { asOf: ago(300), seenAt: ago(25) })
    expect(stateOf(busy, seen('claude.transcript', 'turn_end', 'turn_finished', { asOf: ago(10) }))).toBe(
      'turn_finished',
    )
  })
  test("a screen of now outranks an earlier turn's record: transcripts are read more seldom", () => {
    const now = seen('claude.registry', 'idle', 'idle', { since: ago(5) })
    const error = seen('screen', 'claude.screen.api_error', 'failed', { asOf: ago(1) })
    const before = seen('claude.transcript', 'turn_end', 'turn_finished', { asOf: ago(30) })
    const same = seen('claude.transcript', 'turn_end', 'turn_finished', { asOf: ago(5.1) })
    expect(stateOf(now, before, error)).toBe('failed')
    expect(stateOf(now, same, error)).toBe('turn_finished')
  })
  test('the record of an earlier turn does not tell how this one ended: until it is read, what was seen of it stands', () => {
    const before = seen('claude.transcript', 'turn_end', 'turn_finished', { asOf: ago(60) })
    const rest = seen('claude.registry', 'idle', 'idle', { asOf: ago(4), since: ago(4) })
    const busy = (at: Date): Sighting =>
      seen('screen', 'claude.screen.footer_interrupt', 'working', { asOf: at, seenAt: at, since: ago(20) })
    expect(stateOf(rest, before, busy(ago(9)))).toBe('working')
    expect(stateOf(rest, seen('claude.transcript', 'aborted', 'idle', { asOf: ago(4.1) }), busy(ago(9)))).toBe('idle')
    // a menu that was closed is no turn, and a screen that cannot be read any more tells of no turn either
    expect(
      stateOf(rest, before, seen('screen', 'claude.screen.menu', 'unknown', { asOf: ago(9), seenAt: ago(9) })),
    ).toBe('turn_finished')
    const long = seen('claude.registry', 'idle', 'idle', { asOf: ago(100), since: ago(100) })
    expect(
      stateOf(long, seen('claude.transcript', 'turn_end', 'turn_finished', { asOf: ago(160) }), busy(ago(120))),
    ).toBe('turn_finished')
  })
  test('a question of before the rest began has been answered, whatever the file and the screen of then say', () => {
    const rest = seen('claude.registry', 'idle', 'idle', { asOf: ago(5), since: ago(5) })
    const file = seen('claude.transcript', 'question', 'asked_question', { asOf: ago(30), seenAt: ago(20) })
    const dialog = (lookedAt: Date): Sighting =>
      seen('screen', 'claude.screen.question', 'asked_question', { asOf: lookedAt, seenAt: lookedAt })
    expect(stateOf(rest, file, dialog(ago(9)))).toBe('unknown')
    expect(stateOf(rest, file, dialog(ago(9)), seen('claude.title', 'ready', 'idle', { asOf: ago(1) }))).toBe('unknown')
    // what is on the screen since then is another one
    expect(stateOf(rest, file, dialog(ago(1)))).toBe('asked_question')
    expect(stateOf(seen('claude.registry', 'waiting', 'needs_approval'), file)).toBe('asked_question')
  })
  test('a background shell behind a finished turn is work, with its reason', () => {
    const shell = seen('claude.registry', 'shell', 'working', { reason: 'background: shell' })
    expect(decide([shell, seen('claude.transcript', 'turn_end', 'turn_finished')], { now: NOW })).toMatchObject({
      state: 'working',
      reason: 'background: shell',
    })
  })
  test('a 429 retry under busy is a limit', () =>
    expect(
      stateOf(seen('claude.registry', 'busy', 'working'), seen('screen', 'claude.screen.retry_limit', 'rate_limited')),
    ).toBe('rate_limited'))
  test('a retried server error is work, with the finding as reason', () => {
    const retry = seen('screen', 'claude.screen.retry', 'working', {
      reason: 'retrying after a connection or server error',
    })
    expect(decide([seen('claude.registry', 'busy', 'working'), retry], { now: NOW })).toMatchObject({
      state: 'working',
      reason: expect.stringContaining('retrying'),
    })
  })
  test('a screen of before the file changed refines nothing', () => {
    const old = seen('screen', 'claude.screen.background', 'working', { asOf: ago(40), seenAt: ago(40) })
    expect(stateOf(idle, seen('claude.transcript', 'turn_end', 'turn_finished'), old)).toBe('turn_finished')
  })
  test('a menu after a limit keeps the limit', () => {
    const menu = seen('claude.registry', 'waiting', 'needs_approval', { reason: 'dialog open' })
    expect(stateOf(menu, seen('claude.transcript', 'limit', 'rate_limited', { asOf: ago(8) }))).toBe('rate_limited')
  })
  test('a menu that a person opened asks nobody: what the turn left stands, or it is unknown with that reason', () => {
    const waiting = seen('claude.registry', 'waiting', 'needs_approval', { reason: 'dialog open' })
    const panel = seen('screen', 'claude.screen.panel', 'unknown', { asOf: NOW, reason: 'menu open' })
    const ended = seen('claude.transcript', 'turn_end', 'turn_finished', { asOf: ago(60) })
    expect(stateOf(waiting, panel, ended)).toBe('turn_finished')
    expect(decide([waiting, panel], { now: NOW })).toMatchObject({ state: 'unknown', reason: 'menu open' })
    // a dialog that these rules do not know, and one that opened since the screen was looked at
    expect(stateOf(waiting, seen('screen', 'claude.screen.menu', 'unknown', { asOf: NOW }), ended)).toBe(
      'needs_approval',
    )
    expect(stateOf(waiting, { ...panel, asOf: ago(40), seenAt: ago(40) }, ended)).toBe('needs_approval')
    expect(stateOf(seen('claude.registry', 'permission', 'needs_approval'), panel)).toBe('needs_approval')
  })
  test('the rest glyph over an open tool call needs a look at the screen', () => {
    const title = seen('claude.title', 'ready', 'idle', { asOf: NOW })
    const tool = seen('claude.transcript', 'tool', 'working')
    expect(stateOf(title, tool)).toBe('unknown')
    expect(stateOf(title, tool, seen('screen', 'claude.screen.approval', 'needs_approval', { asOf: NOW }))).toBe(
      'needs_approval',
    )
  })
})

describe('Codex, Gemini, OpenCode', () => {
  test('a background terminal under an idle Codex title is work', () => {
    const title = seen('codex.title', 'rest', 'idle', { asOf: NOW })
    const done = seen('codex.transcript', 'turn_end', 'turn_finished')
    const terminal = seen('screen', 'codex.screen.background', 'working', {
      asOf: NOW,
      reason: 'background: 1 background terminal running',
    })
    expect(decide([title, done, terminal], { now: NOW })).toMatchObject({
      state: 'working',
      reason: expect.stringContaining('background'),
    })
  })
  test('a model-switch menu after a limit does not end the limit', () => {
    const title = seen('codex.title', 'rest', 'idle', { asOf: NOW })
    expect(
      stateOf(
        title,
        seen('codex.transcript', 'limit', 'rate_limited'),
        seen('screen', 'codex.screen.question', 'asked_question', { asOf: NOW }),
      ),
    ).toBe('rate_limited')
  })
  test('a streaming Codex without title is not called idle', () => {
    expect(
      stateOf(seen('codex.transcript', 'turn', 'working'), seen('screen', 'codex.screen.prompt_guess', 'idle')),
    ).toBe('unknown')
  })
  test('Gemini says Working over its quota dialog', () => {
    const title = seen('gemini.title', 'busy', 'working', { asOf: NOW })
    expect(stateOf(title)).toBe('unknown')
    expect(stateOf(title, seen('screen', 'gemini.screen.quota', 'rate_limited', { asOf: NOW }))).toBe('rate_limited')
    expect(stateOf(title, seen('screen', 'gemini.screen.working', 'working', { asOf: NOW }))).toBe('working')
  })
  test('Gemini says Ready over its trust dialog', () => {
    expect(
      stateOf(
        seen('gemini.title', 'ready', 'idle', { asOf: NOW }),
        seen('screen', 'gemini.screen.approval', 'needs_approval', { asOf: NOW }),
      ),
    ).toBe('needs_approval')
  })
  test('an answered OpenCode permission leaves no line: the busy screen is newer', () => {
    const asking = seen('opencode.log', 'asking', 'needs_approval', { asOf: ago(58) })
    const rows = seen('opencode.rows', 'tool', 'working', { asOf: ago(58) })
    expect(stateOf(asking, rows)).toBe('needs_approval')
    expect(stateOf(asking, rows, seen('screen', 'opencode.screen.working', 'working', { asOf: NOW }))).toBe('working')
  })
  test('the log of OpenCode tells the end of a turn before its rows do, whatever they left open or say of the turn before', () => {
    const end = seen('opencode.log', 'loop_end', 'turn_finished', { asOf: ago(4), since: ago(4) })
    const open = (at: Date): Sighting => seen('opencode.rows', 'open', 'working', { asOf: at })
    const screen = seen('screen', 'opencode.screen.nothing', 'unknown', { asOf: ago(9), seenAt: ago(9) })
    const rows = (says: AgentState, at: Date) => seen('opencode.rows', 'aborted', says, { asOf: at })
    expect(stateOf(end, open(ago(40)), screen)).toBe('turn_finished')
    expect(stateOf(end, rows('idle', ago(40)), screen)).toBe('turn_finished')
    expect(stateOf(end, rows('idle', ago(4)), screen)).toBe('idle')
    expect(stateOf(end, open(ago(1)), screen)).toBe('working')
  })
  test('the record of a cancelled turn before the last one is not read under a ready title', () => {
    const ready = seen('gemini.title', 'ready', 'idle', { asOf: ago(2), since: ago(2) })
    const before = seen('gemini.transcript', 'aborted', 'idle', { asOf: ago(21), reason: 'cancelled' })
    const busy = seen('screen', 'gemini.screen.working', 'working', { asOf: ago(8), seenAt: ago(8) })
    expect(stateOf(ready, before, busy)).toBe('working')
  })
  test('the end of the turn before does not answer a question asked since', () => {
    const asking = seen('opencode.log', 'asking', 'needs_approval', { asOf: ago(10) })
    expect(stateOf(asking, seen('opencode.rows', 'turn_end', 'turn_finished', { asOf: ago(40) }))).toBe(
      'needs_approval',
    )
    expect(stateOf(asking, seen('opencode.rows', 'turn_end', 'turn_finished', { asOf: ago(5) }))).toBe('turn_finished')
  })
  test('work that a title shows began where the rollout says so, unless its change was seen', () => {
    const turn = seen('codex.threads', 'turn', 'working', { asOf: ago(50), since: ago(50) })
    const sinceOf = (since: Date | null): Date | null =>
      decide([seen('codex.title', 'busy', 'working', { since }), turn], { now: NOW }).since
    expect(sinceOf(null)).toEqual(ago(50))
    expect(sinceOf(ago(20))).toEqual(ago(20))
  })
  test('an interrupt before any answer does not end the limit', () => {
    const limit = seen('opencode.log', 'limit', 'rate_limited', { asOf: ago(20) })
    expect(stateOf(limit, seen('opencode.rows', 'aborted_unanswered', 'idle'))).toBe('rate_limited')
    expect(stateOf(limit, seen('opencode.rows', 'aborted', 'idle'))).toBe('idle')
  })
  test('a run without terminal works while its turn is open', () => {
    const open = seen('gemini.transcript', 'prompt', 'working')
    expect(stateOf(open)).toBe('unknown')
    expect(stateOf(open, seen('process', 'headless', 'unknown'))).toBe('working')
  })
})

describe('for any evidence', () => {
  const date = fc.integer({ min: -4_000, max: 4_000 }).map((seconds) => ago(seconds))
  const anySighting: fc.Arbitrary<Sighting> = fc.record({
    tier: fc.constantFrom(...TIERS),
    source: fc.constantFrom('claude.registry', 'codex.title', 'opencode.log', 'screen', 'process', 'odd'),
    says: fc.constantFrom(...AGENT_STATES),
    rule: fc.constantFrom(
      'claude.registry.idle@2.1',
      'codex.title.rest@0.1',
      'opencode.log.asking@1',
      'x.guess@1',
      'process.alive@1',
      'odd',
    ),
    asOf: date,
    seenAt: date,
    since: fc.option(date),
    until: fc.option(date),
    reason: fc.option(fc.string()),
  })

  test("winner and losers are the evidence, the state is the winner's, and order does not matter for death", () => {
    fc.assert(
      fc.property(fc.array(anySighting, { maxLength: 8 }), (sightings) => {
        const verdict = decide(sightings, { now: NOW })
        expect(verdict.state).toBe(verdict.winner?.says ?? 'unknown')
        expect(new Set([...(verdict.winner === null ? [] : [verdict.winner]), ...verdict.losers])).toEqual(
          new Set(sightings),
        )
        const dead = sightings.some(
          (sighting) => sighting.tier === 'death' && sighting.says === 'dead' && sighting.asOf <= NOW,
        )
        if (dead) expect(verdict.state).toBe('dead')
      }),
    )
  })

  test('the same evidence gives the same verdict: a one-shot run agrees with the daemon', () => {
    fc.assert(
      fc.property(fc.array(anySighting, { maxLength: 8 }), (sightings) => {
        expect(decide(structuredClone(sightings), { now: NOW })).toEqual(decide(sightings, { now: NOW }))
      }),
    )
  })
})
