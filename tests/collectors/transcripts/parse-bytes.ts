import { LineBlocks } from '../../../src/collectors/transcripts/lines.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'
import type { TranscriptSource } from '../../../src/collectors/transcripts/source.ts'

/** Parses bytes as several ticks would: cut at `cuts`, whole lines only, state through JSON between ticks. */
export const parseBytes = (
  source: TranscriptSource,
  bytes: Buffer,
  cuts: readonly number[] = [],
  sink = new FactSink(),
  path = '/h/rollout-2026-11-20T21-51-59-01a1faf1-e5f8-7dd1-92ca-9193ce5a685e.jsonl',
) => {
  let state: unknown = null
  let session = null
  let offset = 0
  for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
    const file = { path, mtimeMs: Date.UTC(2026, 10, 20), fresh: offset === 0, machineId: 'atlas', account: null }
    const parser = source.parser(file, state, sink)
    const lines = new LineBlocks((block) => parser.feed(block), { buffer: Buffer.allocUnsafe(64) })
    lines.push(bytes.subarray(offset, Math.max(offset, cut)))
    offset += lines.consumed
    state = JSON.parse(JSON.stringify(parser.state() ?? null))
    session = parser.session()
  }
  return { sink, session, offset }
}

/** Tokens by key, sorted, without places: what must not depend on how the bytes arrived. */
export const totalsOf = (sink: FactSink) =>
  [...sink.facts()]
    .map((f) => [f.key, f.inputTokens, f.outputTokens, f.cacheReadTokens, f.cacheWrite5mTokens, f.cacheWrite1hTokens])
    .sort()
