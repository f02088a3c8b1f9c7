import { expect, test } from 'vitest'
import { claudeParser } from '../../../src/collectors/claude/parse.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'

const line = (id: string, usage: string, order: 'usual' | 'other'): string => {
  const message = `"id":"${id}","type":"message","role":"assistant","model":"claude-opus-4-8"`
  const tokens = `"usage":{"input_tokens":3,"output_tokens":7${usage}}`
  const body =
    order === 'usual'
      ? `{${message},"content":[{"type":"text","text":"x"}],"stop_reason":"end_turn",${tokens}}`
      : `{${tokens},${message},"content":"x"}`
  return `{"isSidechain":false,"message":${body},"type":"assistant","uuid":"u-${id}","timestamp":"2026-11-20T00:00:00.000Z","cwd":"/work","sessionId":"s","version":"2.1.0"}`
}

const modelsOf = (order: 'usual' | 'other'): Record<string, string | null> => {
  const sink = new FactSink()
  const file = { path: '/x/s.jsonl', mtimeMs: 0, fresh: true, machineId: 'm', account: null }
  const lines = [
    line('usual', ',"service_tier":"standard","speed":"standard"', order),
    line('old', '', order),
    line('fast', ',"service_tier":"standard","speed":"fast"', order),
    line('priority', ',"service_tier":"priority","speed":"standard"', order),
    line('american', ',"service_tier":"standard","speed":"standard","inference_geo":"us"', order),
    line('anywhere', ',"service_tier":"standard","speed":"standard","inference_geo":"global"', order),
    line('dear', ',"service_tier":"standard","speed":"fast","inference_geo":"us"', order),
    line('strange', ',"service_tier":null,"speed":"not_said"', order),
  ]
  claudeParser(file, null, sink).feed(Buffer.from(`${lines.join('\n')}\n`))
  return Object.fromEntries([...sink.facts()].map((fact) => [fact.key, fact.model]))
}

test.each(['usual', 'other'] as const)(
  'what was not served as usual is another model to price, keys in %s order',
  (order) => {
    expect(modelsOf(order)).toEqual({
      usual: 'claude-opus-4-8',
      old: 'claude-opus-4-8',
      fast: 'claude-opus-4-8[fast]',
      priority: 'claude-opus-4-8[priority]',
      american: 'claude-opus-4-8[us]',
      anywhere: 'claude-opus-4-8',
      dear: 'claude-opus-4-8[fast]',
      strange: 'claude-opus-4-8',
    })
  },
)
