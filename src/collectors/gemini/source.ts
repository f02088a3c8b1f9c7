import { GEMINI_STATE_NEEDLES, readGeminiTail } from '../agent-evidence/index.ts'
import type { TranscriptSource } from '../transcripts/source.ts'
import { geminiParser } from './parse.ts'

/**
 * Gemini CLI: `<home>/tmp/<project>/chats/session-*.jsonl` (before 2026 `.json`), sub-agents below `chats/<session>/`.
 * `<project>` is a slug or, in old versions, the SHA-256 of the path. `GEMINI_CLI_HOME` stands for the user's home.
 */
export const geminiSource: TranscriptSource = {
  name: 'gemini',
  version: '1.0.0',
  homes: ['.gemini'],
  homeVariables: ['GEMINI_CLI_HOME'],
  trees: ['tmp', '.gemini/tmp'],
  maxDepth: 3,
  // Beside the chats lie prompts (logs.json) and state files, above them credentials: never opened.
  accepts: (name) => /^session-.+\.jsonl?$/.test(name) || /^[0-9A-Za-z_-]{8,}\.jsonl$/.test(name),
  mode: (path) => (path.endsWith('.json') ? 'whole' : 'lines'),
  parser: geminiParser,
  readTail: readGeminiTail,
  tailNeedles: GEMINI_STATE_NEEDLES,
  remote: {
    names: ['session-*.json', 'session-*.jsonl', '????????*.jsonl'],
    keeps: [
      'id',
      'timestamp',
      'type',
      'model',
      'kind',
      'status',
      'sessionId',
      'projectHash',
      'startTime',
      'lastUpdated',
    ],
    whole: '*.json',
    matters: `index($0, "\\"tokens\\":{") || index($0, "\\"tokens\\": {") || index($0, "\\"startTime\\"") || $0 ~ /^[{]"id":"[^"]*","timestamp":"[^"]*","type":"error"/ || (length($0) < 200 && index($0, "\\"lastUpdated\\""))`,
  },
}
