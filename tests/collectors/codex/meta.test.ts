import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codexParser } from '../../../src/collectors/codex/parse.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'

const FILE = { path: '/h/.codex/sessions/rollout-x.jsonl', mtimeMs: 1, fresh: true, machineId: 'atlas', account: null }

/** What the parser knows after these lines. */
const read = (text: string) => {
  const sink = new FactSink()
  const parser = codexParser(FILE, null, sink)
  parser.feed(Buffer.from(text))
  return { session: parser.session(), state: parser.state(), troubles: sink.troubles }
}

const word = fc.oneof(
  fc.string(),
  fc.constantFrom('', 'naïve "quoted" \\ \n', '\ud83d', 'thread-1', '0.1.0', 'x'.repeat(3000)),
)
const odd = fc.oneof(word, fc.constantFrom(null, 1, true, [], {}, ['a']), fc.constant(2 ** 60))
const id = fc.constantFrom('019a0000-0000-7000-8000-000000000001', 'plain', '')
const source = fc.oneof(
  odd,
  fc.record({ subagent: fc.oneof(odd, fc.record({ thread_spawn: fc.record({ parent_thread_id: odd }) })) }),
)
const payload = fc.record(
  {
    id: fc.oneof(id, odd),
    session_id: odd,
    timestamp: fc.oneof(fc.constant('2026-01-02T03:04:05.678Z'), odd),
    cwd: odd,
    originator: odd,
    cli_version: odd,
    model_provider: odd,
    source,
    thread_source: fc.oneof(fc.constant('subagent'), odd),
    parent_thread_id: odd,
    forked_from_id: odd,
    base_instructions: fc.record({ text: word, id: word, cwd: word }),
    git: fc.oneof(odd, fc.record({ branch: odd })),
  },
  { requiredKeys: [] },
)

test('what a session says of itself is the same whether its line is read by its fields or parsed', () => {
  fc.assert(
    fc.property(fc.constantFrom('2026-01-02T03:04:05.678Z', 'never'), payload, (timestamp, said) => {
      const quick = JSON.stringify({ timestamp, ordinal: 0, type: 'session_meta', payload: said })
      // White space where the CLI writes none: the whole line is parsed.
      const parsed = `${quick.slice(0, -1)} }`
      expect(read(`${quick}\n`)).toEqual(read(`${parsed}\n`))
      expect(read(`${quick}\r\n`)).toEqual(read(`${parsed}\r\n`))
    }),
  )
})
