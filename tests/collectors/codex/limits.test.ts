import { expect, test } from 'vitest'
import { codexParser } from '../../../src/collectors/codex/parse.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'

const THREADS = ['019a0000-0000-7000-8000-000000000001', '019a0000-0000-7000-8000-000000000002'] as const
const START_MS = Date.UTC(2026, 0, 1)
const line = (minute: number, type: string, payload: unknown): Buffer => {
  const timestamp = new Date(START_MS + minute * 60_000).toISOString()
  return Buffer.from(`${JSON.stringify({ timestamp, type, payload })}\n`)
}
const counts = { input_tokens: 5, output_tokens: 7, total_tokens: 12 }
const told = (minute: number, usedPercent: number, padding = ''): Buffer => {
  const primary = { used_percent: usedPercent, window_minutes: 300, resets_at: START_MS / 1000 + 18_000 }
  const info = { total_token_usage: counts, last_token_usage: counts, model_context_window: 1000 }
  return line(minute, 'event_msg', { type: 'token_count', info, rate_limits: { primary, padding } })
}

const open = (thread: string) => {
  const sink = new FactSink()
  const file = { path: `/x/${thread}.jsonl`, mtimeMs: 0, fresh: true, machineId: 'm', account: null }
  const parser = codexParser(file, null, sink)
  parser.feed(line(0, 'session_meta', { id: thread, model_provider: 'openai' }))
  const minutes = () => sink.accounts.map(({ observation }) => (+observation.observed_at - START_MS) / 60_000)
  return { feed: (bytes: Buffer) => parser.feed(bytes), minutes }
}

test('limits that did not change are told again after ten minutes, others at once', () => {
  const { feed, minutes } = open(THREADS[0])
  for (const minute of [1, 2, 10, 11, 12, 21]) feed(told(minute, 40))
  feed(told(22, 41))
  feed(told(23, 40))
  expect(minutes()).toEqual([1, 11, 21, 22, 23])
})

test('what one rollout told of the limits is no repetition in another', () => {
  const [first, second] = THREADS.map(open) as [ReturnType<typeof open>, ReturnType<typeof open>]
  for (const minute of [1, 2]) for (const rollout of [first, second]) rollout.feed(told(minute, 40))
  expect([first.minutes(), second.minutes()]).toEqual([[1], [1]])
})

test('what another rollout told of the limits in between is news in this one', () => {
  const [first, second] = THREADS.map(open) as [ReturnType<typeof open>, ReturnType<typeof open>]
  const turn = line(3, 'turn_context', { turn_id: 'a', model: 'gpt-x' })
  first.feed(Buffer.concat([told(1, 40), turn]))
  second.feed(told(2, 50))
  first.feed(Buffer.concat([turn, told(4, 50)]))
  expect([first.minutes(), second.minutes()]).toEqual([[1, 4], [2]])
})

test('limits of any length are compared to their end', () => {
  const { feed, minutes } = open(THREADS[0])
  const long = 'x'.repeat(2000)
  feed(told(1, 40, `${long}a`))
  feed(told(2, 40, `${long}a`))
  feed(told(3, 50, `${long}a`))
  expect(minutes()).toEqual([1, 3])
})
