import { expect, test } from 'vitest'
import { claudeSource } from '../../../src/collectors/claude/source.ts'
import { codexSource } from '../../../src/collectors/codex/source.ts'
import { geminiSource } from '../../../src/collectors/gemini/source.ts'
import { parseBytes, totalsOf } from './parse-bytes.ts'

const TS = '2026-11-20T10:00:00.000Z'
const USAGE = '"usage":{"input_tokens":3,"cache_read_input_tokens":0,"output_tokens":4}'
const COUNT =
  '{"input_tokens":3,"cached_input_tokens":0,"output_tokens":4,"reasoning_output_tokens":0,"total_tokens":7}'

const LINES = {
  claude: (id: string, text: string) =>
    `{"type":"assistant","message":{"id":"${id}","model":"m","content":[{"type":"text","text":"${text}"}],"stop_reason":null,${USAGE}},"uuid":"u${id}","timestamp":"${TS}","sessionId":"s"}\n`,
  codex: (id: string, text: string) =>
    `{"timestamp":"${TS}","ordinal":1,"type":"token_usage_record","payload":{"thread_id":"t","turn_id":"u","note":"${text}","response_id":"${id}","usage":${COUNT}}}\n`,
  gemini: (id: string, text: string) =>
    `{"id":"${id}","timestamp":"${TS}","type":"gemini","content":"${text}","tokens":{"input":3,"output":4,"cached":0,"thoughts":0,"tool":0,"total":7},"model":"m"}\n`,
}

test.each([
  ['claude', claudeSource],
  ['codex', codexSource],
  ['gemini', geminiSource],
] as const)(
  '%s: a line counts whose numbers are intact, whatever damage stands before or in its text',
  (name, source) => {
    const line = LINES[name]
    const text = [
      line('whole', 'a'),
      `\ufeff${line('joined', 'a')}`,
      `${'\0'.repeat(600)}${line('after-nuls', 'a')}`,
      line('nul-inside', 'a\0b'),
      line('bell-inside', 'a\u0007b').replace('\n', '\r\n'),
      line('cut', 'a').slice(0, -4),
      '\n',
    ].join('')
    const { sink } = parseBytes(source, Buffer.from(text))
    expect(totalsOf(sink)).toEqual(
      ['after-nuls', 'bell-inside', 'joined', 'nul-inside', 'whole'].map((id) => [id, 3, 4, 0, 0, 0]),
    )
    expect(sink.troubles).toEqual({ malformed_line: 1 })
  },
)
