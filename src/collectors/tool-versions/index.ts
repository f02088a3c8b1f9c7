import { randomBytes } from 'node:crypto'
import { type CollectResult, defineCollector } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { type DueTool, dueTools } from './due.ts'
import { parseVersions, type VersionAnswer } from './parse.ts'
import { VERSIONS_SCRIPT } from './script.ts'

/** Versions of the tools the probe found: asked once per change of a tool's file, and once a day. */
export const toolVersions = defineCollector({
  name: 'tool_versions',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['machine_tool_capabilities'],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 95_000,
  needs: [],
  afterProbe: true,
  reads: { commands: ['TOOL --version', 'TOOL version'] },
  about: 'Versions of agent CLIs and tools, asked once after each change of the program and once a day',
  async collect(ctx) {
    const due = dueTools(await ctx.known('machine_tool_capabilities'), ctx.startedAt)
    if (due.length === 0) return { batches: [] }
    const answer = await ctx.run({
      script: `# vc:ask tool_versions.ask\nN=${randomBytes(8).toString('hex')}\n${VERSIONS_SCRIPT}`,
      args: due.flatMap((tool) => [tool.by, tool.path]),
      timeoutMs: 90_000,
      maxBytes: 128 * 1024,
      slow: true,
    })
    const parsed = parseVersions(answer.stdout)
    if (parsed.is === 'no_begin')
      return answer.fault === null
        ? { batches: [], fault: 'bad_output', detail: 'no version list from the script' }
        : { batches: [], fault: answer.fault, detail: answer.detail }
    const rows = due.flatMap((tool, at) => rowOf(tool, parsed.answers.get(at + 1), ctx.startedAt))
    const result: CollectResult = { batches: rows.length > 0 ? [{ table: 'machine_tool_capabilities', rows }] : [] }
    const cut = answer.fault ?? (parsed.complete ? null : 'truncated')
    return cut === null ? result : { ...result, fault: cut, detail: answer.detail, partial: true }
  },
})

// Only what this lane knows: the columns it leaves out stay as the probe wrote them.
const rowOf = (tool: DueTool, answer: VersionAnswer | undefined, at: Date): readonly Row[] => {
  if (answer === undefined) return [] // not reached this time
  return [
    {
      tool_name: tool.name,
      version: answer.is === 'version' ? answer.version : null,
      version_error: answer.is === 'error' ? answer.error : null,
      version_checked_at: at,
    },
  ]
}
