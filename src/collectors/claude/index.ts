import { type Collector, defineCollector } from '../../core/collector.ts'
import { ownModule } from '../../core/own-files.ts'
import { collectTranscripts } from '../transcripts/collect.ts'
import { claudeSource } from './source.ts'

const kind = { source: claudeSource, job: ownModule('collectors/claude/scan-job') }

export const claude: Collector = defineCollector({
  name: 'claude',
  version: claudeSource.version,
  schemaVersion: 1,
  tables: [
    'agent_usage',
    'prices',
    'agent_sessions',
    'account_usage_snapshots',
    'accounts',
    'account_aliases',
    'agent_sightings',
  ],
  interval: { localS: 30, remoteS: 30 },
  timeoutMs: 28_000,
  needs: [],
  tested: { claude: '2.1.330' },
  reads: { files: ['~/.claude/projects/**/*.jsonl', '~/.claude.json (two keys)'] },
  about: 'Claude Code transcripts: tokens and cost per message, sessions, limits hit, account quota cache',
  collect: (ctx) => collectTranscripts(ctx, kind),
})
