import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countPrompt } from '../../src/commands/agent-eye-records.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const lines = (path: string): readonly string[] => readFileSync(join(FIXTURES, path), 'utf8').split('\n')

/** Prompts typed into real sessions, counted by hand in the recordings. */
const recorded = [
  ['claude', 'claude/session-interactive-all-2.1.329.jsonl'],
  ['codex', 'codex/rollout-interactive-all-0.169.0.jsonl'],
  ['gemini', 'gemini/chat-interactive-all-0.61.0.jsonl'],
] as const

/** What a person would find: `mock:…` as the whole text of a user's message, patches and echoes left aside. */
const promptsIn = (cli: string, all: readonly string[]): readonly string[] =>
  all.flatMap((text) => {
    const line = text.trim() === '' ? {} : (JSON.parse(text) as Record<string, never>)
    const found = JSON.stringify(
      cli === 'codex' ? (line.type === 'response_item' ? (line.payload ?? {}) : {}) : line.type === 'user' ? line : {},
    )
    return found.includes('tool_result') || found.includes('"role":"assistant"')
      ? []
      : [...found.matchAll(/"(?:content|text)":"(mock:[^"\\]*)"/g)].map((match) => match[1] ?? '')
  })

describe('the watched prompt', () => {
  test.each(recorded)('%s: every prompt of a recorded session is counted as often as it was sent', (cli, path) => {
    const all = lines(path)
    const prompts = promptsIn(cli, all)
    expect(prompts.length).toBeGreaterThan(3)
    for (const prompt of new Set(prompts))
      expect(countPrompt(cli, all, prompt).sent, prompt).toBe(prompts.filter((other) => other === prompt).length)
    expect(countPrompt(cli, all, 'never said')).toEqual({ sent: 0, kept: 0 })
  })

  test('counts only whole: a prompt inside another one is another one', () => {
    const line = JSON.stringify({ type: 'user', message: { role: 'user', content: 'please say ok' } })
    expect(countPrompt('claude', [line], 'say ok').sent).toBe(0)
    expect(countPrompt('claude', [line], 'please  say\tok\n').sent).toBe(1)
  })

  test('folded on the screen stands wrapped in the record of Claude', () => {
    const content = '\n\n<pasted_content id="9bfb">\nfirst\nsecond\n</pasted_content id="9bfb">'
    expect(countPrompt('claude', [JSON.stringify({ type: 'user', message: { content } })], 'first\nsecond').sent).toBe(
      1,
    )
  })

  test('in the queue of Claude is kept, not sent', () => {
    const queued = JSON.stringify({ type: 'queue-operation', operation: 'enqueue', content: 'then this' })
    const left = JSON.stringify({ type: 'queue-operation', operation: 'dequeue' })
    expect(countPrompt('claude', [queued, left], 'then this')).toEqual({ sent: 0, kept: 1 })
  })

  test('quoted by a tool, a sub-agent or a patch is not sent', () => {
    const tool = { type: 'user', message: { content: [{ type: 'tool_result', content: 'go on' }] } }
    const side = { type: 'user', isSidechain: true, message: { content: 'go on' } }
    const patch = { $set: { messages: [{ type: 'user', content: [{ text: 'go on' }] }] } }
    expect(
      countPrompt(
        'claude',
        [tool, side].map((one) => JSON.stringify(one)),
        'go on',
      ).sent,
    ).toBe(0)
    expect(countPrompt('gemini', [JSON.stringify(patch)], 'go on').sent).toBe(0)
  })

  test('survives any line', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), fc.string(), (all, prompt) => {
        for (const cli of ['claude', 'codex', 'gemini', 'opencode', 'other'] as const) countPrompt(cli, all, prompt)
      }),
    )
  })
})
