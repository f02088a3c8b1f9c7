import { defineCollector } from '../../core/collector.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { parseRetention, retentionWarnings } from './parse.ts'
import { RETENTION_SCRIPT } from './script.ts'

/** How long the agent CLIs of a machine keep their own transcripts; what they delete, vc can no longer count. */
export const retention = defineCollector({
  name: 'retention',
  version: '1.0.0',
  schemaVersion: 1,
  tables: [],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 10_000,
  needs: [],
  tested: { claude: '2.1.330', gemini: '0.61.0' },
  reads: { files: ['~/.claude/settings.json (one key)', '~/.gemini/settings.json (one key)'] },
  about:
    'Transcript retention settings of Claude Code and Gemini CLI: one number each, nothing else of the settings file',
  async collect(ctx) {
    const answer = await ctx.run({ script: RETENTION_SCRIPT, timeoutMs: 5_000, maxBytes: 16_384 })
    if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
    const settings = parseRetention(decodeUtf8(answer.stdout))
    if (settings === null)
      return { batches: [], fault: 'bad_output', detail: 'no closing line from the retention script' }
    return { batches: [], warnings: retentionWarnings(ctx.machine.id, settings) }
  },
})
