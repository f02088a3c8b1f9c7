import { CODEX_STATE_NEEDLES, readCodexTail } from '../agent-evidence/index.ts'
import type { TranscriptSource } from '../transcripts/source.ts'
import { codexParser } from './parse.ts'

/** Codex CLI: `<home>/sessions/YYYY/MM/DD/rollout-<local time>-<thread>.jsonl`, older ones compressed or archived. */
export const codexSource: TranscriptSource = {
  name: 'codex',
  version: '1.0.0',
  homes: ['.codex'],
  homeVariables: ['CODEX_HOME'],
  trees: ['sessions', 'archived_sessions'],
  maxDepth: 6,
  accepts: (name) => name.startsWith('rollout-') && (name.endsWith('.jsonl') || name.endsWith('.jsonl.zst')),
  mode: () => 'lines',
  parser: codexParser,
  readTail: readCodexTail,
  tailNeedles: CODEX_STATE_NEEDLES,
  remote: {
    names: ['rollout-*.jsonl', 'rollout-*.jsonl.zst'],
    matters:
      'index($0, "\\"token_usage_record\\"") || index($0, "\\"token_count\\"") || index($0, "\\"turn_context\\"") || index($0, "\\"session_meta\\"") || index($0, "\\"task_started\\"") || index($0, "\\"task_complete\\"")',
  },
}
