import fc from 'fast-check'
import { expect, test } from 'vitest'
import { claudeParser } from '../../../src/collectors/claude/parse.ts'
import { answerOf } from '../../../src/collectors/claude/usage.ts'
import { objectOf } from '../../../src/collectors/transcripts/json-cut.ts'
import { room } from '../../../src/collectors/transcripts/kernel.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'

const read = (line: string | Uint8Array) => {
  const sink = new FactSink()
  const file = { path: '/x/s.jsonl', mtimeMs: 0, fresh: true, machineId: 'm', account: null }
  claudeParser(file, null, sink).feed(Buffer.concat([Buffer.from(line), Buffer.from('\n')]))
  return { facts: sink.facts(), trouble: sink.troubles }
}

const ENVELOPE =
  '"type":"assistant","uuid":"u","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/srv/code/app","sessionId":"s"'
const answer = (message: string): string => `{"parentUuid":"p","message":{"id":"m",${message},${ENVELOPE}}`
const inputs = (line: string): readonly number[] => read(line).facts.map((fact) => fact.inputTokens)

test('reading goes on behind the content only where the message and the record close, and nothing else', () => {
  const usage = '"usage":{"input_tokens":1,"output_tokens":2}'
  expect(inputs(answer(`"content":[{"a":[1]}],"stop_reason":null,${usage}}`))).toEqual([1])
  expect(inputs(answer(`"content":[],"stop_reason":null,${usage}}`))).toEqual([1])
  const nested = '[{"input":{"x":[1],"stop_reason":"n","usage":{"input_tokens":9}}}]'
  expect(inputs(answer(`"content":${nested},${usage}}`))).toEqual([1])
  expect(read(answer(`"content":[],"stop_reason":null,${usage}}}`))).toMatchObject({
    facts: [],
    trouble: { malformed_line: 1 },
  })
})

test('a line longer than the room is read as any other', () => {
  const words = `"content":[{"type":"text","text":"${'word '.repeat(room.length / 5)}"}],"stop_reason":null`
  expect(inputs(answer(`${words},"usage":{"input_tokens":7,"output_tokens":2}}`))).toEqual([7])
  const tool = `{"type":"user","sessionId":"s","toolUseResult":"${'x'.repeat(room.length)}","usage":{"input_tokens":1}}`
  expect(read(tool)).toEqual({ facts: [], trouble: {} })
})

// Whatever one byte becomes: where the line is JSON still, what is counted is what JSON.parse says of it.
test('a line with any one byte changed counts as JSON.parse reads it', () => {
  const line = answer(
    '"model":"claude-x","content":[{"type":"text","text":"w"}],"stop_reason":"end_turn","usage":{"input_tokens":13,"cache_creation_input_tokens":120,"cache_read_input_tokens":4000,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":100},"output_tokens":77,"service_tier":"standard"}}',
  )
  const bytes = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:.-+eE0129 \\\n\rtfn')))
  fc.assert(
    fc.property(fc.nat({ max: line.length - 1 }), bytes, (at, byte) => {
      const changed = Buffer.from(line)
      changed[at] = byte
      if (changed.includes(10)) return
      const record = parsed(changed)
      if (record === null) return
      const isOurs = record.type === 'assistant' || record.type === undefined
      const told = isOurs ? answerOf(record) : null
      const [fact] = read(changed).facts
      expect(fact === undefined).toBe(told === null)
      if (fact === undefined) return
      expect([fact.key, fact.inputTokens, fact.outputTokens, fact.cacheReadTokens]).toEqual([
        told?.id ?? fact.key,
        told?.input,
        told?.output,
        told?.cacheRead,
      ])
    }),
    { numRuns: 3000 },
  )
})

const parsed = (line: Buffer) => {
  try {
    return objectOf(JSON.parse(line.toString('utf8')))
  } catch {
    return null
  }
}
