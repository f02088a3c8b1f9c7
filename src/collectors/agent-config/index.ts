import { randomBytes } from 'node:crypto'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { displayText } from '../../core/text.ts'
import { instantOf, textCell, timeOf } from '../row-cells.ts'
import { type Entry, entriesOf } from './entries.ts'
import { parseSettings, type SettingsFile } from './parse.ts'
import { settingsScript } from './script.ts'

const MAX_PROJECTS = 64
const MAX_ENTRIES = 400
const RECENT_MS = 7 * 24 * 3_600_000

/** What agent CLIs are set to, and which MCP servers they know: names, harmless values, never what is in env or headers. */
export const agentConfig = defineCollector({
  name: 'agent_config',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['agent_config', 'agent_config_files'],
  interval: { localS: 600, remoteS: 600 },
  timeoutMs: 30_000,
  needs: [['claude', 'codex', 'gemini', 'opencode']],
  tested: { claude: '2.1.330', codex: '0.169.0', gemini: '0.61.0', opencode: '1.18.33' },
  reads: {
    files: [
      '/etc/claude-code/managed-settings.json',
      '/etc/claude-code/managed-mcp.json',
      '~/.claude/settings.json',
      '~/.claude/settings.local.json',
      '~/.claude.json (two keys)',
      'DIR/.claude/settings.json',
      'DIR/.mcp.json',
      '/etc/codex/config.toml',
      '~/.codex/config.toml',
      'DIR/.codex/config.toml',
      '/etc/gemini-cli/settings.json',
      '~/.gemini/settings.json',
      'DIR/.gemini/settings.json',
      '~/.config/opencode/opencode.json',
      'DIR/opencode.json',
    ],
  },
  about:
    'Settings, hooks, permissions and MCP servers of agent CLIs: names and harmless values; env and header values never leave the machine',
  async collect(ctx) {
    const args = await projectDirs(ctx)
    const script = settingsScript(randomBytes(8).toString('hex'))
    const answer = await ctx.run({ script, args, timeoutMs: 25_000, maxBytes: 4 * 1024 * 1024 })
    const parsed = parseSettings(answer.stdout)
    if (parsed.is === 'no_awk')
      return {
        batches: [],
        fault: 'tool_missing',
        detail: 'no awk on the machine: settings cannot be read without their values',
      }
    if (parsed.is !== 'files')
      return {
        batches: [],
        fault: answer.fault ?? 'bad_output',
        detail: answer.detail ?? 'no answer from the settings script',
      }
    if (!parsed.complete)
      return {
        batches: [],
        fault: answer.fault ?? 'truncated',
        detail: answer.detail ?? 'the list of settings was cut off',
      }
    return resultOf(ctx, parsed.files)
  },
})

/** Where agents work now or did within a week, and the tops of the checkouts there. */
const projectDirs = async (ctx: CollectContext): Promise<readonly string[]> => {
  const [processes, sessions, statuses] = await Promise.all(
    ['latest_agent_processes', 'agent_sessions', 'latest_repo_status_snapshots'].map((table) => ctx.known(table)),
  )
  const since = ctx.startedAt.getTime() - RECENT_MS
  const recent = (sessions ?? []).filter((row) => (timeOf(row.last_activity_at) ?? 0) >= since)
  const tops = (statuses ?? [])
    .filter((row) => row.source === 'git' && row.state === 'ok')
    .map((row) => textCell(row.path))
  const dirs = [...(processes ?? []), ...recent].map((row) => textCell(row.cwd))
  const all = [...new Set([...dirs, ...tops])].filter((dir) => dir?.startsWith('/') && !dir.includes('\0')) as string[]
  if (all.length > MAX_PROJECTS)
    ctx.warn(
      'agent_config_capped',
      `settings of ${MAX_PROJECTS} of ${all.length} project folders were read`,
      'end old sessions',
    )
  return all.slice(0, MAX_PROJECTS).sort()
}

const resultOf = (ctx: CollectContext, files: readonly SettingsFile[]): CollectResult => {
  const entries = files.map((file) => ({ file, rows: rowsOf(ctx, file) }))
  for (const file of files)
    if (file.state === 'broken')
      ctx.warn(
        'agent_config_broken',
        `${displayText(file.path)} is ${file.detail ?? 'broken'}`,
        `mend it; ${file.cli} may ignore all of it`,
      )
  return {
    batches: [
      { table: 'agent_config_files', rows: entries.map(({ file, rows }) => fileRow(file, rows.length)) },
      { table: 'agent_config', rows: entries.flatMap(({ rows }) => rows) },
    ],
  }
}

const rowsOf = (ctx: CollectContext, file: SettingsFile): readonly Entry[] => {
  const all = file.docs.flatMap((doc) => {
    const level = file.level === 'global' && doc.project !== '' ? 'local' : file.level
    return entriesOf(file.cli, doc).map((row) => ({ ...row, source_file: file.path, cli: file.cli, level }))
  })
  if (all.length > MAX_ENTRIES)
    ctx.warn(
      'agent_config_long',
      `${displayText(file.path)} has ${all.length} entries; ${MAX_ENTRIES} are kept`,
      'nothing to do',
    )
  return all.slice(0, MAX_ENTRIES)
}

const fileRow = (file: SettingsFile, entries: number) => ({
  source_file: file.path,
  cli: file.cli,
  level: file.level,
  project_path: file.project === '' ? null : file.project,
  state: file.state,
  detail: file.detail,
  bytes: file.bytes,
  modified_at: instantOf(file.modifiedS),
  entries: file.state === 'ok' ? entries : null,
  gone: false,
})
