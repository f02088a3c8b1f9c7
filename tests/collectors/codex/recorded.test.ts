import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codexSource } from '../../../src/collectors/codex/source.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'
import { parseBytes } from '../transcripts/parse-bytes.ts'

const read = (name: string): Buffer => readFileSync(`tests/fixtures/codex/${name}`)
const total = (sink: FactSink): number =>
  [...sink.facts()].reduce((sum, f) => sum + f.inputTokens + f.cacheReadTokens + f.outputTokens, 0)

test('the recorded session counts 22 440 tokens, although its cumulative counter says 272 680', () => {
  const { sink, session } = parseBytes(codexSource, read('rollout-interactive-all-0.169.0.jsonl'))
  expect(sink.facts().length).toBe(11)
  expect(total(sink)).toBe(22_440)
  expect([...sink.facts()][0]).toMatchObject({
    key: 'resp_mock704b3bfd09d70bd1175b5307',
    provider: 'mock',
    model: 'gpt-5.2-codex',
    inputTokens: 1200,
    cacheReadTokens: 800,
    outputTokens: 40,
    reasoningTokens: 12,
  })
  expect(session).toMatchObject({
    sessionId: '01a1faf2-e5fc-7cd3-8372-c6d02bc7112c',
    lastError: 'other',
    contextTokens: 2040,
    contextWindowTokens: 258_400,
    entrypoint: 'codex-tui',
  })
})

// The same session as an older CLI would have written it: the counters alone, whose overflow must not be counted.
test('without usage records the counters give what grew, and an overflow nothing', () => {
  const text = read('rollout-interactive-all-0.169.0.jsonl').toString('utf8')
  const old = text.split('\n').filter((line) => !line.includes('"type":"token_usage_record"'))
  const { sink } = parseBytes(codexSource, Buffer.from(old.join('\n')))
  expect(sink.facts().length).toBe(11)
  expect(total(sink)).toBe(22_440)
})

test('windows are named by their length, and a full one by a limit keeps its status', () => {
  const { sink } = parseBytes(codexSource, read('rollout-exec-0.169.0.jsonl'))
  expect(sink.accounts.map(({ observation: o }) => [o.window_name, o.used_pct, o.limit_id])).toEqual([
    ['5h', 42, 'codex'],
    ['7d', 61, 'codex'],
  ])
})

const meta = (id: string, extra = ''): string =>
  `{"timestamp":"2026-11-20T22:00:00.000Z","type":"session_meta","payload":{"id":"${id}","timestamp":"2026-11-20T22:00:00.000Z"${extra}}}\n`
const count = (time: string, n: number): string =>
  `{"timestamp":"${time}","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":${n},"cached_input_tokens":0,"output_tokens":1,"reasoning_output_tokens":0,"total_tokens":${n + 1}}},"rate_limits":{"limit_id":"codex","primary":{"used_percent":5,"window_minutes":300,"resets_at":1795230000}}}}\n`

test('an old fork replays its parent under new times: counted once, and its copied limits are no observations', () => {
  const parent = meta('parent') + count('2026-11-20T20:00:00.000Z', 100) + count('2026-11-20T20:01:00.000Z', 300)
  const child =
    meta('child', ',"forked_from_id":"parent"') +
    meta('parent') +
    count('2026-11-20T22:00:00.000Z', 100) +
    count('2026-11-20T22:00:00.000Z', 300) +
    count('2026-11-20T22:05:00.000Z', 450)
  for (const order of [
    [parent, child],
    [child, parent],
  ]) {
    const sink = new FactSink()
    for (const [index, text] of order.entries())
      parseBytes(codexSource, Buffer.from(text), [], sink, `/h/rollout-${index}.jsonl`)
    expect([...sink.facts()].reduce((sum, f) => sum + f.inputTokens, 0)).toBe(450)
    const times = sink.accounts.map(({ observation }) => observation.observed_at.toISOString())
    expect(times).toEqual(['2026-11-20T20:00:00.000Z'])
  }
})
