import { describe, expect, test } from 'vitest'
import {
  readClaudeTail,
  readCodexTail,
  readGeminiTail,
  readOpencodeRows,
} from '../../../src/collectors/agent-evidence/index.ts'
import type { Sighting } from '../../../src/core/agent.ts'
import { type Json, load, turnEnds } from './recorded-lines.ts'

describe('Claude', () => {
  const records = load('claude-2.1.329.jsonl')

  test('a whole recorded day, turn by turn', () => {
    const typed = (record: Json): boolean => record.promptSource === 'typed' || record.promptSource === 'system'
    expect(turnEnds(records, typed, readClaudeTail)).toEqual([
      'turn_finished',
      'idle',
      'idle',
      'idle',
      'rate_limited',
      'rate_limited',
      'failed',
      'failed',
      'failed',
      'turn_finished',
      'failed',
      'failed',
      'failed',
      'working',
      'turn_finished',
      'turn_finished',
      'turn_finished',
      'turn_finished',
    ])
  })

  test('the sub-agent that outlives the turn is named', () => {
    const end = records.findIndex((record) => record.pendingBackgroundAgentCount === 1)
    expect(readClaudeTail(records.slice(0, end + 1))).toMatchObject({
      says: 'working',
      reason: expect.stringContaining('background'),
      rule: 'claude.transcript.background@2.1',
    })
  })

  test('a limit carries its reset from the record', () => {
    const limited = load('claude-limit-2.1.329.jsonl')
    const hit = limited.findIndex((record) => record.apiError === 'usage_limit_reached')
    expect(readClaudeTail(limited.slice(0, hit + 1))).toMatchObject({
      says: 'rate_limited',
      until: expect.any(Date),
      reason: 'five_hour limit',
    })
  })

  test('an open tool call does not tell work from waiting, a question tool does', () => {
    const tool = (name: string): Json => ({
      type: 'assistant',
      timestamp: '2026-11-20T12:00:00Z',
      message: { stop_reason: 'tool_use', content: [{ type: 'tool_use', name }] },
    })
    expect(readClaudeTail([tool('Bash')])?.says).toBe('working')
    expect(readClaudeTail([tool('AskUserQuestion')])?.says).toBe('asked_question')
    expect(readClaudeTail([tool('ExitPlanMode')])?.says).toBe('needs_approval')
  })

  test('sub-agents, slash commands and foreign records begin no turn', () => {
    const user = (content: string, over: Json = {}): Json => ({
      type: 'user',
      timestamp: '2026-11-20T12:00:00Z',
      message: { content },
      ...over,
    })
    expect(
      readClaudeTail([
        user('go', { isSidechain: true }),
        user('<command-name>/model</command-name>'),
        user('x', { isMeta: true }),
        { type: 'ai-title' },
        null,
        7,
      ]),
    ).toBeNull()
  })
})

describe('Codex', () => {
  test('a whole recorded day, turn by turn', () => {
    const begins = (record: Json): boolean => (record.payload as Json).type === 'task_started'
    expect(turnEnds(load('codex-0.169.0.jsonl'), begins, readCodexTail)).toEqual([
      'turn_finished',
      'turn_finished',
      'idle',
      'idle',
      'failed',
      'rate_limited',
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
      'turn_finished',
      'turn_finished',
      'turn_finished',
      'turn_finished',
      'turn_finished',
    ])
  })
  test("the reset of a limit is the exhausted window's, not the wall clock of the message", () => {
    const records = load('codex-0.169.0.jsonl')
    const hit = records.findIndex(
      (record) => ((record.payload as Json).error as Json | undefined)?.codex_error_info === 'usage_limit_exceeded',
    )
    const limits = records
      .slice(0, hit)
      .map((record) => (record.payload as Json).rate_limits as Record<string, Json> | undefined)
      .filter((item) => item !== undefined)
    const resetsAt = Number(limits.at(-1)?.primary?.resets_at)
    expect(readCodexTail(records.slice(0, hit + 1))?.until).toEqual(new Date(resetsAt * 1000))
  })
  test('who interrupts a turn leaves it at rest from then on, not since it began', () => {
    const record = (timestamp: string, type: string): Json => ({ timestamp, type: 'event_msg', payload: { type } })
    const records = [
      record('2026-11-20T12:00:00.000Z', 'task_started'),
      record('2026-11-20T12:09:00.000Z', 'turn_aborted'),
    ]
    expect(readCodexTail(records)?.since).toEqual(new Date('2026-11-20T12:09:00.000Z'))
  })
  test('exec cannot wait for a person, and says so', () => {
    const records = load('codex-exec-0.169.0.jsonl')
    const started = records.findIndex((record) => (record.payload as Json).type === 'task_started')
    expect(readCodexTail(records.slice(0, started + 1))).toMatchObject({
      says: 'working',
      rule: 'codex.transcript.headless_turn@0.169',
    })
  })
})

