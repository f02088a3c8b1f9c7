import { type Collector, defineCollector } from '../../core/collector.ts'
import { ownModule } from '../../core/own-files.ts'
import { collectTranscripts } from '../transcripts/collect.ts'
import { codexSource } from './source.ts'

const kind = { source: codexSource, job: ownModule('collectors/codex/scan-job') }

export const codex: Collector = defineCollector({
  name: 'codex',
  version: codexSource.version,
  schemaVersion: 1,
  tables: ['agent_usage', 'prices', 'agent_sessions', 'account_usage_snapshots', 'agent_sightings'],
  interval: { localS: 30, remoteS: 30 },
  timeoutMs: 28_000,
  needs: [],
  tested: { codex: '0.169.0' },
  reads: { files: ['~/.codex/sessions/**/rollout-*.jsonl', '~/.codex/archived_sessions/**'] },
  about: 'Codex rollouts: tokens and cost per response, threads, rate-limit windows of genuine responses',
  collect: (ctx) => collectTranscripts(ctx, kind),
})
