import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codexParser } from '../../../src/collectors/codex/parse.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'

const THREAD = '019a0000-0000-7000-8000-000000000001'
const counts = (n: number): string =>
  `{"input_tokens":${n},"cached_input_tokens":${n - 1},"output_tokens":7,"reasoning_output_tokens":3,"total_tokens":${n + 7}}`
const at = (type: string, payload: string): string =>
  `{"timestamp":"2026-01-01T00:00:00.000Z","type":"${type}","payload":${payload}}`
const LINES = [
  at('session_meta', `{"id":"${THREAD}","cwd":"/srv/code/app","cli_version":"0.1.0","model_provider":"openai"}`),
  at('turn_context', `{"turn_id":"t1","cwd":"/srv/code/app","model":"gpt-x"}`),
  at('token_usage_record', `{"response_id":"r1","turn_id":"t1","thread_id":"${THREAD}","usage":${counts(40)}}`),
  at(
    'event_msg',
    `{"type":"token_count","info":{"total_token_usage":${counts(90)},"last_token_usage":${counts(50)},"model_context_window":1000}}`,
  ),
] as const

const read = (lines: readonly (string | Uint8Array)[]) => {
  const sink = new FactSink()
  const file = { path: '/x/rollout.jsonl', mtimeMs: 0, fresh: true, machineId: 'm', account: null }
  const parser = codexParser(file, null, sink)
  for (const line of lines) parser.feed(Buffer.concat([Buffer.from(line), Buffer.from('\n')]))
  return { facts: sink.facts(), trouble: sink.troubles, session: parser.session() }
}

/** The same record in a layout that nobody reads by its bytes. */
const spaced = (line: Uint8Array): Buffer => Buffer.concat([Buffer.from('{ '), line.subarray(1)])

const isJson = (line: Buffer): boolean => {
  try {
    JSON.parse(line.toString('utf8'))
    return true
  } catch {
    return false
  }
}

test('a line with any one byte changed tells what JSON.parse reads in it', () => {
  const bytes = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:.-+eE0129 \\\rtfn')))
  const line = fc.nat({ max: LINES.length - 1 })
  expect(read(LINES).facts).toHaveLength(1)
  fc.assert(
    fc.property(line, fc.nat({ max: 1000 }), bytes, (nth, place, byte) => {
      const changed = Buffer.from(LINES[nth] as string)
      const index = 1 + (place % (changed.length - 1))
      if (byte === 10) return
      changed[index] = byte
      if (!isJson(changed)) return
      const [before, after] = [LINES.slice(0, nth), LINES.slice(nth + 1)]
      expect(read([...before, changed, ...after])).toEqual(read([...before, spaced(changed), ...after]))
    }),
    { numRuns: 2000 },
  )
})