describe('Gemini', () => {
  test('a whole recorded day, turn by turn; replays after Esc begin nothing', () => {
    const records = load('gemini-0.61.0.jsonl')
    const prompt = (record: Json): boolean => {
      const text = ((record.content as Json[] | undefined)?.[0]?.text ?? '') as string
      return record.type === 'user' && /^mock:/.test(text) && record.timestamp !== '2026-11-20T21:59:54.210Z'
    }
    expect(turnEnds(records, prompt, readGeminiTail)).toEqual([
      'turn_finished',
      'turn_finished',
      'idle',
      'idle',
      'rate_limited',
      'turn_finished',
      'idle',
      'failed',
      'failed',
      'turn_finished',
      'turn_finished',
    ])
  })
})

describe('Gemini at rest', () => {
  const record = (second: number, type: string, content: unknown, over: Json = {}): Json => ({
    id: `r${second}`,
    timestamp: new Date(Date.UTC(2026, 10, 20, 12, 0, second)).toISOString(),
    type,
    content,
    ...over,
  })
  const turn = [record(1, 'user', [{ text: 'go' }]), record(2, 'gemini', 'done', { tokens: { input: 1, output: 1 } })]

  test('is not failed by a slash command that was refused, and is by an API error', () => {
    const refused = record(3, 'error', 'Already compressing, wait for previous request to complete')
    expect(readGeminiTail([...turn, refused])).toMatchObject({
      says: 'turn_finished',
      asOf: new Date(turn[1]?.timestamp as string),
    })
    expect(readGeminiTail([...turn, record(3, 'error', '[API Error: internal]')])?.says).toBe('failed')
    expect(readGeminiTail([turn[0] as Json, refused])?.says).toBe('failed')
  })
})

describe('OpenCode', () => {
  const message = (id: string, created: number, data: Json): Json => ({
    tbl: 'message',
    id,
    time_created: created,
    time_updated: created + 10,
    data: { time: { created }, ...data },
  })
  const part = (id: string, messageId: string, data: Json): Json => ({
    tbl: 'part',
    id,
    message_id: messageId,
    time_updated: 2_000,
    data,
  })
  const user = message('u', 1_000, { role: 'user' })
  const answer = (data: Json, ...parts: Json[]): Sighting | null =>
    readOpencodeRows([user, message('a', 1_100, { role: 'assistant', ...data }), ...parts])
  const done = { time: { created: 1_100, completed: 1_500 } }

  test.each([
    ['an open row', {}, [], 'working'],
    ['a running tool', {}, [part('p', 'a', { type: 'tool', tool: 'bash', state: { status: 'running' } })], 'working'],
    [
      'a running question',
      {},
      [part('p', 'a', { type: 'tool', tool: 'question', state: { status: 'running' } })],
      'asked_question',
    ],
    ['a finished row', { ...done, finish: 'stop' }, [], 'turn_finished'],
    ['a step between tools', { ...done, finish: 'tool-calls' }, [], 'working'],
    [
      'a rejected tool',
      { ...done, finish: 'tool-calls' },
      [
        part('p', 'a', {
          type: 'tool',
          tool: 'bash',
          state: { status: 'error', error: 'The user rejected permission to use this tool' },
        }),
      ],
      'idle',
    ],
    ['an abort', { ...done, error: { name: 'MessageAbortedError' } }, [], 'idle'],
    [
      'an API error',
      { ...done, error: { name: 'APIError', data: { statusCode: 401, message: 'Incorrect API key' } } },
      [],
      'failed',
    ],
    [
      'a final 429',
      { ...done, error: { name: 'APIError', data: { statusCode: 429, message: 'x' } } },
      [],
      'rate_limited',
    ],
  ])('%s', (_name, data, parts, state) => expect(answer(data, ...parts)?.says).toBe(state))

  test('a retry that was interrupted closes the row without an end: no turn was finished', () => {
    expect(answer(done)).toMatchObject({ says: 'idle', rule: 'opencode.rows.aborted_unanswered@1.18' })
    expect(answer(done, part('p', 'a', { type: 'text', text: 'half' }))?.rule).toBe('opencode.rows.aborted@1.18')
  })

  test('data as JSON text reads the same', () => {
    const rows = [user, message('a', 1_100, { role: 'assistant', ...done, finish: 'stop' })].map((row) => ({
      ...row,
      data: JSON.stringify(row.data),
    }))
    expect(readOpencodeRows(rows)?.says).toBe('turn_finished')
  })
})
