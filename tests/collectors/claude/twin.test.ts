import { expect, test } from 'vitest'
import { claudeParser } from '../../../src/collectors/claude/parse.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'

const UUID = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

interface Answer {
  readonly id?: string
  readonly output?: number
  readonly text?: string
  readonly error?: boolean
}

/** One line of an answer; two of one message differ in what its blocks say, the record's ids and its time. */
const line = (n: number, { id = 'msg_1', output = 7, text = 'word', error = false }: Answer = {}): string =>
  `{"parentUuid":"${UUID(n)}","isSidechain":false,"message":{"id":"${id}","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"${text}"}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":${output}}},"requestId":"req_1",${error ? '"isApiErrorMessage":true,"error":"overloaded",' : ''}"type":"assistant","uuid":"${UUID(n + 1)}","timestamp":"2026-01-0${(n % 8) + 1}T00:00:00.000Z","cwd":"/work","sessionId":"s","version":"2.1.0"}`

const read = (...lines: readonly string[]) => {
  const sink = new FactSink()
  const file = { path: '/x/s.jsonl', mtimeMs: 0, fresh: true, machineId: 'm', account: null }
  const parser = claudeParser(file, null, sink)
  parser.feed(Buffer.from(`${lines.join('\n')}\n`))
  const messages = [...sink.facts()].map((fact) => [fact.key, fact.outputTokens])
  return { messages, trouble: sink.troubles, session: parser.session() }
}

test('lines that repeat a message with other blocks count once, a fuller one and another message count', () => {
  const told = [line(1), line(2, { text: 'another block' }), line(3, { output: 9 }), line(4, { output: 9, text: 'x' })]
  expect(read(...told, line(5, { id: 'msg_2' }))).toMatchObject({
    messages: [
      ['msg_1', 9],
      ['msg_2', 7],
    ],
    trouble: {},
    session: { startedMs: Date.UTC(2026, 0, 2) },
  })
})

test('an error that comes again is an error each time', () => {
  const { session } = read(line(1, { error: true }), line(2, { error: true }), line(3, { error: true }))
  expect(session).toMatchObject({ lastError: 'overloaded', lastErrorMs: Date.UTC(2026, 0, 4) })
})

test('a line that only begins and ends like the answer before is judged by itself', () => {
  const sound = line(1)
  const broken = line(2).replace('"content":[', '"content":"')
  const quoted = line(3).replace(UUID(4), `${'0'.repeat(30)}","a":`)
  expect(read(sound, broken).trouble).toEqual({ malformed_line: 1 })
  expect(read(sound, quoted).trouble).toEqual({ malformed_line: 1 })
  expect(read(sound, broken, line(5)).messages).toEqual([['msg_1', 7]])
})
