import { claudeCachedUsage } from '../accounts/index.ts'
import { CLAUDE_STATE_NEEDLES, readClaudeTail } from '../agent-evidence/index.ts'
import { objectOf, textOf } from '../transcripts/json-cut.ts'
import type { CompanionFacts, TranscriptSource } from '../transcripts/source.ts'
import { claudeParser } from './parse.ts'

const readAccount = (picked: Readonly<Record<string, unknown>>, machineId: string): CompanionFacts => {
  const accountKey = textOf(objectOf(picked.oauthAccount)?.accountUuid)
  return { accountKey, observations: claudeCachedUsage(picked, { machineId, accountKey }) }
}

/** Claude Code: `<home>/projects/<cwd>/<session>.jsonl` and `…/<session>/subagents/agent-<id>.jsonl`. */
export const claudeSource: TranscriptSource = {
  name: 'claude',
  version: '1.0.0',
  homes: ['.claude', '.config/claude'],
  homeVariables: ['CLAUDE_CONFIG_DIR'],
  trees: ['projects'],
  maxDepth: 6,
  accepts: (name) => name.endsWith('.jsonl'),
  mode: () => 'lines',
  parser: claudeParser,
  readTail: readClaudeTail,
  tailNeedles: CLAUDE_STATE_NEEDLES,
  remote: {
    names: ['*.jsonl'],
    // Besides usage the first lines up to one that names the folder: a session is known before its first answer.
    matters:
      'index($0, "_tokens\\"") || (start == 0 && !named && NR <= 41 && index($0, "\\"sessionId\\"") && ((named = (index($0, "\\"cwd\\"") > 0)) || 1))',
  },
  companion: {
    paths: ['.claude.json', '../.claude.json'],
    keys: ['cachedUsageUtilization', 'oauthAccount'],
    read: readAccount,
  },
}
