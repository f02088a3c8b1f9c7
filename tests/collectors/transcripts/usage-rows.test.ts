import fc from 'fast-check'
import { expect, test } from 'vitest'
import { claudeSource } from '../../../src/collectors/claude/source.ts'
import { codexSource } from '../../../src/collectors/codex/source.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'
import type { TranscriptSource } from '../../../src/collectors/transcripts/source.ts'
import type { UsageRows } from '../../../src/collectors/transcripts/usage-rows.ts'

const THREAD = '019a0000-0000-7000-8000-000000000001'

/** A sink for which the kernel makes no rows: every line is told as a fact. */
const withoutRows = (): FactSink => {
  const none: Pick<UsageRows, 'at' | 'take' | 'pages'> = { at: () => -1, take: () => undefined, pages: () => [] }
  return Object.assign(new FactSink(), { rows: none as UsageRows })
}

const read = (source: TranscriptSource, sink: FactSink, texts: readonly string[]) => {
  const path = `/x/rollout-2026-01-01T00-00-00-${THREAD}.jsonl`
  const file = { path, mtimeMs: 5, fresh: true, machineId: 'm', account: null }
  const parser = source.parser(file, null, sink)
  for (const text of texts) parser.feed(Buffer.from(text))
  const { troubles, accounts } = sink
  return { facts: byKey(sink), troubles, accounts, state: parser.state(), session: parser.session() }
}

const byKey = (sink: FactSink) => new Map(sink.facts().map((fact) => [fact.key, fact]))

/** Cut into blocks, as files are read. */
const blocks = (lines: readonly string[], every: number): string[] => {
  const texts: string[] = []
  for (let at = 0; at < lines.length; at += every) texts.push(`${lines.slice(at, at + every).join('\n')}\n`)
  return texts
}

/** The same is told with rows and without them; the number of messages that rows told. */
const compare = (source: TranscriptSource, lines: readonly string[], every: number): number => {
  const texts = blocks(lines, every)
  const sink = new FactSink()
  expect(read(source, sink, texts)).toEqual(read(source, withoutRows(), texts))
  const pages = sink.rows.pages()
  for (const { keys, requestIds } of pages)
    expect(`${keys}\n${requestIds}`).toMatch(/^(?:[ -~]{0,256}\n)*[ -~]{0,256}$/)
  return pages.reduce((sum, page) => sum + page.count, 0)
}

const moment = fc
  .integer({ min: 0, max: 1500 })
  .map((second) => new Date(1_700_000_000_000 + second * 997).toISOString())
const often = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 80 }, { arbitrary: fc.constantFrom(...others), weight: 1 })
const tokens = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 3 }), weight: 80 },
  { arbitrary: fc.constantFrom(1e9, 2 ** 40, 1.5, -3, 12_345_678), weight: 1 },
)

const answer = fc.record({
  sessionId: often('s', 't', ''),
  cwd: often('/srv/code/a', '/srv/code/b', '/srv/code/ü', null),
  version: often('2.1.0', '2.1.1'),
  agentId: often(undefined, 'a1'),
  isSidechain: often<unknown>(false, true, 'yes'),
  id: fc.constantFrom('m1', 'm2', 'm3', 'odd', 'long', 'coded', 'm\u007f', 'mü', '', 'x'.repeat(300)),
  requestId: fc.constantFrom<unknown>('r', 'r', 'r', 'r', 'r', undefined, null, '', 7),
  model: fc.constantFrom('claude-x', 'claude-y', '<synthetic>', 'claude-ü'),
  tier: often<unknown>('standard', 'priority', undefined, 3),
  speed: often<unknown>(undefined, 'standard', 'fast'),
  geo: often<unknown>(undefined, 'us', 'eu', '', 'u_s'),
  timestamp: often(null, 'soon', '2025-02-30T00:00:00.000Z', '2025-01-01T00:00:00Z'),
  at: moment,
  counts: fc.array(tokens, { minLength: 7, maxLength: 7 }),
  is: often('answer', 'user', 'error', 'odd'),
})

const PADDINGS: Readonly<Record<string, string>> = { odd: '\u007f', long: 'x'.repeat(300), coded: 'ü' }

