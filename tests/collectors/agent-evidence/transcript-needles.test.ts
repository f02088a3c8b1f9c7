import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CLAUDE_STATE_NEEDLES,
  CODEX_STATE_NEEDLES,
  claudeStateMatters,
  codexStateMatters,
  GEMINI_STATE_NEEDLES,
  geminiStateMatters,
  readClaudeTail,
  readCodexTail,
  readGeminiTail,
  readOpencodeRows,
} from '../../../src/collectors/agent-evidence/index.ts'
import { load } from './recorded-lines.ts'

describe('what travels and what is kept', () => {
  test.each([
    ['claude-2.1.329.jsonl', claudeStateMatters, CLAUDE_STATE_NEEDLES],
    ['codex-0.169.0.jsonl', codexStateMatters, CODEX_STATE_NEEDLES],
    ['gemini-0.61.0.jsonl', geminiStateMatters, GEMINI_STATE_NEEDLES],
  ] as const)('%s: every record that matters passes the byte filter', (name, matters, needles) => {
    // The CLIs write JSON without blanks; the fixture's are removed to look like theirs.
    const lines = load(name).map((record) => JSON.stringify(record))
    const lost = lines.filter((line) => matters(JSON.parse(line)) && !needles.some((needle) => line.includes(needle)))
    expect(lost).toEqual([])
    expect(lines.some((line) => matters(JSON.parse(line)))).toBe(true)
  })

  test('no sighting carries words of a person, a model or a command', () => {
    const secret = 'canary-7f3a'
    const said = [
      readClaudeTail([{ type: 'user', timestamp: '2026-11-20T12:00:00Z', message: { content: secret } }]),
      readClaudeTail([
        {
          type: 'assistant',
          isApiErrorMessage: true,
          error: 'server_error',
          timestamp: '2026-11-20T12:00:00Z',
          message: { content: [{ type: 'text', text: secret }] },
        },
      ]),
      readCodexTail([
        {
          timestamp: '2026-11-20T12:00:00Z',
          type: 'event_msg',
          payload: { type: 'task_complete', error: { message: secret, codex_error_info: 'other' } },
        },
      ]),
      readGeminiTail([
        { id: 'x', timestamp: '2026-11-20T12:00:00Z', type: 'error', content: `[API Error: ${secret}]` },
      ]),
      readOpencodeRows([
        {
          tbl: 'message',
          id: 'm',
          time_updated: 1,
          data: {
            role: 'assistant',
            time: { created: 1, completed: 2 },
            error: { name: 'APIError', data: { message: secret } },
          },
        },
      ]),
    ]
    expect(said.every((sighting) => sighting !== null)).toBe(true)
    expect(JSON.stringify(said)).not.toContain(secret)
  })

  test('odd records are no opinion, never a throw', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({
              type: fc.constantFrom('user', 'assistant', 'system', 'gemini', 'event_msg'),
              timestamp: fc.constantFrom('2026-11-20T12:00:00Z', 'x', 7),
              message: fc.jsonValue(),
              payload: fc.jsonValue(),
              content: fc.jsonValue(),
              data: fc.jsonValue(),
            }),
          ),
          { maxLength: 8 },
        ),
        (records) => {
          for (const read of [readClaudeTail, readCodexTail, readGeminiTail, readOpencodeRows])
            expect(() => read(records)).not.toThrow()
        },
      ),
    )
  })
})
