import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readClaudeTail } from '../../../src/collectors/agent-evidence/index.ts'
import { claudeSource } from '../../../src/collectors/claude/source.ts'
import { lastRecords } from '../../../src/collectors/transcripts/file-end.ts'
import { parseBytes } from '../transcripts/parse-bytes.ts'

const read = (name: string): Buffer => readFileSync(`tests/fixtures/claude/${name}`)

const sums = (name: string) => {
  const facts = [...parseBytes(claudeSource, read(name), [], undefined, `/p/${name}`).sink.facts()]
  const add = (pick: (fact: (typeof facts)[number]) => number) => facts.reduce((sum, fact) => sum + pick(fact), 0)
  return [
    facts.length,
    add((f) => f.inputTokens),
    add((f) => f.outputTokens),
    add((f) => f.cacheReadTokens),
    add((f) => f.cacheWrite5mTokens),
  ]
}

test.each([
  ['session-interactive-2.1.197.jsonl', [3, 3600, 120, 2400, 900]],
  ['session-interactive-all-2.1.329.jsonl', [11, 13200, 401, 8800, 3300]],
  ['session-subscription-limit-2.1.329.jsonl', [3, 3600, 120, 2400, 900]],
  ['session-headless-tool-denied-2.1.329.jsonl', [2, 2400, 80, 1600, 600]],
  ['subagents/agent-a8f312ce4baba7f42-2.1.329.jsonl', [1, 1200, 40, 800, 300]],
])('%s: each message once', (name, expected) => {
  expect(sums(name)).toEqual(expected)
})

test('a sub-agent file is a session of its own below its parent', () => {
  const { session, sink } = parseBytes(claudeSource, read('subagents/agent-a8f312ce4baba7f42-2.1.329.jsonl'))
  expect(session).toMatchObject({
    sessionId: 'agent-a8f312ce4baba7f42',
    parentSessionId: '138fe82e-4086-4d84-9efa-53d5bbca077c',
    isSubagent: true,
    cwd: '/home/dev/work/claude-demo',
    cliVersion: '2.1.329',
  })
  expect([...sink.facts()][0]?.place.isSidechain).toBe(true)
})

test('a usage limit becomes an account observation with its reset, and the session names its last error', () => {
  const { session, sink } = parseBytes(claudeSource, read('session-subscription-limit-2.1.329.jsonl'))
  expect(sink.accounts.map(({ observation }) => observation)).toMatchObject([
    {
      provider: 'anthropic',
      account_key: 'unknown@atlas',
      window_name: '5h',
      status: 'rejected',
      resets_at: new Date(1795218614_000),
      observed_at: new Date('2026-11-20T21:50:14.893Z'),
    },
  ])
  expect(session).toMatchObject({ lastError: 'usage_limit_reached', gitBranch: 'main' })
  expect(session?.contextTokens).toBe(2300)
})

test('the newest records of a file tell its state', () => {
  const bytes = read('session-interactive-2.1.197.jsonl')
  const records = lastRecords(bytes, false, claudeSource.tailNeedles)
  expect(records.length).toBeGreaterThan(3)
  expect(readClaudeTail(records)?.says).toBe('turn_finished')
})

test('identical usage lines with and without a request id are one message', () => {
  const line = (request: string): string =>
    `{"isSidechain":false,"message":{"id":"msg_1","role":"assistant","model":"m","content":[{"type":"text","text":"a"}],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":4}},${request}"type":"assistant","timestamp":"2026-11-20T22:10:00.000Z","sessionId":"s"}\n`
  const { sink } = parseBytes(claudeSource, Buffer.from(line('"requestId":"req_1",') + line('')))
  expect([...sink.facts()]).toMatchObject([{ key: 'msg_1', requestId: 'req_1', outputTokens: 4 }])
})

test('an older layout with usage before the content is read in full, tool input that looks like usage is not', () => {
  const line =
    '{"type":"assistant","message":{"id":"msg_2","model":"m","usage":{"input_tokens":3,"output_tokens":4},"content":[{"type":"tool_use","input":{"a":[1],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":99}}}]},"timestamp":"2026-11-20T22:10:00.000Z","sessionId":"s"}\n'
  const { sink } = parseBytes(claudeSource, Buffer.from(line))
  expect([...sink.facts()]).toMatchObject([{ key: 'msg_2', inputTokens: 3, outputTokens: 4 }])
})