const claudeLine = (one: typeof answer extends fc.Arbitrary<infer T> ? T : never): string => {
  const [input, output, cacheRead, write, write5m, write1h, thinking] = one.counts
  const usage = {
    ...{ input_tokens: input, output_tokens: output, cache_read_input_tokens: cacheRead },
    cache_creation_input_tokens: write,
    cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
    output_tokens_details: { thinking_tokens: thinking },
    ...{ service_tier: one.tier, speed: one.speed, inference_geo: one.geo },
  }
  const message = {
    id: one.id,
    type: 'message',
    role: 'assistant',
    model: one.model,
    content: [],
    stop_reason: null,
    usage,
  }
  const { sessionId, cwd, version, agentId, isSidechain } = one
  // A message has one request, which is not always named.
  const requestId = one.requestId === 'r' ? `r${one.id}${PADDINGS[one.id] ?? ''}` : one.requestId
  const record = {
    ...{ parentUuid: null, isSidechain, agentId, message, requestId },
    ...(one.is === 'error' ? { isApiErrorMessage: true, error: 'overloaded' } : {}),
    ...{ type: one.is === 'user' ? 'user' : 'assistant', uuid: 'u', timestamp: one.timestamp ?? one.at },
    ...{ sessionId, cwd, version },
  }
  const written = JSON.stringify(record).replace('u_s', '\\u0075s')
  return written.replace('"requestId"', one.is === 'odd' ? ' "requestId"' : '"requestId"')
}

test('answers of Claude Code as rows tell what they tell one by one', () => {
  let rows = 0
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 40 }), (answers, every) => {
      rows += compare(claudeSource, answers.map(claudeLine), every)
    }),
    { numRuns: 400 },
  )
  expect(rows).toBeGreaterThan(1000)
})

const counters = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 6, maxLength: 6 })
const TURNS = ['019a0000-0000-7000-8000-0000000000a1', '019a0000-0000-7000-8000-0000000000a2', 'short'] as const
const event = fc.record({
  is: fc.constantFrom('turn', 'started', 'ended', 'failed', 'record', 'count', 'count', 'count', 'odd'),
  at: moment,
  timestamp: often(null, 'soon'),
  turn: fc.constantFrom<unknown>(TURNS[0], TURNS[0], TURNS[0], TURNS[2], TURNS[2], TURNS[1], null, 'ü'),
  model: often<unknown>('gpt-x', 'gpt-y', 'gpt-ü', '', null, 7),
  cwd: often<unknown>('/srv/code/a', '/srv/code/b', '/srv/ü', null),
  started: fc.constantFrom<unknown>(undefined, undefined, undefined, 1_700_000_000, 1_700_000_100, 1.5, 'now'),
  response: fc.constantFrom('resp_1', 'resp_2', 'resp_3', 'resp\u007f', 'ü', '', null),
  by: counters,
  restart: often(false, true),
  odd: fc.constantFrom<unknown>(...Array(20).fill(undefined), 2.5, 1e12, 'many'),
  window: fc.constantFrom<unknown>(1000, 1000, 2000, null, 1.5),
  limits: often<unknown>(40, 50, null),
})

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

const named = (values: readonly unknown[]) => ({
  ...{ input_tokens: values[0], cached_input_tokens: values[1], cache_write_input_tokens: values[2] },
  ...{ output_tokens: values[3], reasoning_output_tokens: values[4], total_tokens: values[5] },
})

/** Lines of one rollout: its counters grow, and begin anew where that is asked for. */
const rollout = (events: readonly Event[], parent: string | null, metaAt: number): string[] => {
  let total = [0, 0, 0, 0, 0, 0]
  const line = (timestamp: string, type: string, payload: unknown): string =>
    JSON.stringify({ timestamp, type, payload })
  const meta = { id: THREAD, model_provider: 'azure', cwd: '/srv/code/a', forked_from_id: parent }
  const lines: string[] = []
  for (const [at, one] of events.entries()) {
    // A rollout that lost its beginning says late whose it is.
    if (at === metaAt) lines.push(line('2023-11-14T22:00:00.000Z', 'session_meta', meta))
    const time = one.timestamp ?? one.at
    const turn = { turn_id: one.turn, model: one.model, cwd: one.cwd, started_at: one.started }
    total = one.restart ? one.by : total.map((value, i) => value + (one.by[i] as number))
    const values = one.odd === undefined ? total : [one.odd, ...total.slice(1)]
    const info = { total_token_usage: named(values), last_token_usage: named(one.by), model_context_window: one.window }
    const limits = one.limits === null ? null : { primary: { used_percent: one.limits, window_minutes: 300 } }
    if (one.is === 'turn') lines.push(line(time, 'turn_context', turn))
    if (one.is === 'started') lines.push(line(time, 'event_msg', { type: 'task_started', ...turn }))
    if (one.is === 'ended') lines.push(line(time, 'event_msg', { type: 'task_complete', turn_id: one.turn }))
    if (one.is === 'failed') lines.push(line(time, 'event_msg', { type: 'task_complete', error: { message: 'no' } }))
    if (one.is === 'odd') lines.push(line(time, 'event_msg', { type: 'token_count', info }).replace(':', ' : '))
    if (one.is === 'count') lines.push(line(time, 'event_msg', { type: 'token_count', info, rate_limits: limits }))
    if (one.is !== 'record') continue
    const usage = one.odd === undefined ? named(one.by) : named([one.odd, ...one.by.slice(1)])
    lines.push(line(time, 'token_usage_record', { response_id: one.response, turn_id: one.turn, usage }))
  }
  return lines
}

test('lines of Codex as rows tell what they tell one by one', () => {
  let rows = 0
  const parents = fc.constantFrom(null, '019a0000-0000-7000-8000-0000000000ff')
  const metaAt = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }))
  const flags = fc.record({ parent: parents, hasRecords: fc.boolean(), every: fc.integer({ min: 1, max: 40 }), metaAt })
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 60, size: 'max' }),
      flags,
      (events, { parent, hasRecords, every, metaAt }) => {
        const kept = hasRecords ? events : events.filter(({ is }) => is !== 'record')
        rows += compare(codexSource, rollout(kept, parent, metaAt), every)
      },
    ),
    { numRuns: 800 },
  )
  expect(rows).toBeGreaterThan(200)
})

test('rows of two files that are read in turns stay apart', () => {
  const sinks = [new FactSink(), new FactSink()] as const
  const line = (sessionId: string, id: string): string =>
    `{"isSidechain":false,"message":{"id":"${id}","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":2}},"requestId":"r","type":"assistant","timestamp":"2026-01-01T00:00:00.000Z","sessionId":"${sessionId}"}\n`
  const parsers = sinks.map((sink, at) => {
    const file = { path: `/x/${at}.jsonl`, mtimeMs: 0, fresh: true, machineId: 'm', account: null }
    return claudeSource.parser(file, null, sink)
  })
  for (let turn = 0; turn < 3; turn += 1)
    for (const [at, parser] of parsers.entries())
      parser.feed(Buffer.from([0, 1, 2].map((n) => line(`s${at}`, `m${at}.${turn}.${n}`)).join('')))
  for (const [at, sink] of sinks.entries()) {
    expect(sink.facts()).toHaveLength(9)
    expect(sink.facts().every(({ key, place }) => key.startsWith(`m${at}.`) && place.sessionId === `s${at}`)).toBe(true)
  }
})

test('sessions one after the other share a page', () => {
  const line = (n: number): string =>
    `{"message":{"id":"m${n}","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":2}},"type":"assistant","timestamp":"2026-01-01T00:00:00.000Z","sessionId":"s${n >> 1}"}\n`
  const sink = new FactSink()
  read(
    claudeSource,
    sink,
    Array.from({ length: 200 }, (_, n) => line(n)),
  )
  expect(sink.rows.pages().map(({ count }) => count)).toEqual([200])
})

/** So many that a piece of them overfills the page. */
const MANY = Array.from({ length: 20_000 }, (_, n) => n)

test('more rows of Claude Code than the page holds are told all the same', () => {
  const line = (n: number): string =>
    `{"message":{"id":"msg_${n}","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":${n},"output_tokens":2}},"type":"assistant","timestamp":"2026-01-01T00:00:00.000Z","sessionId":"s"}`
  overfill(claudeSource, MANY.map(line))
})

test('more rows of Codex than the page holds are told all the same', () => {
  const line = (type: string, payload: object): string =>
    JSON.stringify({ timestamp: '2026-01-01T00:00:00.000Z', type, payload })
  const record = (n: number): string =>
    line('token_usage_record', {
      ...{ response_id: `r${n}`, turn_id: TURNS[2] },
      usage: { input_tokens: n, output_tokens: 2 },
    })
  const meta = line('session_meta', { id: TURNS[0], model_provider: 'openai' })
  const turn = line('turn_context', { turn_id: TURNS[2], model: 'gpt-x' })
  overfill(codexSource, [meta, turn, ...MANY.map(record)])
})

const overfill = (source: TranscriptSource, lines: readonly string[]): void => {
  const rows = compare(source, lines, lines.length)
  expect(rows).toBeLessThan(MANY.length)
  expect(rows).toBeGreaterThan(2 * 4096)
}
